package dev.sluice.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Says on what a run was made: figures of two machines, or of a busy and a quiet one, cannot be compared. */
final class Machine {
    private static final int SYNCS = 500;
    private static final int BLOCK = 8_192;

    private Machine() {}

    static List<String> describe(Path folder) throws IOException {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        return List.of(
                "# " + Instant.now().truncatedTo(ChronoUnit.SECONDS) + ", " + processor() + ", "
                        + Runtime.getRuntime().availableProcessors() + " cores, Java " + Runtime.version(),
                String.format(
                        Locale.ROOT,
                        "# load average %.2f at start, %.0f fdatasync/s of 8 KiB; "
                                + "clients, servers and database share the cores",
                        load,
                        syncsPerSecond(folder)));
    }

    private static String processor() throws IOException {
        Path file = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(file)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private static double syncsPerSecond(Path folder) throws IOException {
        Path file = folder.resolve("sync");
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            out.write(ByteBuffer.allocate(SYNCS * BLOCK));
            out.force(true);
            long began = System.nanoTime();
            for (int i = 0; i < SYNCS; i++) {
                out.write(block.rewind(), (long) i * BLOCK);
                out.force(false);
            }
            return SYNCS / ((System.nanoTime() - began) / 1e9);
        }
    }
}
