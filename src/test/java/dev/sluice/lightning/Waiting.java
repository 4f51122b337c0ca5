package dev.sluice.lightning;

import dev.sluice.db.TestDatabase;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;

/** Waits for what happens on other threads, looking again every few milliseconds. */
final class Waiting {
    private Waiting() {}

    static void until(Vertx vertx, BooleanSupplier condition) {
        Promise<Void> met = Promise.promise();
        long timer = vertx.setPeriodic(5, tick -> {
            if (condition.getAsBoolean()) {
                met.tryComplete();
            }
        });
        try {
            TestDatabase.await(met.future());
        } finally {
            vertx.cancelTimer(timer);
        }
    }
}
