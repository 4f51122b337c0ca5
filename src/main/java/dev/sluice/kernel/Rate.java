package dev.sluice.kernel;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * The price of one bitcoin in a currency, greater than zero.
 *
 * @param perBtc units (not smallest units) of {@code currency} for one bitcoin
 */
public record Rate(Currency currency, BigDecimal perBtc) {
    private static final BigDecimal MAX = new BigDecimal("1e18");
    private static final BigDecimal MIN = new BigDecimal("1e-9");

    public Rate {
        Check.require(perBtc.signum() > 0, "rate must be positive");
        Check.require(perBtc.compareTo(MAX) <= 0 && perBtc.compareTo(MIN) >= 0, "absurd rate");
    }

    /** The rate that is a definition: 1 for BTC, 100 million for SATS. */
    public static Rate bitcoin(Currency currency) {
        Check.require(currency.isBitcoin(), "not a unit of bitcoin");
        return new Rate(currency, currency.equals(Currency.SATS) ? new BigDecimal("100000000") : BigDecimal.ONE);
    }

    /**
     * What must be paid for {@code price}: exact quotient rounded up to the next millisatoshi. Fails with {@code
     * Invalid} for the field {@code Amount} where that is more bitcoin than there will ever be.
     */
    public Msat toMsat(Money price) {
        Check.require(price.currency().equals(currency), "rate is for another currency");
        BigDecimal msat =
                price.decimal().multiply(BigDecimal.valueOf(Msat.PER_BTC)).divide(perBtc, 0, RoundingMode.CEILING);
        if (msat.compareTo(BigDecimal.valueOf(Msat.MAX)) > 0) {
            throw Msat.tooMuch();
        }
        return new Msat(msat.longValueExact());
    }

    /** What {@code amount} is worth, at most {@link Money#MAX_MINOR}: nothing received is refused for its price. */
    public Money worth(Msat amount) {
        BigDecimal most = BigDecimal.valueOf(Money.MAX_MINOR, currency.exponent());
        return Money.of(currency, toCurrency(amount).min(most));
    }

    /** What {@code amount} is worth in the currency, unrounded to 18 digits. */
    public BigDecimal toCurrency(Msat amount) {
        return perBtc.multiply(BigDecimal.valueOf(amount.value()))
                .divide(BigDecimal.valueOf(Msat.PER_BTC), MathContext.DECIMAL64);
    }
}
