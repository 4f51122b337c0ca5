package dev.sluice.db;

import dev.sluice.kernel.Failure;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Where the library unpacks the embedded server's programs, once for all data folders that share the place. */
final class ServerPrograms {
    /** They take about 60 MB, and as much again on the way. */
    private static final long ROOM_MIB = 150;

    private static final Set<PosixFilePermission> OWN = PosixFilePermissions.fromString("rwx------");

    private final Path folder;
    private final boolean isNew;

    private ServerPrograms(Path folder, boolean isNew) {
        this.folder = folder;
        this.isNew = isNew;
    }

    /** {@code Conflict} where they are to be unpacked and there is no room. */
    static ServerPrograms in(Path parent) throws IOException {
        Path folder = Files.createDirectories(own(parent).resolve("unpacked"));
        boolean isNew = marks(folder).isEmpty();
        long room = Files.getFileStore(folder).getUsableSpace() >> 20;
        if (isNew && room < ROOM_MIB) {
            throw new Failure.Conflict(
                            "disk-full",
                            "The embedded database's programs need " + ROOM_MIB + " MiB in " + parent + ", which has "
                                    + room)
                    .exception();
        }
        return new ServerPrograms(folder, isNew);
    }

    Path folder() {
        return folder;
    }

    /** The library calls them unpacked even where its writes failed: what it unpacked now is not taken for whole. */
    void unpackAgainIfNew() throws IOException {
        if (isNew) {
            for (Path mark : marks(folder)) {
                Files.deleteIfExists(mark);
            }
        }
    }

    /** What the library leaves in each folder that it has unpacked. */
    private static List<Path> marks(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(version -> version.resolve(".exists"))
                    .filter(Files::exists)
                    .toList();
        }
    }

    /**
     * A folder for programs that only this user reaches: the library lets everybody write where it unpacks, and who can
     * write there decides what we run. One that is there already must be so; nothing of the parent is changed.
     */
    private static Path own(Path parent) throws IOException {
        Path folder = Files.createDirectories(parent).resolve("private");
        try {
            return Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(OWN));
        } catch (FileAlreadyExistsException there) {
            PosixFileAttributes found =
                    Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            boolean own = found.isDirectory() && found.permissions().equals(OWN) && isOwner(folder, found.owner());
            if (!own) {
                throw new FileSystemException(
                        folder.toString(), null, "programs are to run from here, but it is not of this user alone");
            }
            return folder;
        }
    }

    /** By what a new file belongs to: a user of a container has no name. */
    private static boolean isOwner(Path folder, UserPrincipal owner) throws IOException {
        Path file = Files.createTempFile(folder, "owner", "");
        try {
            return Files.getOwner(file).equals(owner);
        } finally {
            Files.delete(file);
        }
    }
}
