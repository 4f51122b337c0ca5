package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A customer pays the whole gateway on real nodes: from creation to ledger and webhook. */
@Tag("node")
final class PaymentTest {
    @Order(1)
    @RegisterExtension
    static final Regtest NODES = new Regtest();

    @Order(2)
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Order(3)
    @RegisterExtension
    static final RegtestGateway GATEWAY = new RegtestGateway(NODES, DATABASE);

    /** Three seconds to pay, on chain alone: its expiry waits for one node only. */
    private static final JsonObject SHORT =
            new JsonObject().put("expirationMinutes", 0.05).put("paymentMethods", JsonArray.of("BTC-CHAIN"));

    private static Shop shop;

    @BeforeAll
    static void open() {
        shop = GATEWAY.shop();
    }

    @AfterEach
    void booksAddUp() {
        shop.assertSound();
    }

    @AfterAll
    static void booksAddUpForTheCommandToo() {
        assertThat(GATEWAY.process().verifyLedger()).isZero();
    }

    @Test
    void lightningPaymentSettlesTheInvoice() {
        String invoice = shop.invoice(2_000);
        NODES.payInvoice(shop.bolt11(invoice));
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.payments(invoice)).containsExactly("BTC-LN 2000 Settled");
        assertThat(shop.credited(invoice)).isEqualTo(2_000);
        assertThat(shop.events(invoice))
                .containsExactly(
                        "InvoiceCreated",
                        "InvoiceReceivedPayment",
                        "InvoicePaymentSettled",
                        "InvoiceProcessing",
                        "InvoiceSettled");
        shop.awaitWebhooks(invoice);
    }

    @Test
    void paymentOnChainIsCreditedWithItsConfirmation() {
        String invoice = shop.invoice(50_000);
        NODES.payAddress(shop.address(invoice), 50_000);
        shop.awaitState(invoice, "Processing/None");
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Processing");
        assertThat(shop.credited(invoice)).isZero();
        assertThat(shop.events(invoice)).doesNotContain("InvoiceSettled", "InvoicePaymentSettled");
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Settled");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
        NODES.mine(2);
        shop.awaitWebhooks(invoice);
        assertThat(shop.events(invoice)).containsOnlyOnce("InvoiceSettled", "InvoicePaymentSettled");
    }

    @Test
    void restOfAPartialPaymentIsPaidOverLightning() {
        String invoice = shop.invoice(50_000);
        String first = shop.bolt11(invoice);
        NODES.payAddress(shop.address(invoice), 20_000);
        shop.awaitState(invoice, "New/PaidPartial");
        String rest = Eventually.get(
                "a new Lightning invoice", () -> shop.bolt11(invoice), offered -> !offered.equals(first));
        assertThatThrownBy(() -> NODES.payInvoice(first)).isInstanceOf(Tools.ToolFailed.class);
        NODES.payInvoice(rest);
        shop.awaitState(invoice, "Processing/None");
        assertThat(shop.credited(invoice)).isEqualTo(30_000);
        assertThat(shop.events(invoice)).doesNotContain("InvoiceSettled");
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.payments(invoice)).containsExactlyInAnyOrder("BTC-CHAIN 20000 Settled", "BTC-LN 30000 Settled");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
        shop.awaitWebhooks(invoice);
        assertThat(shop.events(invoice)).containsOnlyOnce("InvoiceSettled");
    }

    @Test
    void restOfAPartialPaymentIsPaidOnChainWithItsFee() {
        String invoice = shop.invoice(50_000);
        NODES.payAddress(shop.address(invoice), 20_000);
        shop.awaitState(invoice, "New/PaidPartial");
        long due = new BigDecimal(shop.method(invoice, "BTC-CHAIN").getString("due"))
                .movePointRight(8)
                .longValueExact();
        assertThat(due).isBetween(30_001L, 31_000L);
        NODES.payAddress(shop.address(invoice), due);
        shop.awaitState(invoice, "Processing/None");
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.credited(invoice)).isEqualTo(20_000 + due);
        shop.awaitWebhooks(invoice);
    }

    @Test
    void nodeTakesNothingForACancelledInvoice() {
        String invoice = shop.invoice(2_000);
        String offered = shop.bolt11(invoice);
        shop.cancel(invoice);
        shop.awaitState(invoice, "Invalid/Marked");
        Eventually.get(
                "the invoice is withdrawn", () -> shop.prompts(invoice), states -> states.equals(List.of("closed")));
        assertThatThrownBy(() -> NODES.payInvoice(offered)).isInstanceOf(Tools.ToolFailed.class);
        assertThat(shop.payments(invoice)).isEmpty();
        shop.awaitWebhooks(invoice);
        assertThat(shop.events(invoice)).containsExactly("InvoiceCreated", "InvoiceInvalid");
    }

    @Test
    void everythingThatIsOverpaidIsCredited() {
        String invoice = shop.invoice(50_000);
        NODES.payAddress(shop.address(invoice), 60_000);
        shop.awaitState(invoice, "Processing/PaidOver");
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/PaidOver");
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 60000 Settled");
        assertThat(shop.credited(invoice)).isEqualTo(60_000);
        shop.awaitWebhooks(invoice);
        assertThat(shop.events(invoice)).containsOnlyOnce("InvoiceSettled");
    }

    @Test
    void latePaymentOnChainIsCreditedAndDoesNotSettle() {
        String invoice = shop.invoice(50_000, SHORT);
        String address = shop.address(invoice);
        shop.awaitState(invoice, "Expired/None");
        NODES.payAddress(address, 50_000);
        shop.awaitState(invoice, "Expired/PaidLate");
        NODES.mine(1);
        Eventually.equal("credit", 50_000L, () -> shop.credited(invoice));
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Settled late");
        assertThat(shop.state(invoice)).isEqualTo("Expired/PaidLate");
        assertThat(shop.events(invoice))
                .containsExactly(
                        "InvoiceCreated",
                        "InvoiceExpired",
                        "InvoiceReceivedPayment",
                        "InvoicePaidAfterExpiration",
                        "InvoicePaymentSettled");
        shop.awaitWebhooks(invoice);
    }

    @Test
    void latePaymentOverLightningIsCreditedAndDoesNotSettle() throws InterruptedException {
        String invoice = shop.invoice(2_000, new JsonObject().put("expirationMinutes", 0.05));
        String bolt11 = shop.bolt11(invoice);
        shop.awaitState(invoice, "Expired/None");
        Thread.sleep(1_000); // LND tells seconds: in that of the expiry a payment is in time
        NODES.payInvoice(bolt11);
        shop.awaitState(invoice, "Expired/PaidLate");
        assertThat(shop.payments(invoice)).containsExactly("BTC-LN 2000 Settled late");
        assertThat(shop.credited(invoice)).isEqualTo(2_000);
        assertThat(shop.events(invoice))
                .containsExactly(
                        "InvoiceCreated",
                        "InvoiceExpired",
                        "InvoiceReceivedPayment",
                        "InvoicePaymentSettled",
                        "InvoicePaidAfterExpiration");
        shop.awaitWebhooks(invoice);
    }

    @Test
    void invoiceThatWasPaidOnOneRailIsClosedOnTheOther() {
        String invoice = shop.invoice(50_000);
        String bolt11 = shop.bolt11(invoice);
        NODES.payAddress(shop.address(invoice), 50_000);
        shop.awaitState(invoice, "Processing/None");
        Eventually.equal("prompts", List.of("closed"), () -> shop.prompts(invoice));
        assertThatThrownBy(() -> NODES.payInvoice(bolt11)).isInstanceOf(Tools.ToolFailed.class);
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
    }
}
