package dev.sluice.db;

import dev.sluice.kernel.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A turn at something only one process may do. It renews itself every third of its term. It is lost when another took
 * it, or when it could not be renewed for a whole term; the holder then stops. What a holder that does not know yet
 * still tries to write, {@link #check} refuses by the token.
 */
public final class Lease implements Fence {
    private static final Logger log = LoggerFactory.getLogger(Lease.class);

    private static final String TAKE_FIRST = """
            insert into lease (name, holder, token, expires_at)
            values ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
            on conflict (name) do nothing returning token
            """;
    private static final String TAKE_OVER = """
            update lease
            set holder = $2, token = token + 1, expires_at = clock_timestamp() + $3 * interval '1 millisecond'
            where name = $1 returning token
            """;
    private static final String RENEW = """
            update lease set expires_at = clock_timestamp() + $4 * interval '1 millisecond'
            where name = $1 and holder = $2 and token = $3 and expires_at > clock_timestamp()
            """;
    private static final String RELEASE =
            "update lease set expires_at = '-infinity' where name = $1 and holder = $2 and token = $3";
    /** A take-over waits for the commits of the holder before it; the holder's own renewal must not. */
    private static final String CHECK =
            "select token from lease where name = $1 and holder = $2 and token = $3 for key share";
    /** The one lock that {@code for key share} holds off; only who has it takes over. */
    private static final String LOCK =
            "select token from lease where name = $1 and expires_at <= clock_timestamp() for update";

    private final Vertx vertx;
    private final Context context;
    private final Db db;
    private final String name;
    private final String holder;
    private final long termMs;
    private final Runnable onLost;
    private long token;
    private long renewTimer;
    private long expiryTimer;
    private volatile boolean held;

    Lease(Vertx vertx, Db db, String name, String holder, Duration term, Runnable onLost) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.db = db;
        this.name = name;
        this.holder = holder;
        this.termMs = term.toMillis();
        this.onLost = onLost;
    }

    /** Whether the turn was free and is now ours. Asked once. */
    Future<Boolean> take() {
        Promise<Boolean> taken = Promise.promise();
        context.runOnContext(go -> {
            expiryTimer = vertx.setTimer(termMs, late -> lose("not renewed for a term"));
            db.tx(tx -> Db.run(tx, LOCK, Tuple.of(name))
                            .compose(over -> Db.run(
                                    tx, over.size() == 0 ? TAKE_FIRST : TAKE_OVER, Tuple.of(name, holder, termMs))))
                    .onComplete(answer -> context.runOnContext(back -> {
                        if (answer.failed()) {
                            vertx.cancelTimer(expiryTimer);
                            taken.fail(answer.cause());
                        } else {
                            taken.complete(answered(answer.result()));
                        }
                    }));
        });
        return taken.future();
    }

    /** An answer that took more than the term finds the timer gone and the turn perhaps another's. */
    private boolean answered(RowSet<Row> rows) {
        boolean inTime = vertx.cancelTimer(expiryTimer);
        if (!inTime || rows.size() == 0) {
            return false;
        }
        token = rows.iterator().next().getLong("token");
        held = true;
        expiryTimer = vertx.setTimer(termMs, late -> lose("not renewed for a term"));
        renewTimer = vertx.setPeriodic(Math.max(1, termMs / 3), tick -> renew());
        renew();
        log.info("lease.taken name={} token={}", name, token);
        return true;
    }

    public String name() {
        return name;
    }

    /** Grows each time the lease changes hands. */
    public long token() {
        return token;
    }

    /** Whether, as far as this process knows, the turn is still its own. */
    public boolean held() {
        return held;
    }

    @Override
    public Future<Void> check(SqlConnection tx) {
        return Db.run(tx, CHECK, identity())
                .compose(rows -> rows.size() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(
                                new Failure.Conflict("lease-lost", "Another process took over " + name).exception()));
    }

    /** Gives the turn back so that another need not wait for its end; {@code onLost} is not called. */
    public Future<Void> release() {
        held = false;
        context.runOnContext(go -> cancelTimers());
        return db.write(RELEASE, identity()).mapEmpty();
    }

    /**
     * The new term counts from before the question, so that we never believe in it longer than the database does. It
     * passes by the traffic, or slowness would end the process; a renewal that a crash of the database takes back only
     * shortens the term.
     */
    private void renew() {
        long next = vertx.setTimer(termMs, late -> lose("not renewed for a term"));
        db.writeForTurn(RENEW, Tuple.of(name, holder, token, termMs))
                .onComplete(done -> context.runOnContext(go -> {
                    if (!held || done.failed()) {
                        vertx.cancelTimer(next); // the term before still runs
                    } else if (done.result().rowCount() == 1) {
                        vertx.cancelTimer(expiryTimer);
                        expiryTimer = next;
                    } else {
                        vertx.cancelTimer(next);
                        lose("taken by another, or expired");
                    }
                }));
    }

    private void lose(String reason) {
        if (held) {
            held = false;
            cancelTimers();
            log.warn("lease.lost name={} token={} reason={}", name, token, reason);
            onLost.run();
        }
    }

    private void cancelTimers() {
        vertx.cancelTimer(renewTimer);
        vertx.cancelTimer(expiryTimer);
    }

    private Tuple identity() {
        return Tuple.of(name, holder, token);
    }
}
