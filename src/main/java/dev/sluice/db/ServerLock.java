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

    /**
     * Removes a lock that names a process that is there and is no server of the folder: each of those would stand in
     * it. What else may be wrong with a lock PostgreSQL finds out by itself.
     */
    static void removeIfLeft(Path data) throws IOException {
        Path lock = data.resolve("postmaster.pid");
        if (Files.exists(lock) && namesAProcess(lock) && !isSomebodyIn(data.toRealPath())) {
            Files.delete(lock);
            log.warn("database.lock.removed file={}: its server was killed", lock);
        }
    }

    private static boolean namesAProcess(Path lock) throws IOException {
        String pid = Files.readAllLines(lock).stream().findFirst().orElse("").strip();
        return pid.matches("[0-9]+") && Files.exists(PROCESSES.resolve(pid));
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
