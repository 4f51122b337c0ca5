package dev.sluice.invoice;

import dev.sluice.bus.Bus;
import dev.sluice.eventlog.EventLog;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what happens to invoices by themselves, one step at a time: prompts that nodes must hear of, expiry, the end of
 * monitoring. A hint makes it look at once; a period makes sure.
 */
final class InvoiceVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(InvoiceVerticle.class);

    private static final long HINT_MS = 200;

    private final Bus bus;
    private final long periodMs;
    private final Chore prompts;
    private final Chore clock;
    private boolean scheduled;

    InvoiceVerticle(Bus bus, PromptKeeper keeper, InvoiceClockwork clockwork, long periodMs) {
        this.bus = bus;
        this.periodMs = periodMs;
        this.prompts = new Chore("prompts", keeper::round);
        this.clock = new Chore("clock", clockwork::look);
    }

    @Override
    public Future<?> start() {
        bus.hear(EventLog.WRITTEN, hint -> soon());
        vertx.setPeriodic(periodMs, tick -> {
            prompts.run();
            clock.run();
        });
        return Future.succeededFuture();
    }

    /** Looks once for all hints of a moment. */
    private void soon() {
        if (!scheduled) {
            scheduled = true;
            vertx.setTimer(HINT_MS, tick -> {
                scheduled = false;
                prompts.run();
            });
        }
    }

    /** Work that never overlaps itself; a request during a run makes it run once more. */
    private static final class Chore {
        private final String name;
        private final Supplier<Future<Integer>> work;
        private boolean running;
        private boolean again;

        Chore(String name, Supplier<Future<Integer>> work) {
            this.name = name;
            this.work = work;
        }

        void run() {
            if (running) {
                again = true;
                return;
            }
            running = true;
            work.get().onComplete(done -> {
                running = false;
                if (done.failed()) {
                    log.warn("invoice.chore-failed chore={} cause={}", name, String.valueOf(done.cause()));
                }
                if (again) {
                    again = false;
                    run();
                }
            });
        }
    }
}
