package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A card pays invoices of another node over a real LND. */
@Tag("node")
final class CardPayoutTest {
    @Order(1)
    @RegisterExtension
    static final Regtest NODES = new Regtest();

    @Order(2)
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static InProcessGateway gateway;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        gateway = InProcessGateway.start(DATABASE, NODES);
        shop = new CardShop(gateway);
        // The channel is the customer's at first: what the gateway can send it must have received.
        NODES.payInvoice(bolt11(invoice(200_000)));
    }

    private static String invoice(long sat) {
        JsonObject wanted = new JsonObject().put("amount", Long.toString(sat)).put("currency", "SATS");
        return shop.post("/invoices", wanted).getString("id");
    }

    private static String bolt11(String invoice) {
        return Eventually.get(
                        "Lightning is offered",
                        () -> shop.getAll("/invoices/" + invoice + "/payment-methods").stream()
                                .map(JsonObject.class::cast)
                                .filter(method -> "BTC-LN".equals(method.getString("paymentMethodId")))
                                .findFirst()
                                .orElse(new JsonObject().put("activated", false)),
                        method -> method.getBoolean("activated"))
                .getString("destination");
    }

    @AfterAll
    static void close() {
        if (gateway != null) {
            gateway.close();
        }
    }

    @AfterEach
    void theBooksAddUp() {
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
    }

    private static JsonObject pay(CardShop.Held card, String bolt11) {
        return pay(offer(card).getString("k1"), bolt11);
    }

    private static JsonObject offer(CardShop.Held card) {
        var tap = card.chip().tap();
        return gateway.ask("GET /boltcard?p=" + tap.p() + "&c=" + tap.c(), null, null)
                .bodyAsJsonObject();
    }

    private static JsonObject pay(String k1, String bolt11) {
        return gateway.ask("GET /boltcard?k1=" + k1 + "&pr=" + bolt11, null, null)
                .bodyAsJsonObject();
    }

    private static String foreign(long sat) {
        JsonObject made = new JsonObject(NODES.cli(Regtest.Node.CUSTOMER, "addinvoice", "--amt", Long.toString(sat)));
        return made.getString("payment_request");
    }

    private static boolean isSettled(String bolt11) {
        String hash = dev.sluice.lightning.Bolt11.parse(bolt11).hash().hex();
        return NODES.cli(Regtest.Node.CUSTOMER, "lookupinvoice", hash).contains("\"state\": \"SETTLED\"");
    }

    @Test
    void foreignInvoiceIsPaidByTheNode() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "5000");
        String bolt11 = foreign(1_000);
        assertThat(pay(card, bolt11)).isEqualTo(new JsonObject().put("status", "OK"));
        Eventually.that("the customer has it", () -> isSettled(bolt11));
        Eventually.equal("what routing did not cost is back", "4000", () -> shop.balance(card)); // one hop is free
        assertThat(status(card)).isEqualTo("Captured");
        String custody = "select credits_posted from account where code = 'custody:ln:btc'";
        assertThat(await(DATABASE.db().read(custody)).iterator().next().getLong(0))
                .isGreaterThanOrEqualTo(1_000_000);
    }

    @Test
    void invoiceOfOursThatACardPaidIsWithdrawnFromTheNode() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "5000");
        String invoice = invoice(900);
        String bolt11 = bolt11(invoice);
        assertThat(pay(card, bolt11).getString("status")).isEqualTo("OK");
        assertThat(shop.get("/invoices/" + invoice).getString("status")).isEqualTo("Settled");
        Eventually.equal("the node's invoice", "CANCELED", () -> stateHere(bolt11));
        assertThatThrownBy(() -> NODES.payInvoice(bolt11)).isInstanceOf(Tools.ToolFailed.class);
        assertThat(payments(invoice)).containsExactly("CARD");
        assertThat(shop.balance(card)).isEqualTo("4100");
    }

    /** Whoever comes second is refused, or what came twice is recorded twice: nothing is taken and not told. */
    @Test
    void cardAndWalletThatPayOneInvoiceTogetherAreBothTold() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "5000");
        long left = 5_000;
        for (int round = 0; round < 3; round++) {
            String invoice = invoice(900);
            String bolt11 = bolt11(invoice);
            String k1 = offer(card).getString("k1");
            Thread wallet = Thread.ofVirtual().start(() -> payUnlessItIsClosed(bolt11));
            boolean byCard = "OK".equals(pay(k1, bolt11).getString("status"));
            join(wallet);
            left -= byCard ? 900 : 0;
            List<String> paid = new ArrayList<>(byCard ? List.of("CARD") : List.of());
            Eventually.that("the node's invoice has its end", () -> !"OPEN".equals(stateHere(bolt11)));
            if ("SETTLED".equals(stateHere(bolt11))) {
                paid.addFirst("BTC-LN");
            }
            Eventually.equal("what came is told", paid, () -> payments(invoice));
            assertThat(shop.get("/invoices/" + invoice).getString("status")).isEqualTo("Settled");
            assertThat(shop.balance(card)).isEqualTo(Long.toString(left));
        }
    }

    private static void payUnlessItIsClosed(String bolt11) {
        try {
            NODES.payInvoice(bolt11);
        } catch (Tools.ToolFailed closed) {
            // the card was faster
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    private static String stateHere(String bolt11) {
        String hash = dev.sluice.lightning.Bolt11.parse(bolt11).hash().hex();
        return new JsonObject(NODES.cli(Regtest.Node.GATEWAY, "lookupinvoice", hash)).getString("state");
    }

    /** The rails by which an invoice was paid. */
    private static List<String> payments(String invoice) {
        List<String> rails = new ArrayList<>();
        await(DATABASE.db().read("select rail from payment where invoice_id = $1 order by rail", invoice))
                .forEach(row -> rails.add(row.getString("rail")));
        return rails;
    }

    @Test
    void invoiceThatCannotBePaidGivesTheMoneyBack() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "9000000");
        String bolt11 = foreign(1_000);
        NODES.cli(
                Regtest.Node.CUSTOMER,
                "cancelinvoice",
                dev.sluice.lightning.Bolt11.parse(bolt11).hash().hex());
        assertThat(pay(card, bolt11).getString("status")).isEqualTo("OK"); // accepted: the node decides
        Eventually.equal("the reservation is released", "Voided", () -> status(card));
        assertThat(shop.balance(card)).isEqualTo("9000000");
    }

    private static String status(CardShop.Held card) {
        return await(DATABASE.db().read("select status from card_charge where card_id = $1", card.id()))
                .iterator()
                .next()
                .getString(0);
    }

    @Test
    void invoiceIsPaidOnceHoweverOftenItIsAsked() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "5000");
        String bolt11 = foreign(700);
        String k1 = offer(card).getString("k1");
        assertThat(pay(k1, bolt11).getString("status")).isEqualTo("OK");
        assertThat(pay(k1, bolt11).getString("status")).isEqualTo("OK"); // the answer again
        Eventually.that("the customer has it", () -> isSettled(bolt11));
        assertThat(pay(k1, foreign(700)).getString("status")).isEqualTo("ERROR");
        assertThat(pay(card, bolt11).getString("status")).isEqualTo("ERROR");
        Eventually.equal("it was paid once", "4300", () -> shop.balance(card));
    }

    @Test
    void walletLoadsACardOnChain() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String path = "/cards/" + card.id() + "/address";
        JsonObject shown = Eventually.get(
                "the chain is in sight",
                () -> shop.ask("POST", path, new JsonObject()).bodyAsJsonObject(),
                answer -> answer.containsKey("address"));
        assertThat(shown.getInteger("confirmations")).isEqualTo(1);
        NODES.payAddress(shown.getString("address"), 25_000);
        Eventually.that(
                "the payment is seen",
                () -> !shop.post(path, new JsonObject()).getString("address").equals(shown.getString("address")));
        assertThat(shop.balance(card)).isEqualTo("1");
        NODES.mine(1);
        Eventually.equal("it is deep enough", "25001", () -> shop.balance(card));
        NODES.reorgDropping(1);
        Eventually.equal("its block is gone", "1", () -> shop.balance(card));
        NODES.mine(1);
        Eventually.equal("it was mined again", "25001", () -> shop.balance(card));
    }

    @Test
    void walletLoadsCards() {
        CardShop.Held sats = shop.card(shop.programme(new JsonObject()), "1");
        NODES.payInvoice(topUp(sats, 2_500));
        Eventually.equal("the card is loaded", "2501", () -> shop.balance(sats));
        JsonObject terms = new JsonObject().put("currency", "USD").put("spreadPercent", "1");
        CardShop.Held dollars = shop.card(shop.programme(terms), "1.00");
        NODES.payInvoice(topUp(dollars, 10_000)); // 6.00 USD at 60,000, less 1 %
        Eventually.equal("in its own currency", "6.94", () -> shop.balance(dollars));
    }

    /** A node pays no invoice of its own: the money moves in the books, and nobody else can pay it any more. */
    @Test
    void cardLoadsAnotherCard() {
        CardShop.Held payer = shop.card(shop.programme(new JsonObject()), "5000");
        CardShop.Held sats = shop.card(shop.programme(new JsonObject()), "1");
        String pr = topUp(sats, 2_000);
        assertThat(pay(payer, pr).getString("status")).isEqualTo("OK");
        Eventually.equal("the other card is loaded", "2001", () -> shop.balance(sats));
        Eventually.equal("with what this one gave", "3000", () -> shop.balance(payer));
        assertThat(status(payer)).isEqualTo("Captured");
        String hash = dev.sluice.lightning.Bolt11.parse(pr).hash().hex();
        assertThat(NODES.cli(Regtest.Node.GATEWAY, "lookupinvoice", hash)).contains("\"state\": \"CANCELED\"");
        JsonObject proof = gateway.ask("GET /lnurlp/verify/" + hash, null, null).bodyAsJsonObject();
        assertThat(proof.getBoolean("settled")).isTrue();

        CardShop.Held dollars = shop.card(shop.programme(new JsonObject().put("currency", "USD")), "1.00");
        assertThat(pay(payer, topUp(dollars, 1_000)).getString("status")).isEqualTo("OK"); // 0.60 USD at 60,000
        Eventually.equal("in its own currency", "1.60", () -> shop.balance(dollars));
        assertThat(pay(dollars, topUp(sats, 1_000)).getString("status")).isEqualTo("OK");
        Eventually.equal("and back", "3001", () -> shop.balance(sats));
        Eventually.equal("for what it is worth", "1.00", () -> shop.balance(dollars));
    }

    /** Whoever comes first loads the card; the other keeps the money. */
    @Test
    void topUpThatWasPaidTakesNothingFromACard() {
        CardShop.Held payer = shop.card(shop.programme(new JsonObject()), "5000");
        CardShop.Held sats = shop.card(shop.programme(new JsonObject()), "1");
        String pr = topUp(sats, 2_000);
        NODES.payInvoice(pr);
        assertThat(pay(payer, pr).getString("status")).isEqualTo("OK"); // accepted: the node decides
        Eventually.equal("the reservation is released", "Voided", () -> status(payer));
        assertThat(shop.balance(payer)).isEqualTo("5000");
        Eventually.equal("it is loaded once", "2001", () -> shop.balance(sats));
    }

    private static String topUp(CardShop.Held card, long sat) {
        String path = "/boltcard/top-up?p=" + card.chip().tap().p() + "&amount=" + sat * 1_000;
        return gateway.ask("GET " + path, null, null).bodyAsJsonObject().getString("pr");
    }

    @Test
    void cardInDollarsPaysAForeignInvoice() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("currency", "USD")), "100.00");
        String bolt11 = foreign(10_000); // 6.00 USD at 60,000
        assertThat(pay(card, bolt11).getString("status")).isEqualTo("OK");
        Eventually.that("the customer has it", () -> isSettled(bolt11));
        Eventually.equal("6.00 are gone", "94.00", () -> shop.balance(card));
    }

    @Test
    void cardInDollarsPaysThePriceAndItsSpreadAndNoCentMore() {
        JsonObject terms = new JsonObject().put("currency", "USD").put("spreadPercent", "1");
        CardShop.Held card = shop.card(shop.programme(terms), "100.00");
        for (long sat : new long[] {500, 1_000, 1_500, 3_000}) { // 0.30, 0.60, 0.90 and 1.80, and 1 % rounded up
            assertThat(pay(card, foreign(sat)).getString("status")).isEqualTo("OK");
        }
        Eventually.equal("0.31, 0.61, 0.91 and 1.82 are gone", "96.35", () -> shop.balance(card));
    }
}
