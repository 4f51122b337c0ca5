package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The chain takes back three blocks that hold a credited payment. */
@Tag("node")
final class ReorgTest {
    @Order(1)
    @RegisterExtension
    static final Regtest NODES = new Regtest();

    @Order(2)
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Order(3)
    @RegisterExtension
    static final RegtestGateway GATEWAY = new RegtestGateway(NODES, DATABASE);

    private static final int DEPTH = 3;
    private static final JsonObject ON_CHAIN = new JsonObject().put("paymentMethods", JsonArray.of("BTC-CHAIN"));

    private static Shop shop;

    private String invoice;
    private String txid;

    @BeforeAll
    static void open() {
        shop = GATEWAY.shop();
    }

    @AfterEach
    void booksAddUp() {
        shop.assertSound();
    }

    @Test
    void paymentThatIsMinedAgainIsCreditedOnce() {
        payAndSettle();
        NODES.reorg(DEPTH);
        Eventually.equal("block of the payment", blockOnTheNode(), () -> shop.blockOf(invoice));
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Settled");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
        settledOnceMoreAtMostForEachReversal();
    }

    @Test
    void paymentThatIsDroppedIsTakenBackUntilItIsMinedAgain() {
        payAndSettle();
        NODES.reorgDropping(DEPTH);
        shop.awaitState(invoice, "Processing/None");
        Eventually.equal("credit", 0L, () -> shop.credited(invoice));
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Processing");
        shop.assertSound();
        NODES.mine(1);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
        settledOnceMoreAtMostForEachReversal();
    }

    @Test
    void paymentThatIsDoubleSpentIsTakenBackForGood() {
        payAndSettle();
        NODES.doubleSpend(DEPTH, txid);
        shop.awaitState(invoice, "Invalid/Invalid");
        assertThat(shop.payments(invoice)).containsExactly("BTC-CHAIN 50000 Invalid");
        assertThat(shop.credited(invoice)).isZero();
        NODES.mine(2);
        shop.awaitWebhooks(invoice);
        assertThat(shop.state(invoice)).isEqualTo("Invalid/Invalid");
        assertThat(shop.credited(invoice)).isZero();
        assertThat(shop.events(invoice)).containsOnlyOnce("InvoiceInvalid", "InvoiceSettled");
    }

    private void payAndSettle() {
        invoice = shop.invoice(50_000, ON_CHAIN);
        txid = NODES.payAddress(shop.address(invoice), 50_000);
        NODES.mine(DEPTH);
        shop.awaitState(invoice, "Settled/None");
        assertThat(shop.credited(invoice)).isEqualTo(50_000);
    }

    /** A merchant hears of a settlement again only after the loss of the one before. */
    private void settledOnceMoreAtMostForEachReversal() {
        shop.awaitWebhooks(invoice);
        List<String> events = shop.allEvents(invoice);
        assertThat(Collections.frequency(events, "InvoiceSettled"))
                .isEqualTo(1 + Collections.frequency(events, "InvoicePaymentUnconfirmed"));
    }

    private String blockOnTheNode() {
        String answer = NODES.cli(Regtest.Node.BITCOIND, "getrawtransaction", txid, "1");
        return new JsonObject(answer).getString("blockhash");
    }
}
