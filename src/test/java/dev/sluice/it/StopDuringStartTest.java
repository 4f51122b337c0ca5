package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

@Tag("db")
class StopDuringStartTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void takesAlongTheDatabaseServerThatHasJustBegun() throws IOException {
        Path folder = GatewayProcess.folder();
        Map<String, String> embedded = Map.of(
                "SLUICE_DATABASE_MODE", "embedded",
                "SLUICE_DATABASE_EMBEDDED_PORT", Integer.toString(GatewayProcess.freePort()),
                "SLUICE_DATABASE_EMBEDDED_PROGRAMS", folder.resolve("programs").toString());
        try (GatewayProcess gateway = new GatewayProcess(DATABASE.config(), folder, embedded)) {
            gateway.launch();
            Path pid = folder.resolve("postgres/pgdata/postmaster.pid");
            Eventually.that("the database server has begun", () -> Files.exists(pid) && server(pid) > 0);
            ProcessHandle server = ProcessHandle.of(server(pid)).orElseThrow();
            gateway.stop();
            Eventually.that("the database server is gone", () -> !server.isAlive());
            assertThat(pid).doesNotExist();
        }
    }

    /** The first line of its file; 0 while that is being written. */
    private static long server(Path pid) {
        try {
            return Files.readString(pid)
                    .lines()
                    .findFirst()
                    .map(Long::parseLong)
                    .orElse(0L);
        } catch (IOException unwritten) {
            return 0;
        }
    }
}
