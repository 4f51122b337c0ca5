package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the shell scripts decide by themselves. */
class ScriptsTest {
    @TempDir
    Path folder;

    private int free;

    @BeforeEach
    void choose() {
        free = GatewayProcess.freePort();
    }

    @Test
    void databaseKeepsItsPort() throws IOException {
        int kept = keptPort();
        assertThat(kept).isBetween(free, free + 49);
        free = GatewayProcess.freePort();
        assertThat(keptPort()).isEqualTo(kept);
        assertThat(Files.readString(port())).isEqualTo(kept + "\n");
    }

    @Test
    void databaseLeavesAPortThatAnotherProgramTook() throws IOException {
        try (ServerSocket other = other()) {
            Files.writeString(port(), other.getLocalPort() + "\n");
            lock("999999999", other.getLocalPort()); // of a server that was killed as well
            int chosen = keptPort();
            assertThat(chosen).isNotEqualTo(other.getLocalPort());
            assertThat(Files.readString(port())).isEqualTo(chosen + "\n");
        }
    }

    @Test
    void databaseStaysWithAServerThatIsLeft() throws IOException {
        try (ServerSocket server = other()) {
            Files.writeString(port(), "");
            lock(Long.toString(ProcessHandle.current().pid()), server.getLocalPort());
            assertThat(keptPort()).isEqualTo(server.getLocalPort());
        }
    }

    @Test
    void damagedPortFileIsReplaced() throws IOException {
        Files.writeString(port(), "25432; rm");
        assertThat(keptPort()).isBetween(free, free + 49);
    }

    @Test
    void dockerSecretsAreMadeOnce() throws IOException {
        prepare(System.getenv("PATH"));
        String bitcoin = secret("bitcoin.conf");
        assertThat(bitcoin).matches("rpcauth=sluice:[0-9a-f]{32}\\$[0-9a-f]{64}\n");
        assertThat(secret("lnd.conf")).endsWith("bitcoind.rpcpass=" + secret("bitcoind_password") + "\n");
        assertThat(secret("database_password")).matches("[0-9a-f]{48}");
        prepare(System.getenv("PATH"));
        assertThat(secret("bitcoin.conf")).isEqualTo(bitcoin);
    }

    @Test
    void dockerSecretsAreMadeAfterAFailure() throws IOException {
        Path tools = Files.createDirectory(folder.resolve("tools"));
        for (String tool :
                List.of("bash", "readlink", "dirname", "od", "tr", "sed", "mkdir", "cat", "mv", "rm", "id")) {
            Files.createSymbolicLink(tools.resolve(tool), Path.of("/usr/bin", tool));
        }
        Tools.Result failed = attempt(tools.toString());
        assertThat(failed.status()).isEqualTo(1);
        assertThat(failed.errors()).contains("openssl is missing");
        assertThat(folder.resolve("docker/secrets.d")).doesNotExist();

        Files.createDirectories(folder.resolve("docker/secrets.d")); // as the first version left it
        Files.writeString(folder.resolve("docker/secrets.d/bitcoind_password"), "kept");
        prepare(System.getenv("PATH"));
        assertThat(secret("bitcoind_password")).isEqualTo("kept");
        assertThat(secret("bitcoin.conf")).startsWith("rpcauth=sluice:");
        assertThat(secret("lnd.conf")).endsWith("bitcoind.rpcpass=kept\n");
    }

    private int keptPort() {
        String script = "source scripts/lib.sh; kept_port \"$1\" \"$2\"";
        return Integer.parseInt(Tools.run(
                Map.of(), List.of("bash", "-euc", script, "test", folder.toString(), Integer.toString(free))));
    }

    private Path port() {
        return folder.resolve("postgres.port");
    }

    private static ServerSocket other() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private void lock(String process, int port) throws IOException {
        Path data = Files.createDirectories(folder.resolve("postgres/pgdata"));
        Files.writeString(data.resolve("postmaster.pid"), process + "\n" + data + "\n1700000000\n" + port + "\n");
    }

    private void prepare(String path) throws IOException {
        Tools.Result made = attempt(path);
        assertThat(made.status()).as(made.errors()).isZero();
    }

    private Tools.Result attempt(String path) throws IOException {
        Path copy = Files.createDirectories(folder.resolve("docker")).resolve("prepare");
        if (Files.notExists(copy)) {
            Files.copy(Tools.project().resolve("docker/prepare"), copy);
        }
        return Tools.attempt(Map.of("PATH", path), List.of("/bin/bash", copy.toString()));
    }

    private String secret(String name) throws IOException {
        return Files.readString(folder.resolve("docker/secrets.d").resolve(name));
    }
}
