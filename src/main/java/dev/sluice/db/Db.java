package dev.sluice.db;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Reads and writes. Every wait has a deadline; a database that cannot be reached is {@link Failure.Unavailable}, never
 * an outcome: whether a commit whose answer was lost took place is found out by its natural key.
 */
public final class Db {
    private static final Set<String> RETRYABLE = Set.of("40001", "40P01", "55P03");
    private static final int ATTEMPTS_MAX = 5;
    private static final long DEADLINE_MS = 15_000;
    /** Longest {@link #snapshot}. */
    public static final Duration SNAPSHOT_MAX = Duration.ofMinutes(30);

    /** What the pool says of a query and of a transaction that waited in vain; no class or code of its own tells it. */
    private static final Set<String> WAITED_LONG = Set.of("Timeout waiting for connection", "Timeout");

    private final Vertx vertx;
    private final Pool pool;
    private final SqlClient reader;
    private final Pool relaxed;
    private final Pool turn;
    private final Pool patient;

    /**
     * @param pool connections for writes and transactions
     * @param reader a pipelining client for point reads
     * @param relaxed connections whose commits do not wait for the disk
     * @param turn the same, kept for the process's turn
     * @param patient connections that may be silent for as long as their statement takes
     */
    Db(Vertx vertx, Pool pool, SqlClient reader, Pool relaxed, Pool turn, Pool patient) {
        this.vertx = vertx;
        this.pool = pool;
        this.reader = reader;
        this.relaxed = relaxed;
        this.turn = turn;
        this.patient = patient;
    }

    /**
     * A read that pipelines with others on shared connections. Its plan is made once, whatever its arguments: what
     * filters by those that are given goes by {@link #write}.
     */
    public Future<RowSet<Row>> read(String sql, Object... args) {
        return deadline(reader.preparedQuery(sql).execute(Tuple.tuple(List.of(args))));
    }

    /** One statement, one commit. Arguments may be null inside {@code args}. */
    public Future<RowSet<Row>> write(String sql, Tuple args) {
        return deadline(pool.preparedQuery(sql).execute(args));
    }

    /**
     * One statement whose commit does not wait for the disk: a crash of the database may take its last moments back, as
     * a whole. Only for what follows from durable rows and is done again from them.
     */
    public Future<RowSet<Row>> writeRelaxed(String sql, Tuple args) {
        return deadline(relaxed.preparedQuery(sql).execute(args));
    }

    /** As {@link #writeRelaxed}, on connections that wait behind no traffic: a full queue must not cost the turn. */
    Future<RowSet<Row>> writeForTurn(String sql, Tuple args) {
        return deadline(turn.preparedQuery(sql).execute(args));
    }

    /**
     * Runs {@code work} in a transaction that commits when its future succeeds. Serialisation failures, deadlocks and
     * lock time-outs run it again, up to five times: it must have no effect outside the transaction.
     */
    public <T> Future<T> tx(Function<SqlConnection, Future<T>> work) {
        return attempt(work, 1);
    }

    /**
     * Reads one instant of the database, at most for {@code deadline} ({@link #SNAPSHOT_MAX}) and by one process of it:
     * for checks that take longer than a request may, beside which requests go on. The transaction can write nothing.
     */
    public <T> Future<T> snapshot(Duration deadline, Function<SqlConnection, Future<T>> work) {
        Check.require(deadline.compareTo(SNAPSHOT_MAX) <= 0, "deadline of a snapshot");
        String begin = "set transaction isolation level repeatable read, read only";
        String limit = "set local statement_timeout = " + deadline.toMillis()
                + "; set local enable_seqscan = on; set local max_parallel_workers_per_gather = 0";
        return patient.withTransaction(tx -> tx.query(begin)
                        .execute()
                        .compose(done -> tx.query(limit).execute())
                        .compose(done -> work.apply(tx)))
                .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(translate(failure)));
    }

    private <T> Future<T> attempt(Function<SqlConnection, Future<T>> work, int attempt) {
        return deadline(pool.withTransaction(work)).recover(failure -> {
            if (attempt < ATTEMPTS_MAX && isRetryable(failure)) {
                return pause(attempt).compose(rested -> attempt(work, attempt + 1));
            }
            return Future.failedFuture(failure);
        });
    }

    /** One statement inside a transaction. */
    public static Future<RowSet<Row>> run(SqlClient tx, String sql, Tuple args) {
        return tx.preparedQuery(sql).execute(args);
    }

    /**
     * Waits for work of one transaction that was sent together, also where a part fails: what a part still sends must
     * not come after the transaction's end. Fails with what failed first, because the rest fails for that.
     */
    public static Future<Void> together(Future<?>... parts) {
        Future<?> first = Future.all(List.of(parts));
        return Future.join(List.of(parts)).transform(done -> first).mapEmpty();
    }

    private Future<Void> pause(int attempt) {
        Promise<Void> rested = Promise.promise();
        vertx.setTimer(ThreadLocalRandom.current().nextLong(1, 10L << attempt), timer -> rested.complete());
        return rested.future();
    }

    private static boolean isRetryable(Throwable failure) {
        return failure instanceof PgException pg && RETRYABLE.contains(pg.getSqlState());
    }

    private static <T> Future<T> deadline(Future<T> future) {
        return future.timeout(DEADLINE_MS, TimeUnit.MILLISECONDS)
                .recover(failure -> Future.failedFuture(translate(failure)));
    }

    private static Throwable translate(Throwable failure) {
        boolean away = failure instanceof ClosedConnectionException
                || failure instanceof java.io.IOException
                || failure instanceof java.util.concurrent.TimeoutException
                || isCrowded(failure)
                || (failure instanceof PgException pg && isAway(pg.getSqlState()));
        return away
                ? new Failure.Unavailable("database-unavailable", "The database cannot be reached", 2).exception()
                : failure;
    }

    /** All connections are in use: as many callers wait as may, or this one has waited as long as anybody may. */
    private static boolean isCrowded(Throwable failure) {
        String said = failure.getMessage();
        return failure instanceof ConnectionPoolTooBusyException || (said != null && WAITED_LONG.contains(said));
    }

    /** Classes 08 (connection), 53 (resources) and 57P (operator intervention) of PostgreSQL appendix A. */
    private static boolean isAway(@org.jspecify.annotations.Nullable String state) {
        return state != null && (state.startsWith("08") || state.startsWith("53") || state.startsWith("57P"));
    }
}
