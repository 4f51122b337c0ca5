package dev.sluice.ops;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The folder of one running gateway. The operating system frees the lock of a process that was killed. */
final class DataFolder implements AutoCloseable {
    private final FileLock lock;

    private DataFolder(FileLock lock) {
        this.lock = lock;
    }

    /** Makes the folder and locks it; empty where another process has it. */
    static Optional<DataFolder> lock(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new DataFolder(lock));
            }
        } catch (OverlappingFileLockException ours) {
            // This process has it already; the same answer.
        }
        channel.close();
        return Optional.empty();
    }

    @Override
    public void close() throws IOException {
        lock.channel().close();
    }
}
