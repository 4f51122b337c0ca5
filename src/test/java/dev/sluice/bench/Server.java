package dev.sluice.bench;

import dev.sluice.db.DbConfig;
import dev.sluice.db.EmbeddedDatabase;
import dev.sluice.db.Migrations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** The one PostgreSQL of a run, durable, over TCP; and what TPC-B reaches on it, the floor of every ledger figure. */
final class Server implements AutoCloseable {
    /** Two million accounts, 300 MB: more than the server's buffers. */
    private static final String SCALE = "20";

    private static final Pattern TPS = Pattern.compile("tps = ([0-9.]+)");

    private final EmbeddedDatabase database;
    private final Path log;
    private boolean filled;
    private final List<Double> rates = new ArrayList<>();

    private Server(EmbeddedDatabase database, Path log) {
        this.database = database;
        this.log = log;
    }

    static Server start(Path folder) throws IOException {
        EmbeddedDatabase database = EmbeddedDatabase.start(folder, folder.resolve("programs"), 0, true);
        return new Server(database, folder.resolve("pgbench.log"));
    }

    /** A database of its own, with our schema. */
    DbConfig migrated(String name) {
        DbConfig config = database.database(name, 12, null);
        Migrations.migrate(config);
        return config;
    }

    /** An empty database of its own. */
    DbConfig empty(String name) {
        return database.database(name, 12, null);
    }

    /** Transactions a second of pgbench's TPC-B, prepared statements, 8 clients; 0 where pgbench is missing. */
    double tpcB(int seconds) throws Exception {
        if (!filled) {
            database.database("tpcb", 2, null);
            if (pgbench("-i", "-q", "-s", SCALE).isEmpty()) {
                return 0;
            }
            filled = true;
        }
        Optional<String> said = pgbench("-M", "prepared", "-c", "8", "-j", "2", "-T", Integer.toString(seconds));
        Matcher found = TPS.matcher(said.orElse(""));
        if (!found.find()) {
            return 0;
        }
        rates.add(Double.parseDouble(found.group(1)));
        return rates.getLast();
    }

    /** The p99 of TPC-B at a fixed rate, in milliseconds from when each transaction was due. */
    double tpcBMillis(int seconds, int perSecond) throws Exception {
        Path folder = Files.createDirectories(log.resolveSibling("pgbench"));
        String prefix = folder.resolve("latencies").toString();
        String rate = Integer.toString(perSecond);
        String time = Integer.toString(seconds);
        pgbench("-M", "prepared", "-c", "32", "-j", "2", "-T", time, "-R", rate, "-l", "--log-prefix", prefix);
        Histogram micros = new Histogram(3);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.readAllLines(file).forEach(line -> micros.recordValue(Long.parseLong(line.split(" ")[2])));
                Files.delete(file);
            }
        }
        return micros.getValueAtPercentile(99) / 1e3;
    }

    /** The median of what TPC-B reached so far in this run; measures it where that is nothing. */
    double tpcBSoFar(int seconds) throws Exception {
        return rates.isEmpty()
                ? tpcB(seconds)
                : rates.stream().sorted().toList().get(rates.size() / 2);
    }

    /** What pgbench says, or nothing where it is not installed. */
    private Optional<String> pgbench(String... options) throws Exception {
        List<String> command = new ArrayList<>(
                List.of("pgbench", "-h", "127.0.0.1", "-p", Integer.toString(database.port()), "-U", "sluice"));
        command.addAll(List.of(options));
        command.add("tpcb");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment()
                .put("PGPASSWORD", database.database("tpcb", 2, null).password().value());
        try {
            Process process = builder.start();
            if (!process.waitFor(3, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException("pgbench failed: " + Files.readString(log));
            }
            return Optional.of(Files.readString(log));
        } catch (IOException missing) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        try {
            database.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
