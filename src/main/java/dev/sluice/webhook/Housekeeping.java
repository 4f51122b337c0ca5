package dev.sluice.webhook;

import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the deliveries' table in bounds, a small batch at a time. */
final class Housekeeping {
    private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);

    /** Bodies are kept this long, as BTCPay keeps them. */
    static final Duration FACTS_KEPT = Duration.ofDays(60);
    /** Longer than the longest wait of the schedule: what is due still has nobody who could take it. */
    static final Duration DUE_MAX = Duration.ofDays(4);
    /** A deleted endpoint outlives whatever found it before it was deleted. */
    static final Duration DELETED_KEPT = Duration.ofDays(1);
    /** Rows a batch: short locks, little to undo. */
    private static final int BATCH = 500;
    /** Batches a run: the rest waits ten minutes. */
    private static final int BATCHES_MAX = 200;

    private final HousekeepingRepository repository;
    private final Clock clock;

    Housekeeping(Db db, Clock clock) {
        this.repository = new HousekeepingRepository(db, BATCH);
        this.clock = clock;
    }

    /** Gives up what is overdue, prunes old bodies, removes what deleted endpoints left. */
    Future<Void> run() {
        Instant now = clock.now();
        return all(() -> repository.giveUp(now.minus(DUE_MAX)), BATCHES_MAX)
                .compose(done -> all(() -> repository.prune(now.minus(FACTS_KEPT)), BATCHES_MAX))
                .compose(done -> all(repository::purge, BATCHES_MAX))
                .compose(done -> all(() -> repository.forget(now.minus(DELETED_KEPT)), BATCHES_MAX))
                .onFailure(failure -> log.warn("webhook.housekeeping.failed cause={}", failure.toString()));
    }

    private Future<Void> all(java.util.function.Supplier<Future<Integer>> batch, int left) {
        return batch.get()
                .compose(rows -> rows == BATCH && left > 1 ? all(batch, left - 1) : Future.<Void>succeededFuture());
    }
}
