package dev.sluice.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.kernel.FailureException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

@Tag("db")
class EmbeddedDatabaseTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void nobodyElseReachesItsPrograms() throws IOException {
        assertThat(Files.getPosixFilePermissions(TestDatabase.PROGRAMS.resolve("private")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void runsNoProgramsWhereOthersGet(@TempDir Path folder) throws IOException {
        Path open = Files.createDirectory(folder.resolve("private"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThatThrownBy(() -> EmbeddedDatabase.start(folder.resolve("data"), folder, 0, false))
                .hasMessageContaining(open.toString())
                .hasMessageContaining("not of this user alone");
    }

    @Test
    void runsNoProgramsOfAnotherFolderByALink(@TempDir Path folder) throws IOException {
        Path elsewhere = Files.createDirectory(
                folder.resolve("elsewhere"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createSymbolicLink(folder.resolve("private"), elsewhere);
        assertThatThrownBy(() -> EmbeddedDatabase.start(folder.resolve("data"), folder, 0, false))
                .hasMessageContaining("not of this user alone");
    }

    @Test
    void changesNothingOfTheFolderItIsGiven(@TempDir Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxr-x"));
        Files.createFile(folder.resolve("private")); // ends before a server starts
        assertThatThrownBy(() -> EmbeddedDatabase.start(folder.resolve("data"), folder, 0, false))
                .hasMessageContaining("not of this user alone");
        assertThat(Files.getPosixFilePermissions(folder)).isEqualTo(PosixFilePermissions.fromString("rwxrwxr-x"));
    }

    @Test
    void saysThatAnotherProgramHasItsPort(@TempDir Path folder) throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(folder, folder, other.getLocalPort(), false))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("Port " + other.getLocalPort())
                    .hasMessageContaining("taken by another program");
            // what a killed server left there does not make it ours
            Path lock = Files.createDirectories(folder.resolve("pgdata")).resolve("postmaster.pid");
            Files.writeString(lock, "999999999\n" + folder + "\n0\n" + other.getLocalPort() + "\n");
            assertThatThrownBy(() -> EmbeddedDatabase.start(folder, folder, other.getLocalPort(), false))
                    .hasMessageContaining("taken by another program");
        }
    }

    @Test
    void beginsAnewWhereAKillCutTheFirstStartShort(@TempDir Path folder) throws IOException {
        Path data = Files.createDirectories(folder.resolve("pgdata/base/1"));
        Files.createFile(folder.resolve("pgdata/postgresql.conf")); // all that the library looks for
        Files.createFile(data.resolve("112"));
        Files.createFile(folder.resolve("pgdata.unfinished"));
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            assertThat(server.database("whole", 2, null).port()).isEqualTo(server.port());
        }
        assertThat(folder.resolve("pgdata.unfinished")).doesNotExist();
        try (Stream<Path> left = Files.list(folder)) { // nothing of it is lost, should the marker be wrong
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("pgdata.set-aside-")))
                    .singleElement()
                    .satisfies(kept -> assertThat(kept.resolve("base/1/112")).exists());
        }
        try (EmbeddedDatabase again = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            assertThat(has(again, "whole")).isTrue(); // one that has run is kept
        }
    }

    @Test
    void touchesNothingOfAFolderThatLacksItsSettings(@TempDir Path folder) throws IOException {
        Path kept = Files.createFile(
                Files.createDirectories(folder.resolve("pgdata/base/1")).resolve("112"));
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("postgresql.conf");
            assertThat(kept).exists();
        }
        assertThat(folder.resolve("pgdata.unfinished")).doesNotExist();
    }

    @Test
    void saysWhyItsServerDoesNotStart(@TempDir Path folder) throws IOException {
        try (EmbeddedDatabase whole = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            assertThat(whole.port()).isPositive();
        }
        Files.writeString(folder.resolve("pgdata/postgresql.conf"), "nonsense = 1", StandardOpenOption.APPEND);
        Duration most = Duration.ofSeconds(2);
        assertThatThrownBy(() -> EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false, most))
                .isInstanceOf(FailureException.class) // the command line tells its message and not its cause's
                .hasMessageContaining("\"nonsense\"");
    }

    @Test
    void startsWhereAKilledServersLockNamesAnotherProcess(@TempDir Path folder) throws IOException {
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            server.database("whole", 2, null);
        }
        Path lock = folder.resolve("pgdata/postmaster.pid");
        String self = Long.toString(ProcessHandle.current().pid());
        Files.write(lock, List.of(self, folder.resolve("pgdata").toString(), "1", "1", "", "127.0.0.1", "", "ready"));
        try (EmbeddedDatabase again = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            assertThat(has(again, "whole")).isTrue();
        }
    }

    @Test
    void leavesTheLockOfAServerThatRuns(@TempDir Path folder) throws IOException {
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            ServerLock.removeIfLeft(folder.resolve("pgdata"));
            assertThat(folder.resolve("pgdata/postmaster.pid")).exists();
            assertThat(server.port()).isPositive();
        }
    }

    /** Its superuser could read the gateway's keys and run programs as it. */
    @Test
    void nobodyElseIsLetIn(@TempDir Path folder) throws Exception {
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            server.database("whole", 2, null);
            for (String user : List.of("postgres", "sluice")) {
                String url = "jdbc:postgresql://127.0.0.1:" + server.port() + "/postgres?user=" + user;
                for (String guess : List.of("", "&password=" + user)) {
                    assertThatThrownBy(() -> DriverManager.getConnection(url + guess))
                            .hasMessageContaining("password");
                }
            }
        }
        Path password = folder.resolve("password");
        assertThat(Files.getPosixFilePermissions(password)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Files.delete(password); // as in a folder of before, and one that was copied without it
        Files.writeString(folder.resolve("pgdata/pg_hba.conf"), "host all all 127.0.0.1/32 trust\n");
        try (EmbeddedDatabase again = EmbeddedDatabase.start(folder, TestDatabase.PROGRAMS, 0, false)) {
            assertThat(has(again, "whole")).isTrue();
            String url = "jdbc:postgresql://127.0.0.1:" + again.port() + "/postgres?user=postgres";
            assertThatThrownBy(() -> DriverManager.getConnection(url)).hasMessageContaining("password");
        }
    }

    private static boolean has(EmbeddedDatabase server, String database) {
        DbPools pools = DbPools.open(DATABASE.vertx(), server.database("postgres", 2, null));
        try {
            return TestDatabase.await(pools.db().read("select from pg_database where datname = $1", database))
                            .size()
                    == 1;
        } finally {
            TestDatabase.await(pools.close());
        }
    }

    @Test
    void sortsByCodePointsAndKnowsLettersOfAllScripts() {
        String sql = """
                select array_agg(word order by word) as sorted, lower('ÄÉ漢') as lower
                from unnest(array['b', 'Z', 'a-1', 'a1', 'é', '漢']) as word
                """;
        var row = TestDatabase.await(DATABASE.db().read(sql)).iterator().next();
        assertThat(row.getArrayOfStrings("sorted")).containsExactly("Z", "a-1", "a1", "b", "é", "漢");
        assertThat(row.getString("lower")).isEqualTo("äé漢");
    }
}
