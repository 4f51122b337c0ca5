package dev.sluice.lightning.sim;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A simulated node's memory on disk: a line for each change of an invoice, the last one of a hash counts. A line torn
 * by a kill is dropped when read. Written on the network's own thread.
 */
final class Journal implements AutoCloseable {
    private static final String END = " .";

    private final @Nullable BufferedWriter out;

    private Journal(@Nullable BufferedWriter out) {
        this.out = out;
    }

    static Journal none() {
        return new Journal(null);
    }

    static Journal open(Path file) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            BufferedWriter writer = Files.newBufferedWriter(
                    file, StandardCharsets.US_ASCII, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            writer.newLine(); // closes a torn line
            return new Journal(writer);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Every whole line, oldest first. */
    static List<String> read(Path file) {
        List<String> whole = new ArrayList<>();
        if (!Files.exists(file)) {
            return whole;
        }
        try {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                if (line.endsWith(END)) {
                    whole.add(line.substring(0, line.length() - END.length()));
                }
            }
            return whole;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    void append(String line) {
        if (out == null) {
            return;
        }
        try {
            out.write(line + END);
            out.newLine();
            out.flush();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        if (out == null) {
            return;
        }
        try {
            out.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
