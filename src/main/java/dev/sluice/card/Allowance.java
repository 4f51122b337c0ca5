package dev.sluice.card;

import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Rate;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a wallet is told of a card's terms, in bitcoin. Both bounds are searched for with the sums by which {@link
 * ChargeRules} judges a payment, so that what is told is what is held: at the same rate the most that is told passes,
 * and nothing below {@link #first} asks for the PIN.
 *
 * @param rate of the programme's currency; empty where that is bitcoin
 */
record Allowance(Programme programme, Optional<Rate> rate) {
    /** What is told where no limit is set: the balance is nobody's business. */
    static final Msat UNLIMITED = Msat.ofSat(10_000_000);

    /** What routing may cost: one per cent, and ten satoshi where that is more (LND's own default is 5 %). */
    private static final long RESERVE_MIN_MSAT = 10 * Msat.PER_SAT;

    private static final long RESERVE_SHARE = 100;

    /** What is reserved for routing an amount, in msat. */
    static long reserve(long amountMsat) {
        return Math.max(RESERVE_MIN_MSAT, Math.ceilDiv(amountMsat, RESERVE_SHARE));
    }

    /**
     * The most that passes these limits where nothing was spent, in whole satoshi; 0 where nothing does.
     *
     * @param outside whether it may leave over Lightning, for which a reserve counts towards days and longer
     */
    Msat most(Limits limits, boolean outside) {
        Long period = new Limits(null, limits.day(), limits.week(), limits.month()).least();
        if (limits.tap() == null && period == null) {
            return UNLIMITED;
        }
        return Msat.ofSat(last(Msat.MAX / Msat.PER_SAT, sat -> {
            long msat = sat * Msat.PER_SAT;
            return fits(msat, limits.tap()) && fits(outside ? msat + reserve(msat) : msat, period);
        }));
    }

    /** The least that asks for the PIN. */
    Msat first(long pinFrom) {
        return units(0) >= pinFrom ? Msat.ZERO : new Msat(last(Msat.MAX - 1, msat -> units(msat) < pinFrom) + 1);
    }

    private boolean fits(long msat, @Nullable Long limit) {
        return limit == null || programme.money().counted(units(msat)) <= limit;
    }

    /** A payment in the card's units, rounded up, its exchange included; more than any price is as good as the most. */
    private long units(long msat) {
        if (rate.isEmpty()) {
            return msat;
        }
        BigDecimal worth = Quotes.minor(rate.get(), msat, RoundingMode.UP);
        long fair = worth.min(BigDecimal.valueOf(Money.MAX_MINOR)).longValueExact();
        return fair + Quotes.share(fair, programme.spreadPpm());
    }

    /** The last number up to {@code most} that passes; it passes up to some number and from there on never. */
    private static long last(long most, LongPredicate passes) {
        long low = 0;
        long high = most;
        while (low < high) {
            long middle = low + (high - low + 1) / 2;
            if (passes.test(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}
