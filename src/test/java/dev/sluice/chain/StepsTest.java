package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StepsTest {
    private static final int MANY = 50_000;
    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() {
        await(VERTX.close());
    }

    private static Future<Boolean> later(boolean more) {
        Promise<Boolean> promise = Promise.promise();
        VERTX.runOnContext(go -> promise.complete(more));
        return promise.future();
    }

    /** @param waits of this many steps one has to wait */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, MANY})
    void manyStepsEnd(int waits) {
        AtomicInteger taken = new AtomicInteger();
        await(Steps.whileMore(() -> {
            int step = taken.incrementAndGet();
            boolean more = step < MANY;
            return step % waits == 0 ? later(more) : Future.succeededFuture(more);
        }));
        assertThat(taken).hasValue(MANY);
    }

    @Test
    void stepThatFailsOrThrowsIsTheLast() {
        AtomicInteger taken = new AtomicInteger();
        assertThat(failure(Steps.whileMore(() -> taken.incrementAndGet() < 3
                        ? later(true)
                        : Future.failedFuture(new IllegalArgumentException("a stone")))))
                .hasMessage("a stone");
        assertThat(failure(Steps.whileMore(() -> {
                    if (taken.incrementAndGet() < 6) {
                        return later(true);
                    }
                    throw new IllegalStateException("a hole");
                })))
                .hasMessage("a hole");
        assertThat(taken).hasValue(6);
    }
}
