package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.TestDatabase;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two gateway processes on one database, with simulated rails: one drives, the other waits for its turn. */
final class StandbyTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Map<String, String> SIMULATED =
            Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated");

    private static final Path FOLDER = GatewayProcess.folder();

    private final GatewayProcess first = new GatewayProcess(DATABASE.config(), FOLDER, SIMULATED);
    private final GatewayProcess second = new GatewayProcess(DATABASE.config(), FOLDER, SIMULATED);
    private final WebhookSink sink = new WebhookSink();
    private Shop shop;

    @BeforeEach
    void oneDrivesAndOneWaits() {
        first.start().awaitReady();
        shop = new Shop(first, DATABASE, sink);
        second.launch();
        Eventually.that("the second waits", () -> second.log().contains("standby "));
        assertWaits();
    }

    @AfterEach
    void end() {
        first.close();
        second.close();
        shop.freeTurn();
        sink.close();
    }

    @Test
    void standbyTakesOverFromAKilledProcess() {
        String before = shop.invoice(2_000);
        shop.payDemo(before);
        String open = shop.invoice(3_000);
        shop.awaitState(before, "Settled/None");
        first.kill();
        assertTakenOver(before, open);
    }

    @Test
    void processThatStalledBeyondItsTurnEndsAndWritesNothing() {
        String before = shop.invoice(2_000);
        shop.payDemo(before);
        String open = shop.invoice(3_000);
        shop.awaitState(before, "Settled/None");
        first.freeze();
        assertTakenOver(before, open);
        first.thaw();
        Eventually.that("the first ends", () -> !first.isAlive());
        assertThat(second.health()).startsWith("200 ");
        shop.at(second).assertSound();
    }

    @Test
    void standbyOutlivesADatabaseThatIsAway() {
        String before = shop.invoice(2_000);
        shop.payDemo(before);
        String open = shop.invoice(3_000);
        shop.awaitState(before, "Settled/None");
        first.kill();
        DbConfig own = DATABASE.config();
        DbPools server = DbPools.open(
                DATABASE.vertx(), new DbConfig(own.host(), own.port(), "postgres", "postgres", own.password(), 2));
        allowConnections(server, false);
        Eventually.that("the second misses the database", () -> second.log().contains("standby.unsure "));
        assertWaits();
        allowConnections(server, true);
        await(server.close());
        assertTakenOver(before, open);
    }

    private void assertWaits() {
        Eventually.equal("the second's readiness", "503 {\"status\":\"standby\"}", second::health);
    }

    private static void allowConnections(DbPools server, boolean allowed) {
        String name = DATABASE.config().database();
        await(server.db().write("alter database " + name + " with allow_connections " + allowed, Tuple.tuple()));
        if (!allowed) {
            String end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
            await(server.db().write(end, Tuple.of(name)));
        }
    }

    private void assertTakenOver(String before, String open) {
        Eventually.that("the second took over", second::listens);
        second.awaitReady();
        Shop there = shop.at(second);
        assertThat(there.state(before)).isEqualTo("Settled/None");
        there.payDemo(open);
        there.awaitState(open, "Settled/None");
        assertThat(there.credited(before)).isEqualTo(2_000);
        assertThat(there.credited(open)).isEqualTo(3_000);
        assertThat(there.events(before)).containsOnlyOnce("InvoiceSettled");
        there.awaitWebhooks(before);
        there.awaitWebhooks(open);
        there.assertSound();
    }
}
