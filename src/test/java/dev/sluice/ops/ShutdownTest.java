package dev.sluice.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ShutdownTest {
    private final List<String> stopped = new CopyOnWriteArrayList<>();

    private Future<Void> note(String step) {
        stopped.add(step);
        return Future.succeededFuture();
    }

    @Test
    void stepsStopInReverseOrderAndOnce() {
        Shutdown shutdown = new Shutdown(Duration.ofSeconds(20));
        for (String step : List.of("database", "vertx", "http")) {
            shutdown.started(step, () -> note(step));
        }
        shutdown.stop();
        shutdown.stop();
        assertThat(stopped).containsExactly("http", "vertx", "database");
    }

    @Test
    void nextStepWaitsForTheOneBefore() throws InterruptedException {
        Shutdown shutdown = new Shutdown(Duration.ofSeconds(60));
        Promise<Void> drained = Promise.promise();
        Promise<Void> asked = Promise.promise();
        shutdown.started("after", () -> note("after"));
        shutdown.started("draining", () -> {
            asked.complete();
            return drained.future();
        });
        Thread stopping = new Thread(shutdown::stop);
        stopping.start();
        asked.future().await();
        assertThat(stopped).isEmpty();
        drained.complete();
        shutdown.awaitStopped();
        stopping.join();
        assertThat(stopped).containsExactly("after");
    }

    @Test
    void failingThrowingAndHangingStepsDoNotKeepOthersFromStopping() {
        Shutdown shutdown = new Shutdown(Duration.ofMillis(200));
        shutdown.started("last", () -> note("last"));
        shutdown.started("hangs", () -> Promise.promise().future());
        shutdown.started("fails", () -> Future.failedFuture("no"));
        shutdown.started("throws", () -> {
            throw new IllegalStateException("no");
        });
        shutdown.stop();
        assertThat(stopped).containsExactly("last");
    }

    @Test
    void stepsAfterTheDeadlineAreStillBegun() {
        Shutdown shutdown = new Shutdown(Duration.ofMillis(2));
        shutdown.started("last", () -> note("last"));
        for (int i = 0; i < 4; i++) {
            shutdown.started("hangs", () -> Promise.promise().future());
        }
        shutdown.stop();
        assertThat(stopped).containsExactly("last");
    }
}
