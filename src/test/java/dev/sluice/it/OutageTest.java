package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.it.Regtest.Node;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Money arrives while the gateway or one of its nodes is away. */
@Tag("node")
final class OutageTest {
    @Order(1)
    @RegisterExtension
    static final Regtest NODES = new Regtest();

    @Order(2)
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Order(3)
    @RegisterExtension
    static final RegtestGateway GATEWAY = new RegtestGateway(NODES, DATABASE);

    private static final List<String> PAID_BY_LIGHTNING = List.of(
            "InvoiceCreated", "InvoiceReceivedPayment", "InvoicePaymentSettled", "InvoiceProcessing", "InvoiceSettled");
    private static final int KILLS = 3;
    private static final int PAYMENTS = 12;
    private static final int LIFE_MAX_MS = 1_500;

    private Shop shop;
    private GatewayProcess gateway;

    @BeforeEach
    void allIsWell() {
        shop = GATEWAY.shop();
        gateway = GATEWAY.process();
        gateway.awaitReady();
    }

    @AfterEach
    void booksAddUp() {
        shop.assertSound();
    }

    @Test
    void paymentSettledWhileTheGatewayWasDeadIsCreditedOnce() {
        String invoice = shop.invoice(2_000);
        String late = shop.invoice(3_000, new JsonObject().put("expirationMinutes", 0.05));
        String bolt11 = shop.bolt11(invoice);
        String lateBolt11 = shop.bolt11(late);
        gateway.kill();
        NODES.payInvoice(bolt11);
        long expiry = shop.expiry(late).getEpochSecond();
        Eventually.that("the clock passes the expiry", () -> Instant.now().getEpochSecond() > expiry);
        NODES.payInvoice(lateBolt11);
        assertThat(shop.payments(invoice)).isEmpty();
        gateway.restart(shop);
        shop.awaitState(invoice, "Settled/None");
        shop.awaitState(late, "Expired/PaidLate");
        gateway.kill();
        gateway.restart(shop);
        assertThat(shop.payments(invoice)).containsExactly("BTC-LN 2000 Settled");
        assertThat(shop.payments(late)).containsExactly("BTC-LN 3000 Settled late");
        assertThat(shop.credited(invoice)).isEqualTo(2_000);
        assertThat(shop.credited(late)).isEqualTo(3_000);
        assertThat(shop.events(invoice)).isEqualTo(PAID_BY_LIGHTNING);
        assertThat(shop.events(late)).contains("InvoicePaidAfterExpiration").doesNotContain("InvoiceSettled");
        shop.awaitWebhooks(invoice);
        shop.awaitWebhooks(late);
    }

    @Test
    void paymentsAroundARestartOfLndAreCreditedOnce() {
        String unseen = shop.invoice(2_000);
        String later = shop.invoice(4_000);
        String unseenBolt11 = shop.bolt11(unseen);
        String laterBolt11 = shop.bolt11(later);
        gateway.kill();
        NODES.payInvoice(unseenBolt11);
        NODES.stopNode(Node.GATEWAY);
        shop.freeTurn();
        gateway.start();
        String meanwhile;
        try {
            assertThat(gateway.health()).contains("\"lightning\":\"down");
            meanwhile = shop.invoice(50_000);
            assertThat(shop.method(meanwhile, "BTC-LN").getBoolean("activated")).isFalse();
            assertThat(shop.method(meanwhile, "BTC-LN").getString("unavailableReason"))
                    .isNotBlank();
            assertThat(shop.address(meanwhile)).startsWith("bcrt1");
            assertThat(shop.state(unseen)).isEqualTo("New/None");
        } finally {
            NODES.startNode(Node.GATEWAY);
        }
        NODES.payInvoice(laterBolt11);
        shop.awaitState(unseen, "Settled/None");
        shop.awaitState(later, "Settled/None");
        NODES.payInvoice(shop.bolt11(meanwhile));
        shop.awaitState(meanwhile, "Settled/None");
        gateway.awaitReady();
        for (String invoice : List.of(unseen, later, meanwhile)) {
            shop.awaitWebhooks(invoice);
            assertThat(shop.events(invoice).stream().filter(PAID_BY_LIGHTNING::contains))
                    .isEqualTo(PAID_BY_LIGHTNING);
        }
        assertThat(shop.credited(unseen)).isEqualTo(2_000);
        assertThat(shop.credited(later)).isEqualTo(4_000);
    }

