package dev.sluice.kernel;

import java.time.Instant;

/** The only source of time; tests and simulations supply their own. */
@FunctionalInterface
public interface Clock {
    /** The current time. */
    Instant now();

    /** The machine's clock. */
    static Clock system() {
        return Instant::now;
    }
}
