package dev.sluice.bench;

import io.vertx.core.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits on the main thread, which is no event loop. */
final class Await {
    private static final long MINUTES_MAX = 5;

    private Await() {}

    static <T> T of(Future<T> future) {
        try {
            return future.await(MINUTES_MAX, TimeUnit.MINUTES);
        } catch (TimeoutException late) {
            throw new IllegalStateException("a measurement did not end", late);
        }
    }
}
