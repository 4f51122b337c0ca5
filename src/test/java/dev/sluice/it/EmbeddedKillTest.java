package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A gateway with a database of its own is killed; its server is left alone, and the next start finds everything. */
@Tag("db")
class EmbeddedKillTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final Path folder = GatewayProcess.folder();
    private final Path lock = folder.resolve("postgres/pgdata/postmaster.pid");
    private final GatewayProcess gateway = new GatewayProcess(DATABASE.config(), folder, settings());
    private final WebhookSink sink = new WebhookSink();

    private Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(Map.of(
                "SLUICE_CHAIN_MODE", "simulated",
                "SLUICE_LIGHTNING_MODE", "simulated",
                "SLUICE_DATABASE_MODE", "embedded"));
        settings.put("LC_ALL", "xx_XX.UTF-8"); // as a login from afar brings along, and few systems have
        settings.put("SLUICE_DATABASE_EMBEDDED_PORT", Integer.toString(GatewayProcess.freePort()));
        settings.put(
                "SLUICE_DATABASE_EMBEDDED_PROGRAMS", folder.resolve("programs").toString());
        return settings;
    }

    @AfterEach
    void end() throws IOException {
        gateway.close();
        sink.close();
        if (Files.exists(lock)) { // a failed test left it
            ProcessHandle.of(server()).ifPresent(ProcessHandle::destroy);
        }
    }

    @Test
    void nextStartFindsWhatTheKilledOneCommitted() throws IOException {
        gateway.start().awaitReady();
        Shop shop = new Shop(gateway, DATABASE, sink);
        String paid = shop.invoice(2_000);
        shop.payDemo(paid);
        shop.awaitState(paid, "Settled/None");
        List<String> acknowledged = killInTheMiddle(shop);
        ProcessHandle server = ProcessHandle.of(server()).orElseThrow();
        assertThat(server.isAlive()).isTrue();

        gateway.start().awaitReady();
        assertThat(server()).as("the server that was left").isEqualTo(server.pid());
        assertThat(shop.state(paid)).isEqualTo("Settled/None");
        for (String invoice : acknowledged) {
            assertThat(shop.state(invoice)).isEqualTo("New/None");
        }
        shop.payDemo(acknowledged.getLast());
        shop.awaitState(acknowledged.getLast(), "Settled/None");
        assertThat(gateway.verifyLedger()).isZero();
        gateway.stop();
        Eventually.that("the database server is gone", () -> !server.isAlive());
        assertThat(lock).doesNotExist();
    }

    /** Kills the gateway while invoices are being made; those that it had answered. */
    private List<String> killInTheMiddle(Shop shop) {
        List<String> made = new CopyOnWriteArrayList<>();
        Thread customer = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    made.add(shop.invoice(3_000));
                }
            } catch (RuntimeException | AssertionError cut) {
                return; // as every request is once the gateway is dead
            }
        });
        Eventually.that("invoices are being made", () -> made.size() >= 10);
        gateway.kill();
        Eventually.that("the customer gave up", () -> !customer.isAlive());
        return made;
    }

    private long server() throws IOException {
        return Long.parseLong(Files.readAllLines(lock).getFirst());
    }
}
