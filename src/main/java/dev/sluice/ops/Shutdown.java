package dev.sluice.ops;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops what was started, last first, each step for a bounded time and all within a deadline. A step that fails or is
 * late is logged and does not keep the others from stopping.
 */
public final class Shutdown {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    /** One part that can be stopped. */
    @FunctionalInterface
    public interface Stop {
        /** Begins to stop; may block only where no event loop is left to ask. */
        Future<?> stop() throws Exception;
    }

    private record Step(String name, Stop stop) {}

    private final Deque<Step> steps = new ConcurrentLinkedDeque<>();
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Duration deadline;

    /**
     * @param deadline for everything; one step may take half of it
     */
    public Shutdown(Duration deadline) {
        this.deadline = deadline;
    }

    /** Registers the stop of what was just started. */
    public void started(String name, Stop stop) {
        steps.push(new Step(name, stop));
    }

    /** Makes the end of the process, by signal too, stop everything first and wait for it. */
    public void beforeExit() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "sluice-stop"));
    }

    /** Stops everything and returns when it is done; blocks. Called again it waits for the first call. */
    public void stop() {
        if (begun.compareAndSet(false, true)) {
            long end = System.nanoTime() + deadline.toNanos();
            try {
                while (!steps.isEmpty()) {
                    run(steps.pop(), Math.min(end - System.nanoTime(), deadline.toNanos() / 2));
                }
            } finally {
                log.info("stopped");
                stopped.countDown();
            }
        } else {
            awaitStopped();
        }
    }

    /** Waits until everything has been stopped; blocks. */
    public void awaitStopped() {
        try {
            stopped.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void run(Step step, long nanos) {
        try {
            // A step whose time is used up is begun all the same: most need none.
            step.stop().stop().toCompletionStage().toCompletableFuture().get(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
            log.debug("stop.done step={}", step.name());
        } catch (TimeoutException late) {
            log.warn("stop.late step={}", step.name());
        } catch (ExecutionException failed) {
            log.warn("stop.failed step={}", step.name(), failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (Exception failed) {
            log.warn("stop.failed step={}", step.name(), failed);
        }
    }
}
