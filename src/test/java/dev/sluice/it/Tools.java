package dev.sluice.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Programs of the project's {@code scripts} folder, run from tests. */
final class Tools {
    /** Building LND from source takes 4 minutes on two idle cores; everything else takes seconds. */
    private static final long WAIT_MINUTES = 15;

    private Tools() {}

    /** Runs a script to its end; its standard output without the last line break. */
    static String run(Map<String, String> environment, List<String> command) {
        Result result = attempt(environment, command);
        if (result.status != 0) {
            throw new ToolFailed(
                    String.join(" ", command) + " ended with " + result.status + ": " + result.errors.strip());
        }
        return result.output.strip();
    }

    /** Runs a script to its end. Output goes to files: what it leaves running may keep a pipe open. */
    static Result attempt(Map<String, String> environment, List<String> command) {
        try {
            Path output = Files.createTempFile("sluice-tool", ".out");
            Path errors = Files.createTempFile("sluice-tool", ".err");
            try {
                ProcessBuilder builder = new ProcessBuilder(command)
                        .directory(project().toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
                builder.environment().putAll(environment);
                Process process = builder.start();
                if (!process.waitFor(WAIT_MINUTES, TimeUnit.MINUTES)) {
                    process.destroy();
                    throw new ToolFailed(String.join(" ", command) + " ran longer than " + WAIT_MINUTES + " minutes");
                }
                return new Result(process.exitValue(), Files.readString(output), Files.readString(errors));
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new ToolFailed(String.join(" ", command) + " was interrupted");
        }
    }

    /** The project's folder: the working folder or the nearest one above it that has the scripts. */
    static Path project() {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            if (Files.isExecutable(folder.resolve("scripts/regtest"))) {
                return folder;
            }
        }
        throw new ToolFailed("scripts/regtest is not above " + Path.of("").toAbsolutePath());
    }

    /** Reads {@code KEY=value} lines. */
    static Map<String, String> settings(Path file) {
        try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.map(line -> line.split("=", 2))
                    .collect(Collectors.toUnmodifiableMap(pair -> pair[0], pair -> pair[1]));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** How a program ended and what it said. */
    record Result(int status, String output, String errors) {}

    /** A program did not do what it was asked. */
    static final class ToolFailed extends RuntimeException {
        ToolFailed(String message) {
            super(message);
        }
    }
}
