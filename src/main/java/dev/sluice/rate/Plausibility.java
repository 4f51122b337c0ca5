package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import java.math.BigDecimal;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The bounds that a reading must pass before anybody pays by it. */
final class Plausibility {
    /** What becomes of a reading. */
    enum Verdict {
        /** It replaces the last good one. */
        GOOD,
        /** No price at all: zero, negative, beyond 10^18, inverted, or with bid and ask far apart. */
        ABSURD,
        /** Far from what the majority of the other sources say now. */
        OUTLIER,
        /** Far from the last good one, and nobody else says so yet. */
        JUMP
    }

    /** Bitcoin moves by less in a day but for a handful of days in its history. */
    static final BigDecimal JUMP = new BigDecimal("0.20");
    /** Two readings that are so near tell of the same price. */
    static final BigDecimal AGREEMENT = new BigDecimal("0.05");
    /** A market whose ask exceeds its bid by more has no price. */
    private static final BigDecimal WIDEST = new BigDecimal("1.25");

    private static final BigDecimal MAX = new BigDecimal("1e18");
    private static final BigDecimal MIN = new BigDecimal("1e-18");
    /** No unit of money costs over fifty dollars (Chile's UF): a bitcoin for less than 100 of any is inverted. */
    private static final BigDecimal BITCOIN_MIN = BigDecimal.valueOf(100);

    private Plausibility() {}

    /**
     * Judges a reading.
     *
     * @param lastGood the source's own last good reading where it is not too old to compare with
     * @param others what other sources say now
     */
    static Verdict judge(CurrencyPair pair, BidAsk reading, @Nullable BidAsk lastGood, List<BidAsk> others) {
        if (isAbsurd(pair, reading)) {
            return Verdict.ABSURD;
        }
        if (others.size() >= 2 && reading.deviates(Median.middle(with(others, reading)), Median.OUTLIER)) {
            return Verdict.OUTLIER;
        }
        boolean jumped = lastGood != null && reading.deviates(lastGood, JUMP);
        boolean shared = others.stream().anyMatch(other -> !reading.deviates(other, AGREEMENT));
        return jumped && !shared ? Verdict.JUMP : Verdict.GOOD;
    }

    private static List<BidAsk> with(List<BidAsk> others, BidAsk reading) {
        return Stream.concat(others.stream(), Stream.of(reading)).toList();
    }

    private static boolean isAbsurd(CurrencyPair pair, BidAsk reading) {
        boolean outside = reading.bid().compareTo(MIN) < 0 || reading.ask().compareTo(MAX) > 0;
        return outside
                || reading.ask().compareTo(reading.bid().multiply(WIDEST)) > 0
                || (pair.base().equals(Currency.BTC)
                        && !pair.quote().isBitcoin()
                        && reading.bid().compareTo(BITCOIN_MIN) < 0);
    }
}
