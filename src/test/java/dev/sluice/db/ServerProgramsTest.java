package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProgramsTest {
    @TempDir
    Path folder;

    /** As the library does, also where a full disk cut short what it wrote. */
    private static Path unpack(ServerPrograms programs) throws IOException {
        Path version = Files.createDirectories(programs.folder().resolve("PG-0123"));
        Files.writeString(version.resolve("postgres"), "");
        return Files.writeString(version.resolve(".exists"), "");
    }

    @Test
    void whatAStartThatFailedUnpackedIsUnpackedAgain() throws IOException {
        ServerPrograms programs = ServerPrograms.in(folder);
        Path mark = unpack(programs);
        programs.unpackAgainIfNew();
        assertThat(mark).doesNotExist();
    }

    @Test
    void whatStartedBeforeIsKeptThoughAStartFails() throws IOException {
        Path mark = unpack(ServerPrograms.in(folder));
        ServerPrograms.in(folder).unpackAgainIfNew();
        assertThat(mark).exists();
    }
}
