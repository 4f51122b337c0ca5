package dev.sluice.rate;

import dev.sluice.kernel.Check;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * What a market pays and what it asks, and the arithmetic of such intervals: each result holds every value that the
 * operands admit, so that the bid of a result is never better than the market's. 34 significant digits.
 *
 * @param bid never above {@code ask}
 */
public record BidAsk(BigDecimal bid, BigDecimal ask) {
    private static final MathContext PRECISION = MathContext.DECIMAL128;
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    public BidAsk {
        Check.require(bid.compareTo(ask) <= 0, "bid above ask");
    }

    /** One price for both sides. */
    public static BidAsk of(BigDecimal price) {
        return new BidAsk(price, price);
    }

    BidAsk plus(BidAsk other) {
        return new BidAsk(bid.add(other.bid, PRECISION), ask.add(other.ask, PRECISION));
    }

    BidAsk negated() {
        return new BidAsk(ask.negate(), bid.negate());
    }

    BidAsk times(BidAsk other) {
        BigDecimal a = bid.multiply(other.bid, PRECISION);
        BigDecimal b = bid.multiply(other.ask, PRECISION);
        BigDecimal c = ask.multiply(other.bid, PRECISION);
        BigDecimal d = ask.multiply(other.ask, PRECISION);
        return new BidAsk(a.min(b).min(c.min(d)), a.max(b).max(c.max(d)));
    }

    /** One divided by this: bid and ask change places. Must not include zero. */
    BidAsk inverse() {
        Check.require(!includesZero(), "division by zero");
        return new BidAsk(BigDecimal.ONE.divide(ask, PRECISION), BigDecimal.ONE.divide(bid, PRECISION));
    }

    /** This shifted by a power of ten, exactly. */
    BidAsk scaled(int powerOfTen) {
        return new BidAsk(bid.scaleByPowerOfTen(powerOfTen), ask.scaleByPowerOfTen(powerOfTen));
    }

    /** Widens both sides by a share: the bid falls by it, the ask rises by it. */
    BidAsk spread(BigDecimal percent) {
        BigDecimal share = percent.divide(HUNDRED, PRECISION);
        return new BidAsk(
                bid.multiply(BigDecimal.ONE.subtract(share), PRECISION),
                ask.multiply(BigDecimal.ONE.add(share), PRECISION));
    }

    BigDecimal mid() {
        return bid.add(ask).divide(BigDecimal.TWO, PRECISION);
    }

    boolean includesZero() {
        return bid.signum() <= 0 && ask.signum() >= 0;
    }

    /** Whether the middle is further than {@code share} (0.1 is 10 %) of {@code reference}'s middle away from it. */
    boolean deviates(BidAsk reference, BigDecimal share) {
        BigDecimal far = mid().subtract(reference.mid()).abs();
        return far.compareTo(reference.mid().multiply(share, PRECISION)) > 0;
    }

    /** The bid as it is stored and shown: 16 significant digits, rounded down. */
    BigDecimal price() {
        return bid.round(new MathContext(16, RoundingMode.DOWN)).stripTrailingZeros();
    }
}
