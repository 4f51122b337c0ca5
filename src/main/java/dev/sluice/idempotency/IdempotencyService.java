package dev.sluice.idempotency;

import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;

/** Runs a mutation once for each request key. */
public final class IdempotencyService {
    /** How long a reply is kept: as long as our webhooks are retried, so that a client may recover over a weekend. */
    private static final Duration KEPT = Duration.ofHours(72);
    /** Rows of one pruning statement: some milliseconds, so that it never holds a connection for long. */
    private static final int PRUNE_MAX = 5_000;

    private final Db db;
    private final IdempotencyRepository keys;
    private final Clock clock;

    public IdempotencyService(Db db, Clock clock) {
        this.db = db;
        this.keys = new IdempotencyRepository(db);
        this.clock = clock;
    }

    /**
     * Runs {@code work} and keeps its reply, both in one transaction, or gives the reply that was kept. A failed
     * transaction keeps nothing: the same request may succeed later. Fails with {@code Conflict} while another request
     * with the key runs and with {@code Mismatch} where the key was used for another request.
     */
    public Future<KeptReply> once(RequestKey key, Function<SqlConnection, Future<KeptReply>> work) {
        return db.tx(tx -> {
            // Two statements, pipelined: the second one's snapshot is taken once the lock is held.
            Future<Boolean> lock = keys.lock(tx, key);
            Future<Optional<IdempotencyRepository.Kept>> find = keys.find(tx, key);
            return Future.all(lock, find)
                    .compose(done -> lock.result()
                            ? find.result().map(kept -> replay(key, kept)).orElseGet(() -> run(tx, key, work))
                            : Future.failedFuture(inProgress()));
        });
    }

    /** The reply that was kept for a request, if there is one; fails with {@code Mismatch} as {@link #once} does. */
    public Future<Optional<KeptReply>> kept(RequestKey key) {
        return keys.find(key)
                .compose(found -> found.isEmpty()
                        ? Future.succeededFuture(Optional.<KeptReply>empty())
                        : replay(key, found.get()).map(Optional::of));
    }

    /** Forgets replies older than 72 hours, a bounded number at a time; how many. Call again while it is not zero. */
    public Future<Integer> prune() {
        return keys.prune(clock.now().minus(KEPT), PRUNE_MAX);
    }

    private Future<KeptReply> run(SqlConnection tx, RequestKey key, Function<SqlConnection, Future<KeptReply>> work) {
        Instant now = clock.now();
        return work.apply(tx).compose(reply -> keys.keep(tx, key, reply, now).map(kept -> reply));
    }

    private static Future<KeptReply> replay(RequestKey key, IdempotencyRepository.Kept kept) {
        return kept.requestHash().equals(key.requestHash())
                ? Future.succeededFuture(kept.reply())
                : Future.failedFuture(mismatch());
    }

    private static FailureException inProgress() {
        return new Failure.Conflict("idempotency-in-progress", "A request with this Idempotency-Key is in progress")
                .exception();
    }

    private static FailureException mismatch() {
        return new Failure.Mismatch("idempotency-key-mismatch", "This Idempotency-Key was used for another request")
                .exception();
    }
}
