package dev.sluice.db;

import com.sun.management.OperatingSystemMXBean;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of our own, for the demo and for tests: its data folder is kept, its port is fixed with the
 * folder (a server left by a killed process is attached to and stopped at close), and it listens on 127.0.0.1 only.
 */
public final class EmbeddedDatabase implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EmbeddedDatabase.class);
    private static final String ROLE = "sluice";
    private static final long BUFFERS_MIB_MIN = 256;
    private static final long BUFFERS_MIB_MAX = 1024;
    private static final long INITIALISING_S_MAX = 60; // seconds on an idle machine
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final int CONNECT_MS_MAX = 1_000;
    /** Lies beside {@code pgdata} until a server has once run on it: what a kill cut short is begun anew. */
    private static final String UNFINISHED = "pgdata.unfinished";
    /** What was begun is kept under this name and a time: a marker alone is no reason to delete anybody's data. */
    private static final String SET_ASIDE = "pgdata.set-aside-";

    /** Text sorted by code points: the same on every system, for good, and compared without the system's library. */
    private static final String COLLATION =
            " template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8'";

    private final EmbeddedPostgres server;
    private final ServerAccess access;

    private EmbeddedDatabase(EmbeddedPostgres server, ServerAccess access) {
        this.server = server;
        this.access = access;
    }

    /**
     * Starts, or attaches to, the server of a data folder. {@code Conflict} where another program has its port.
     *
     * @param folder holds {@code pgdata}
     * @param binaries where the server's programs are unpacked once, about 60 MB, in a folder of this user alone; may
     *     be shared
     * @param port where it listens, or 0 for a free one (only for folders used once)
     * @param durable whether commits reach the disk before they are acknowledged
     */
    public static EmbeddedDatabase start(Path folder, Path binaries, int port, boolean durable) throws IOException {
        return start(folder, binaries, port, durable, START_MAX);
    }

    /** @param most how long the server may take until it answers, after a crash with what it must repeat */
    static EmbeddedDatabase start(Path folder, Path binaries, int port, boolean durable, Duration most)
            throws IOException {
        Files.createDirectories(folder);
        Path data = folder.resolve("pgdata");
        ServerLock.removeIfLeft(data);
        if (port != 0 && listens(port) && !serves(data, port)) { // the library would ask that program for ever
            throw new Failure.Conflict(
                            "database-port-in-use",
                            "Port " + port + " of the embedded database is taken by another program; free it or set"
                                    + " database.embedded_port to another")
                    .exception();
        }
        ServerPrograms programs = ServerPrograms.in(binaries);
        Path said = folder.resolve("server.log");
        ServerAccess access = ServerAccess.of(folder, data);
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setDataDirectory(data.toFile())
                .setCleanDataDirectory(false)
                .setOverrideWorkingDirectory(programs.folder().toFile())
                .setLocaleConfig("locale", "C") // not the user's, which the system may lack; see COLLATION for ours
                .setLocaleConfig("auth-host", "scram-sha-256") // options of initdb too: nobody slips in meanwhile
                .setLocaleConfig("pwfile", access.file().toString())
                .setOutputRedirector(ProcessBuilder.Redirect.to(said.toFile()))
                .setConnectConfig("password", access.password().value())
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("scram_iterations", "1") // they slow down guessing, and nobody guesses 16 random bytes
                .setServerConfig("unix_socket_directories", "''")
                .setServerConfig("fsync", durable ? "on" : "off") // the library passes -F; this comes later and wins
                .setServerConfig("synchronous_commit", durable ? "on" : "off")
                .setServerConfig("shared_buffers", (durable ? quarterOfMemoryMib() : BUFFERS_MIB_MIN) + "MB")
                .setServerConfig("max_wal_size", "1GB")
                .setServerConfig("max_connections", "120")
                .setServerConfig("log_min_messages", "log")
                .setServerConfig("log_checkpoints", "off")
                // The library's hook would stop the server while we still drain; a durable one is closed by its owner.
                .setRegisterShutdownHook(!durable)
                .setPGStartupWait(most);
        if (port != 0) {
            builder.setPort(port);
        }
        Path unfinished = folder.resolve(UNFINISHED);
        if (Files.exists(unfinished) && !serves(data, port)) {
            awaitInitialisers(data);
            setAside(data);
        } else if (isEmpty(data)) {
            Files.createFile(unfinished);
        } else if (Files.notExists(data.resolve("postgresql.conf"))) { // the library would take it for a new folder
            throw new Failure.Conflict(
                            "database-folder-damaged",
                            "The data folder " + data + " has no postgresql.conf: put it back, or the folder elsewhere")
                    .exception();
        }
        EmbeddedPostgres server = started(builder, said, programs);
        Files.deleteIfExists(unfinished);
        EmbeddedDatabase database = new EmbeddedDatabase(server, access);
        try (Connection admin = database.admin()) {
            access.secure(admin, ROLE);
        } catch (SQLException failure) {
            throw new IllegalStateException("cannot set the password of the embedded database", failure);
        }
        return database;
    }

    private Connection admin() throws SQLException {
        return DriverManager.getConnection(server.getJdbcUrl("postgres", "postgres") + "&password="
                + access.password().value());
    }

    private static EmbeddedPostgres started(EmbeddedPostgres.Builder builder, Path said, ServerPrograms programs)
            throws IOException {
        try {
            return builder.start();
        } catch (IllegalStateException | IOException failed) { // the library tells what failed and not why
            programs.unpackAgainIfNew();
            String reason = Files.exists(said) ? Files.readString(said).strip() : "";
            throw new Failure.Conflict(
                            "database-not-started",
                            "The embedded database does not start: " + failed.getMessage()
                                    + (reason.isEmpty() ? "" : "; its programs said: " + reason))
                    .exception();
        }
    }

    /** Programs that a killed process began on the folder: they would clean up after themselves, in ours. */
    private static void awaitInitialisers(Path data) {
        try {
            ProcessHandle.allProcesses()
                    .filter(other -> Arrays.asList(other.info().arguments().orElse(new String[0]))
                            .contains(data.toString()))
                    .forEach(other -> other.onExit()
                            .orTimeout(INITIALISING_S_MAX, TimeUnit.SECONDS)
                            .join());
        } catch (CompletionException late) {
            throw new Failure.Conflict(
                            "database-folder-in-use",
                            "Another program still works on the data folder " + data + ": end it first")
                    .exception();
        }
    }

    private static void setAside(Path data) throws IOException {
        if (!isEmpty(data)) {
            Path kept = data.resolveSibling(SET_ASIDE + Clock.system().now().getEpochSecond());
            Files.move(data, kept);
            log.warn("database.folder.set-aside folder={}: its first start was cut short; it can be deleted", kept);
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return true;
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.findAny().isEmpty();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MS_MAX);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Whether a server that a killed process left serves the folder; by its lock file: process first, port fourth. */
    private static boolean serves(Path data, int port) throws IOException {
        Path file = data.resolve("postmaster.pid");
        List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
        return lines.size() > 3
                && lines.get(3).equals(Integer.toString(port))
                && ProcessHandle.of(Long.parseLong(lines.getFirst())).isPresent();
    }

    /** What PostgreSQL's manual begins with (20.4.1), within bounds; taken only as far as it is used. */
    private static long quarterOfMemoryMib() {
        java.lang.management.OperatingSystemMXBean machine = ManagementFactory.getOperatingSystemMXBean();
        long mib = machine instanceof OperatingSystemMXBean known ? known.getTotalMemorySize() >> 20 : 0;
        return Math.clamp(mib / 4, BUFFERS_MIB_MIN, BUFFERS_MIB_MAX);
    }

    /** Makes a database owned by an ordinary role, unless it is there; how to reach it. */
    public DbConfig database(String name, int poolSize, @Nullable String template) {
        try (Connection admin = admin();
                Statement statement = admin.createStatement()) {
            if (!exists(statement, "select 1 from pg_roles where rolname = '" + ROLE + "'")) {
                statement.execute("create role " + ROLE + " login password '"
                        + access.password().value() + "'");
            }
            if (!exists(statement, "select 1 from pg_database where datname = '" + name + "'")) {
                statement.execute("create database " + name + " owner " + ROLE
                        + (template == null ? COLLATION : " template " + template));
            }
        } catch (SQLException failure) {
            throw new IllegalStateException("cannot prepare database " + name, failure);
        }
        return new DbConfig("127.0.0.1", server.getPort(), name, ROLE, access.password(), poolSize);
    }

    /** How to reach a database of the server that another process runs on a folder. */
    public static DbConfig running(Path folder, int port, String name, int poolSize) throws IOException {
        return new DbConfig("127.0.0.1", port, name, ROLE, ServerAccess.passwordOf(folder), poolSize);
    }

    public int port() {
        return server.getPort();
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet found = statement.executeQuery(query)) {
            return found.next();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
