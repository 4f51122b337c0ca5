package dev.sluice.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server in a process of its own, with the same JVM settings for all; ends with the bench. */
final class Child implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final List<String> JVM = List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx768m");

    private final Process process;
    private final Thread hook = new Thread(this::end);

    private Child(Process process) {
        this.process = process;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a process and waits until it listens on {@code port}. */
    static Child start(Path log, Map<String, String> environment, int port, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(JVM);
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(environment);
        Child child = new Child(builder.start());
        long end = System.nanoTime() + START_MAX.toNanos();
        while (!listens(port)) {
            if (!child.process.isAlive() || System.nanoTime() > end) {
                child.close();
                throw new IllegalStateException("a server did not start, see " + log);
            }
            child.process.waitFor(100, TimeUnit.MILLISECONDS);
        }
        return child;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 1_000);
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private void end() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        end();
    }
}
