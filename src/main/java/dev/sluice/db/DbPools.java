package dev.sluice.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlClient;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Opens and closes the connections behind {@link Db}. */
public final class DbPools {
    /**
     * Who waits for a connection.
     *
     * @param callersMax callers beyond this wait nowhere: they get Unavailable at once
     * @param ms the longest wait, after which they get it too
     */
    record Waiting(int callersMax, int ms) {}

    private static final Waiting WAITING = new Waiting(2_000, 10_000);
    /**
     * A connection on which nothing was heard for this long is closed. The database says something within 20 s of any
     * statement, if only that it took too long: one that stays silent leads nowhere (the network broke, or the server
     * moved), and would hold its place in the pool until the kernel gives it up after a quarter of an hour, or never.
     * Connections that nobody needs are closed by it too.
     */
    private static final int SILENCE_MAX_MS = 30_000;
    /** For proofs of the books, each of whose statements may take as long as the whole. */
    private static final int PATIENCE_MS =
            Math.toIntExact(Db.SNAPSHOT_MAX.plusMinutes(1).toMillis());

    private static final int READERS = 4;
    /** One fan-out at a time, and a spare. */
    private static final int RELAXED = 2;
    /** One proof of the books, and a spare. */
    private static final int PATIENT = 2;
    /** One for the turn, and a spare: a connection that hangs must not hold up the next renewal as well. */
    private static final int TURN = 2;

    private static final int PIPELINE = 64;
    /** The ledger's statement has about 5,000 characters and must be cached. */
    private static final int SQL_CACHED_MAX = 8_192;

    private final Pool pool;
    private final SqlClient reader;
    private final Pool relaxed;
    private final Pool turn;
    private final Pool patient;
    private final Db db;

    private DbPools(Vertx vertx, Pool pool, SqlClient reader, Pool relaxed, Pool turn, Pool patient) {
        this.pool = pool;
        this.reader = reader;
        this.relaxed = relaxed;
        this.turn = turn;
        this.patient = patient;
        this.db = new Db(vertx, pool, reader, relaxed, turn, patient);
    }

    /** Opens pools; connections are made when first needed. */
    public static DbPools open(Vertx vertx, DbConfig config) {
        return open(vertx, config, WAITING, SILENCE_MAX_MS);
    }

    static DbPools open(Vertx vertx, DbConfig config, Waiting waiting, int silenceMaxMs) {
        PgConnectOptions connect = connecting(config);
        PgConnectOptions hasty = with(connect, "synchronous_commit", "off");
        PoolOptions size = new PoolOptions()
                .setMaxWaitQueueSize(waiting.callersMax())
                .setConnectionTimeout(waiting.ms())
                .setConnectionTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxLifetime(30)
                .setMaxLifetimeUnit(TimeUnit.MINUTES);
        NetClientOptions heard = heardWithin(silenceMaxMs);
        SqlClient reader = PgBuilder.client()
                .using(vertx)
                .connectingTo(
                        with(connect, "plan_cache_mode", "force_generic_plan")) // planning took longer than reading
                .with(named(size, "database-read", READERS))
                .with(heard)
                .build();
        return new DbPools(
                vertx,
                pool(vertx, connect, named(size, "database-write", config.poolSize()), heard),
                reader,
                pool(vertx, hasty, named(size, "database-relaxed", RELAXED), heard),
                pool(vertx, hasty, named(size, "database-turn", TURN), heard),
                pool(vertx, connect, named(size, "database-patient", PATIENT), heardWithin(PATIENCE_MS)));
    }

    private static NetClientOptions heardWithin(int ms) {
        return new NetClientOptions().setReadIdleTimeout(ms).setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
    }

    private static PoolOptions named(PoolOptions size, String name, int max) {
        return new PoolOptions(size).setName(name).setMaxSize(max);
    }

    private static Pool pool(Vertx vertx, PgConnectOptions connect, PoolOptions size, NetClientOptions network) {
        return PgBuilder.pool()
                .using(vertx)
                .connectingTo(connect)
                .with(size)
                .with(network)
                .build();
    }

    private static PgConnectOptions with(PgConnectOptions connect, String property, String value) {
        Map<String, String> properties = new HashMap<>(connect.getProperties());
        properties.put(property, value);
        return new PgConnectOptions(connect).setProperties(properties);
    }

    /** How one connection is made; for those that are not of a pool. */
    public static PgConnectOptions connecting(DbConfig config) {
        return new PgConnectOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setDatabase(config.database())
                .setUser(config.user())
                .setPassword(config.password().value())
                .setCachePreparedStatements(true)
                .setPreparedStatementCacheMaxSize(512)
                .setPreparedStatementCacheSqlLimit(SQL_CACHED_MAX)
                .setPipeliningLimit(PIPELINE)
                .setReconnectAttempts(2)
                .setReconnectInterval(200)
                .setProperties(Map.of(
                        "application_name", "sluice",
                        "search_path", "public",
                        "timezone", "UTC",
                        // A plan made while a table was small must not read it whole when it has grown: prepared
                        // statements keep their plan until the table is analysed.
                        "enable_seqscan", "off",
                        "statement_timeout", "20000",
                        "lock_timeout", "5000",
                        "idle_in_transaction_session_timeout", "15000"));
    }

    public Db db() {
        return db;
    }

    public Future<Void> close() {
        return Future.join(pool.close(), reader.close(), relaxed.close(), turn.close(), patient.close())
                .mapEmpty();
    }
}
