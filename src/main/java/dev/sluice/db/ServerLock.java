package dev.sluice.db;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lock file of a server's data folder. It outlives a server that was killed, and its process number may be another
 * process's by now; PostgreSQL then refuses to start for as long as that one lives.
 */
final class ServerLock {
    private static final Logger log = LoggerFactory.getLogger(ServerLock.class);
    private static final Path PROCESSES = Path.of("/proc");

    private ServerLock() {}

    /** Removes the lock of a folder in which certainly no server works: each of its processes would stand there. */
    static void removeIfLeft(Path data) throws IOException {
        Path lock = data.resolve("postmaster.pid");
        if (Files.exists(lock) && Files.isDirectory(PROCESSES) && !isSomebodyIn(data.toRealPath())) {
            Files.delete(lock);
            log.warn("database.lock.removed file={}: its server was killed", lock);
        }
    }

    private static boolean isSomebodyIn(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(PROCESSES)) {
            return all.filter(process -> process.getFileName().toString().matches("[0-9]+"))
                    .anyMatch(process -> standsIn(process, folder));
        }
    }

    private static boolean standsIn(Path process, Path folder) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).equals(folder);
        } catch (IOException goneOrAnotherUsers) {
            return false; // a server of another user's could not work in this folder
        }
    }
}
