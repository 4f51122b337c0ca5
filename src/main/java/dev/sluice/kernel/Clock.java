package dev.sluice.kernel;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The only source of time; tests and simulations supply their own. */
@FunctionalInterface
public interface Clock {
    /** The current time, to the microsecond: what is written is then equal to what the database gives back. */
    Instant now();

    /** The machine's clock. */
    static Clock system() {
        return () -> Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
