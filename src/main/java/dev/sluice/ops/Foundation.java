package dev.sluice.ops;

import dev.sluice.bus.Bus;
import dev.sluice.config.ConfigLoader.Loaded;
import dev.sluice.config.SluiceConfig;
import dev.sluice.config.SluiceConfig.Database;
import dev.sluice.db.ClockSkew;
import dev.sluice.db.Db;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.EmbeddedDatabase;
import dev.sluice.db.Leases;
import dev.sluice.db.Migrations;
import dev.sluice.eventlog.EventLog;
import dev.sluice.eventlog.EventOrder;
import dev.sluice.eventlog.Relay;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What every feature stands on, opened in order and closed by {@link #shutdown} in reverse. Opening blocks: it happens
 * on the main thread before any request is served.
 *
 * @param process names this run of this process: holder of leases, sender of notifications
 */
public record Foundation(
        Loaded loaded,
        Clock clock,
        Entropy entropy,
        String process,
        Metrics metrics,
        Vertx vertx,
        DbConfig database,
        Db db,
        Bus bus,
        EventLog events,
        Leases leases,
        Shutdown shutdown) {
    /** The lease of the one process that serves and drives the nodes. */
    public static final String TURN = "gateway";

    private static final String NAME = "sluice";
    /** Where the embedded database is in the data folder. */
    private static final String SERVER = "postgres";

    public SluiceConfig config() {
        return loaded.config();
    }

    /** Opens the database, without changing its schema, and what is needed to ask it: for the command line. */
    static Foundation forCommand(Loaded loaded) {
        Path server = loaded.config().dataFolder().resolve(SERVER);
        if (loaded.config().database().mode() == Database.Mode.EMBEDDED && Files.notExists(server)) {
            throw new Failure.NotFound(
                            "no-database",
                            "There is no database in data_folder "
                                    + loaded.config().dataFolder().toAbsolutePath()
                                    + "; 'serve' and 'migrate' make one")
                    .exception();
        }
        Shutdown shutdown = shutdown(loaded);
        return opening(shutdown, () -> open(loaded, shutdown, database(loaded.config(), shutdown, false)));
    }

    /** Takes the data folder, opens, migrates and checks the database and starts hearing other processes. */
    static Foundation forServer(Loaded loaded, Shutdown shutdown) {
        return opening(shutdown, () -> {
            DbConfig database = database(loaded.config(), shutdown, true);
            Migrations.migrate(database);
            Foundation foundation = open(loaded, shutdown, database);
            ClockSkew.check(foundation.db(), foundation.clock()).await();
            EventOrder.check(foundation.db()).await();
            Relay relay = new Relay(foundation.vertx(), foundation.bus(), database, foundation.process());
            shutdown.started("relay", relay::stop);
            relay.start().await();
            return foundation;
        });
    }

    static Shutdown shutdown(Loaded loaded) {
        return new Shutdown(Duration.ofMillis(loaded.config().shutdown().deadlineMs()));
    }

    private interface Opening<T> {
        T open() throws IOException;
    }

    private static <T> T opening(Shutdown shutdown, Opening<T> opening) {
        try {
            return opening.open();
        } catch (IOException failure) {
            shutdown.stop();
            throw new UncheckedIOException(failure);
        } catch (RuntimeException failure) {
            shutdown.stop();
            throw failure;
        }
    }

    private static Foundation open(Loaded loaded, Shutdown shutdown, DbConfig database) {
        Entropy entropy = Entropy.secure();
        String process = ProcessHandle.current().pid() + "-" + HexFormat.of().formatHex(entropy.bytes(8));
        Metrics metrics = new Metrics();
        Vertx vertx = metrics.vertx(true);
        shutdown.started("vertx", vertx::close);
        DbPools pools = DbPools.open(vertx, database);
        shutdown.started("database pools", pools::close);
        Bus bus = new Bus(vertx);
        return new Foundation(
                loaded,
                Clock.system(),
                entropy,
                process,
                metrics,
                vertx,
                database,
                pools.db(),
                bus,
                new EventLog(pools.db(), bus),
                new Leases(vertx, pools.db(), process),
                shutdown);
    }

    /** Where the database is; starts our own where that is asked for and no running gateway has it. */
    static DbConfig database(SluiceConfig config, Shutdown shutdown, boolean serving) throws IOException {
        Database database = config.database();
        if (database.mode() == Database.Mode.EXTERNAL) {
            return new DbConfig(
                    database.host(),
                    database.port(),
                    database.name(),
                    database.user(),
                    database.password(),
                    database.poolSize());
        }
        Optional<DataFolder> folder = DataFolder.lock(config.dataFolder());
        if (folder.isEmpty() && serving) {
            throw new Failure.Conflict("data-folder-in-use", "Another gateway runs on " + config.dataFolder())
                    .exception();
        }
        if (folder.isEmpty()) { // the command line beside a running gateway: its server is ours to ask, not to stop
            Path server = config.dataFolder().resolve(SERVER);
            return EmbeddedDatabase.running(server, database.embeddedPort(), NAME, database.poolSize());
        }
        shutdown.started("data folder", () -> {
            folder.get().close();
            return Future.succeededFuture();
        });
        return embedded(config.dataFolder(), database, shutdown);
    }

    private static DbConfig embedded(Path folder, Database database, Shutdown shutdown) throws IOException {
        Path programs = database.embeddedPrograms().orElseGet(() -> folder.resolve("postgres-programs"));
        CompletableFuture<Optional<EmbeddedDatabase>> starting = new CompletableFuture<>();
        // Before it starts: told to stop in the middle, this process waits for the server and takes it along.
        shutdown.started(
                "embedded database",
                () -> Future.fromCompletionStage(starting.thenAccept(server -> server.ifPresent(Foundation::close))));
        try {
            EmbeddedDatabase server =
                    EmbeddedDatabase.start(folder.resolve(SERVER), programs, database.embeddedPort(), true);
            starting.complete(Optional.of(server));
            return server.database(NAME, database.poolSize(), null);
        } finally {
            starting.complete(Optional.empty()); // no effect where there is a server to stop
        }
    }

    private static void close(EmbeddedDatabase server) {
        try {
            server.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