    @Test
    void restartOfLndUnderTheGatewayLosesNothing() {
        String invoice = shop.invoice(2_000);
        String bolt11 = shop.bolt11(invoice);
        NODES.killNode(Node.GATEWAY);
        Eventually.get("the outage is told", gateway::health, answer -> answer.contains("\"lightning\":\"down"));
        NODES.startNode(Node.GATEWAY);
        NODES.payInvoice(bolt11);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.events(invoice)).isEqualTo(PAID_BY_LIGHTNING);
        assertThat(shop.credited(invoice)).isEqualTo(2_000);
        shop.awaitWebhooks(invoice);
    }

    @Test
    void paymentIsNotLateBecauseBitcoindWasDown() {
        String waiting = shop.invoice(50_000);
        NODES.payAddress(shop.address(waiting), 50_000);
        shop.awaitState(waiting, "Processing/None");
        String unseen = shop.invoice(
                60_000,
                new JsonObject().put("expirationMinutes", 0.4).put("paymentMethods", JsonArray.of("BTC-CHAIN")));
        String address = shop.address(unseen);
        gateway.kill();
        NODES.payAddress(address, 60_000);
        NODES.mine(1);
        NODES.stopNode(Node.BITCOIND);
        shop.freeTurn();
        gateway.start();
        long expiry = shop.expiry(unseen).getEpochSecond();
        Eventually.that("the clock passes the expiry", () -> Instant.now().getEpochSecond() > expiry + 2);
        try {
            assertThat(gateway.health()).contains("\"chain\":\"down");
            assertThat(shop.state(unseen)).isEqualTo("New/None");
            assertThat(shop.state(waiting)).isEqualTo("Processing/None");
        } finally {
            NODES.startNode(Node.BITCOIND);
        }
        shop.awaitState(waiting, "Settled/None");
        shop.awaitState(unseen, "Settled/None");
        assertThat(shop.payments(unseen)).containsExactly("BTC-CHAIN 60000 Settled");
        assertThat(shop.credited(waiting)).isEqualTo(50_000);
        assertThat(shop.credited(unseen)).isEqualTo(60_000);
        assertThat(shop.events(unseen)).doesNotContain("InvoiceExpired").containsOnlyOnce("InvoiceSettled");
        shop.awaitWebhooks(unseen);
        shop.awaitWebhooks(waiting);
    }

    /** Kills at moments that nobody chose, while customers go on paying. */
    @Test
    void killsAtRandomMomentsLoseAndDoubleNothing() {
        long seed = Seeds.next("OutageTest");
        SplittableRandom random = new SplittableRandom(seed);
        List<String> invoices = new ArrayList<>();
        List<String> bolt11s = new ArrayList<>();
        for (int i = 0; i < PAYMENTS; i++) {
            invoices.add(shop.invoice(1_000 + i));
            bolt11s.add(shop.bolt11(invoices.getLast()));
        }
        CompletableFuture<Void> customer = CompletableFuture.runAsync(
                () -> bolt11s.forEach(NODES::payInvoice),
                task -> Thread.ofVirtual().start(task));
        for (int kill = 0; kill < KILLS; kill++) {
            LockSupport.parkNanos(random.nextInt(LIFE_MAX_MS) * 1_000_000L);
            gateway.kill();
            shop.freeTurn();
            gateway.start();
        }
        customer.join();
        gateway.awaitReady();
        for (int i = 0; i < PAYMENTS; i++) {
            String invoice = invoices.get(i);
            shop.awaitState(invoice, "Settled/None");
            assertThat(shop.payments(invoice)).containsExactly("BTC-LN " + (1_000 + i) + " Settled");
            assertThat(shop.credited(invoice)).isEqualTo(1_000 + i);
            assertThat(shop.events(invoice)).isEqualTo(PAID_BY_LIGHTNING);
            shop.awaitWebhooks(invoice);
        }
        assertThat(gateway.verifyLedger()).isZero();
    }
}
