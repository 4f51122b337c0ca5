package dev.sluice.rate;

import dev.sluice.kernel.Check;
import java.time.Duration;

/**
 * How old a reading may be.
 *
 * @param fresh up to this age a reading is as good as new (or up to twice its source's period, where that is longer)
 * @param lastGood up to this age it still serves where no fresh one exists; not shorter than {@code fresh}
 */
public record RateLimits(Duration fresh, Duration lastGood) {
    /** Five minutes fresh; half an hour bridges the outage of a source. */
    public static final RateLimits STANDARD = new RateLimits(Duration.ofMinutes(5), Duration.ofMinutes(30));

    public RateLimits {
        Check.require(fresh.isPositive(), "fresh limit must be positive");
        Check.require(lastGood.compareTo(fresh) >= 0, "last-good limit is shorter than the fresh limit");
    }

    Duration fresh(RateSource source) {
        return longer(fresh, source.period().multipliedBy(2));
    }

    Duration lastGood(RateSource source) {
        return longer(lastGood, fresh(source));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) >= 0 ? a : b;
    }
}
