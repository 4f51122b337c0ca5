package dev.sluice.it;

import dev.sluice.db.DbConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The gateway as operators run it: a process of its own with the settings of its environment, that can be killed. It
 * does not outlive this JVM; where that is killed, it loses its database and ends itself.
 */
final class GatewayProcess implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
    private static final long END_MAX_SECONDS = 60;
    private static final int LOG_TAIL = 8_000;

    private final Path folder;
    private final int port = freePort();
    private final int managementPort = freePort();
    private final Map<String, String> settings = new HashMap<>();
    private Process process;

    /** @param folder the data folder; processes that share one are meant to take over from each other */
    GatewayProcess(DbConfig database, Path folder, Map<String, String> rails) {
        this.folder = folder;
        settings.putAll(Map.of(
                "SLUICE_NETWORK", "regtest",
                "SLUICE_DATA_FOLDER", folder.toString(),
                "SLUICE_HTTP_PORT", Integer.toString(port),
                "SLUICE_MANAGEMENT_PORT", Integer.toString(managementPort),
                "SLUICE_RATES_SOURCES", "",
                "SLUICE_RATES_FIXED", "USD=60000",
                "SLUICE_DEMO_ENABLED", "true",
                "SLUICE_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true",
                "SLUICE_LIMITS_KEY_REQUESTS_PER_MINUTE", "1000000",
                "SLUICE_LOGGING_LEVEL", "debug"));
        settings.putAll(Map.of(
                "SLUICE_DATABASE_MODE", "external",
                "SLUICE_DATABASE_HOST", database.host(),
                "SLUICE_DATABASE_PORT", Integer.toString(database.port()),
                "SLUICE_DATABASE_NAME", database.database(),
                "SLUICE_DATABASE_USER", database.user(),
                "SLUICE_DATABASE_PASSWORD", database.password().value(),
                "SLUICE_DATABASE_POOL_SIZE", "8"));
        settings.putAll(rails);
        Runtime.getRuntime().addShutdownHook(new Thread(this::kill));
    }

    /** A data folder that is gone with this run's temporary files. */
    static Path folder() {
        try {
            return Files.createTempDirectory("sluice-gateway");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts the process and returns when its web server answers. */
    GatewayProcess start() {
        launch();
        Eventually.that("the gateway listens", this::listens);
        return this;
    }

    /** Starts the process and returns at once. */
    void launch() {
        process = run("serve");
    }

    /** Starts it again after a kill; what the dead process held is freed, which otherwise takes the term of a lease. */
    void restart(Shop shop) {
        shop.freeTurn();
        start();
        awaitReady();
    }

    /** Waits until the database and every node are up; the gateway itself is ready without its nodes. */
    void awaitReady() {
        Eventually.get(
                "the gateway and its nodes are up",
                this::health,
                answer -> answer.startsWith("200 ") && !answer.contains("down"));
    }

    /** Whether the web server answers; fails when the process has ended. */
    boolean listens() {
        if (!process.isAlive()) {
            throw new AssertionError("the gateway ended with " + process.exitValue() + "\n" + log());
        }
        return health().contains("\"checks\""); // a standby has none to tell
    }

    /** Status and body of {@code /health/ready}; empty while nothing listens. */
    String health() {
        try {
            HttpResponse<String> answer =
                    send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/health/ready")));
            return answer.statusCode() + " " + answer.body();
        } catch (UncheckedIOException silent) {
            return "";
        }
    }

    HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.timeout(ANSWER_MAX).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }

    URI url(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    Path data() {
        return folder;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** As a power cut ends it. */
    void kill() {
        if (process != null) {
            process.destroyForcibly();
            end(process);
        }
    }

    /** As an operator ends it; the exit code. */
    int stop() {
        process.destroy();
        return end(process);
    }

    /** Stops its threads where they are, as a stalled machine would. */
    void freeze() {
        signal("STOP");
    }

    void thaw() {
        signal("CONT");
    }

    /** The exit code of {@code sluice ledger verify} beside the gateway: 0 where the books add up. */
    int verifyLedger() {
        return end(run("ledger", "verify"));
    }

    /** The end of what the process logged. */
    String log() {
        try {
            String all = Files.readString(logFile());
            return all.substring(Math.max(0, all.length() - LOG_TAIL));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void signal(String name) {
        Tools.run(Map.of(), List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    private Path logFile() {
        return folder.resolve("gateway-" + port + ".log");
    }

    private Process run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:TieredStopAtLevel=1",
                "-Duser.language=ar", // where Java writes other digits
                "-Xmx400m",
                "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.sluice.Main"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("SLUICE_"));
        builder.environment().putAll(settings);
        try {
            return builder.start();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private int end(Process ending) {
        try {
            if (!ending.waitFor(END_MAX_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the process does not end\n" + log());
            }
            return ending.exitValue();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new AssertionError(stopped);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
