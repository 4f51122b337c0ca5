package dev.sluice.it;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Looks again and again until something holds, up to a deadline that only a broken gateway reaches. */
final class Eventually {
    /** Two processes start, one dies and a turn of 10 s ends, all on a busy machine. */
    private static final Duration DEADLINE = Duration.ofSeconds(120);

    private static final Duration LOOK = Duration.ofMillis(50);

    private Eventually() {}

    /** The first value that is as wanted; fails with the last one seen. */
    static <T> T get(String what, Supplier<T> look, Predicate<T> wanted) {
        long until = System.nanoTime() + DEADLINE.toNanos();
        T seen = look.get();
        while (!wanted.test(seen)) {
            if (System.nanoTime() > until) {
                throw new AssertionError(what + ": not within " + DEADLINE + "; last seen: " + seen);
            }
            LockSupport.parkNanos(LOOK.toNanos());
            seen = look.get();
        }
        return seen;
    }

    /** Waits for an answer of the kind; fails with the last one. */
    static <T> void equal(String what, T wanted, Supplier<T> look) {
        get(what + " is " + wanted, look, wanted::equals);
    }

    static void that(String what, BooleanSupplier look) {
        get(what, look::getAsBoolean, holds -> holds);
    }
}
