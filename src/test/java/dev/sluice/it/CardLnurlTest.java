package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cards at wallets and foreign terminals that speak LNURL-withdraw, and invoices that are paid by card. */
class CardLnurlTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static InProcessGateway gateway;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
    }

    private static JsonObject lnurl(String query) {
        HttpResponse<Buffer> answer = gateway.ask("GET /boltcard?" + query, null, null);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.bodyAsJsonObject();
    }

    private static JsonObject offer(Tap tap) {
        return lnurl("p=" + tap.p().toUpperCase(java.util.Locale.ROOT) + "&c=" + tap.c());
    }

    private static JsonObject invoice(String amount) {
        return shop.post("/invoices", new JsonObject().put("amount", amount).put("currency", "SATS"));
    }

    private static String bolt11(JsonObject invoice) {
        return Eventually.get(
                        "Lightning is offered",
                        () -> method(invoice, "BTC-LN"),
                        method -> method.getBoolean("activated"))
                .getString("destination");
    }

    private static JsonObject method(JsonObject invoice, String rail) {
        JsonArray methods = shop.getAll("/invoices/" + invoice.getString("id") + "/payment-methods");
        return methods.stream()
                .map(JsonObject.class::cast)
                .filter(method -> rail.equals(method.getString("paymentMethodId")))
                .findFirst()
                .orElseThrow(() -> new AssertionError(methods.encode()));
    }

    private static String status(JsonObject invoice) {
        return shop.get("/invoices/" + invoice.getString("id")).getString("status");
    }

    @Test
    void cardOffersWhatItsTermsAllowAndNotWhatIsOnIt() {
        JsonObject terms = new JsonObject().put("limits", new JsonObject().put("perTap", "5000"));
        CardShop.Held card = shop.card(shop.programme(terms), "777");
        JsonObject offer = offer(card.chip().tap());
        assertThat(offer.getString("tag")).isEqualTo("withdrawRequest");
        assertThat(offer.getString("callback")).endsWith("/boltcard");
        assertThat(offer.getString("k1")).matches("[0-9a-f]{32}");
        assertThat(offer.getLong("minWithdrawable")).isEqualTo(1_000);
        assertThat(offer.getLong("maxWithdrawable")).isEqualTo(5_000_000);
        assertThat(offer.containsKey("currentBalance")).isFalse();
        assertThat(offer.containsKey("balanceCheck")).isFalse();
        assertThat(offer.encode()).doesNotContain(card.id());
    }

    @Test
    void balanceIsToldWhereItsTermsSayAndAskedAgainUntilItHasPaid() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("showsBalance", true)), "777");
        JsonObject offer = offer(card.chip().tap());
        assertThat(offer.getLong("currentBalance")).isEqualTo(777_000);
        String check = offer.getString("balanceCheck");
        String query = check.substring(check.indexOf('?') + 1);
        shop.load(card, "3");
        JsonObject again = lnurl(query);
        assertThat(again.getLong("currentBalance")).isEqualTo(780_000);
        assertThat(again.getString("k1")).isEqualTo(offer.getString("k1"));
        assertThat(lnurl(query + "&pr=" + bolt11(invoice("80"))).getString("status"))
                .isEqualTo("OK");
        assertThat(lnurl(query).getString("status")).isEqualTo("ERROR");
    }

    @Test
    void offerTellsWhereMoneyIsPutOnTheCard() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "777");
        Tap tap = card.chip().tap();
        String link = offer(tap).getString("payLink");
        assertThat(link).startsWith("lnurlp://").doesNotContain(tap.c());
        HttpResponse<Buffer> answer = gateway.ask("GET " + link.substring(link.indexOf("/boltcard")), null, null);
        assertThat(answer.bodyAsJsonObject().getString("tag")).isEqualTo("payRequest");
    }

    @Test
    void writersOwnReadConfirmsTheCardAndUsesNoPaymentUp() {
        CardShop.Held card = shop.written(shop.programme(new JsonObject().put("activation", "Manual")));
        shop.load(card, "100");
        assertThat(offer(card.chip().tap()).getString("status")).isEqualTo("ERROR"); // not active yet
        assertThat(shop.state(card)).isEqualTo("Issued");
        shop.post("/cards/" + card.id() + "/activate", new JsonObject());
        assertThat(shop.charge(card.tap(), "100").getBoolean("approved")).isTrue();
    }

    @Test
    void invoiceOfOursIsPaidInsideTheLedger() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        JsonObject invoice = invoice("300");
        String pr = bolt11(invoice);
        String k1 = offer(card.chip().tap()).getString("k1");
        assertThat(lnurl("k1=" + k1 + "&pr=" + pr)).isEqualTo(new JsonObject().put("status", "OK"));
        assertThat(status(invoice)).isEqualTo("Settled");
        assertThat(shop.balance(card)).isEqualTo("700");
        JsonObject byCard = method(invoice, "CARD");
        assertThat(byCard.getString("paymentMethodPaid")).isEqualTo("0.000003");
        assertThat(lnurl("k1=" + k1 + "&pr=" + pr)).isEqualTo(new JsonObject().put("status", "OK")); // the answer again
        assertThat(lnurl("k1=" + k1 + "&pr=" + bolt11(invoice("300"))).getString("status"))
                .isEqualTo("ERROR");
        assertThat(shop.balance(card)).isEqualTo("700");
        Eventually.equal(
                "the node takes no payment for it",
                "closed",
                () -> await(DATABASE.db()
                                .read(
                                        "select state from invoice_prompt where invoice_id = $1 and rail = 'BTC-LN'",
                                        invoice.getString("id")))
                        .iterator()
                        .next()
                        .getString(0));
    }

    @Test
    void terminalPaysAnInvoiceByTap() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("currency", "USD")), "50.00");
        JsonObject invoice =
                shop.post("/invoices", new JsonObject().put("amount", "12.50").put("currency", "USD"));
        JsonObject tap = card.tap().put("invoiceId", invoice.getString("id"));
        JsonObject paid = shop.post("/terminals/" + shop.terminal() + "/charges", tap);
        assertThat(paid.getBoolean("approved")).isTrue();
        assertThat(paid.getString("amount")).isEqualTo("12.50");
        assertThat(status(invoice)).isEqualTo("Settled");
        assertThat(shop.balance(card)).isEqualTo("37.50");
        JsonObject again = shop.post(
                "/terminals/" + shop.terminal() + "/charges", card.tap().put("invoiceId", invoice.getString("id")));
        assertThat(again.getString("reason")).isEqualTo("invoice-not-payable");
        List<String> kinds = new ArrayList<>();
        await(DATABASE.db()
                        .read(
                                "select kind from event where subject = $1 order by seq",
                                "invoice:" + invoice.getString("id")))
                .forEach(row -> kinds.add(row.getString("kind")));
        assertThat(kinds)
                .contains("InvoiceCreated", "InvoiceReceivedPayment", "InvoicePaymentSettled", "InvoiceSettled");
    }

    @Test
    void tapHasOneSession() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        Tap tap = card.chip().tap();
        List<JsonObject> answers = together(64, i -> "p=" + tap.p() + "&c=" + tap.c());
        assertThat(answers.stream().filter(answer -> answer.containsKey("k1"))).hasSize(1);
    }

    @Test
    void sessionPaysOneOfManyInvoices() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100000");
        List<String> invoices = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            invoices.add(bolt11(invoice("10")));
        }
        String k1 = offer(card.chip().tap()).getString("k1");
        List<JsonObject> answers = together(64, i -> "k1=" + k1 + "&pr=" + invoices.get(i));
        assertThat(answers.stream().filter(answer -> "OK".equals(answer.getString("status"))))
                .hasSize(1);
        assertThat(shop.balance(card)).isEqualTo("99990");
    }

    private static List<JsonObject> together(int count, IntFunction<String> query) {
        List<Future<HttpResponse<Buffer>>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(gateway.request("GET /boltcard?" + query.apply(i))
                    .putHeader("X-Forwarded-For", "10.8.0." + i)
                    .send());
        }
        await(Future.join(all));
        return all.stream().map(answer -> answer.result().bodyAsJsonObject()).toList();
    }

    @Test
    void tapItselfIsAcceptedAsItsName() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        Tap tap = card.chip().tap();
        offer(tap);
        assertThat(lnurl("k1=" + tap.p() + "-" + tap.c() + "&pr=" + bolt11(invoice("5")))
                        .getString("status"))
                .isEqualTo("OK");
        assertThat(shop.balance(card)).isEqualTo("995");
    }

    @Test
    void pinIsToldAndAsked() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("pinFrom", "100")), "1000");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "0000")));
        JsonObject offer = offer(card.chip().tap());
        assertThat(offer.getLong("pinLimit")).isEqualTo(100_000);
        String ask = "k1=" + offer.getString("k1") + "&pr=" + bolt11(invoice("100"));
        assertThat(lnurl(ask).getString("reason")).isEqualTo("PIN required");
        assertThat(lnurl(ask + "&pin=1111").getString("reason")).isEqualTo("Invalid PIN");
        assertThat(lnurl(ask + "&pin=0000").getString("status")).isEqualTo("OK");
    }

    /** 60,000 for a bitcoin, the spread rounded up: 4.95 and 0.05 are 5.00. */
    @Test
    void cardInDollarsPaysWhatItOffersAndNoMore() {
        JsonObject terms = new JsonObject()
                .put("currency", "USD")
                .put("spreadPercent", "1")
                .put("limits", new JsonObject().put("perTap", "5.00"));
        CardShop.Held card = shop.card(shop.programme(terms), "20.00");
        JsonObject offer = offer(card.chip().tap());
        assertThat(offer.getLong("maxWithdrawable")).isEqualTo(8_250_000);
        String more = lnurl("k1=" + offer.getString("k1") + "&pr=" + bolt11(invoice("8251")))
                .getString("reason");
        assertThat(more).isEqualTo("A limit of the card is reached");
        assertThat(lnurl("k1=" + offer.getString("k1") + "&pr=" + bolt11(invoice("8250")))
                        .getString("status"))
                .isEqualTo("OK");
        assertThat(shop.balance(card)).isEqualTo("15.00");
    }

    @Test
    void cardInDollarsAsksForNoPinBelowWhatItTells() {
        JsonObject terms = new JsonObject()
                .put("currency", "USD")
                .put("spreadPercent", "1")
                .put("pinFrom", "5.00");
        CardShop.Held card = shop.card(shop.programme(terms), "20.00");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "0000")));
        JsonObject offer = offer(card.chip().tap());
        assertThat(offer.getLong("pinLimit")).isEqualTo(8_233_334); // a cent begins: 4.95
        String ask = "k1=" + offer.getString("k1") + "&pr=";
        assertThat(lnurl(ask + bolt11(invoice("8234"))).getString("reason")).isEqualTo("PIN required");
        assertThat(lnurl(ask + bolt11(invoice("8233"))).getString("status")).isEqualTo("OK");
        assertThat(shop.balance(card)).isEqualTo("15.01");
    }

    @Test
    void offerThatHasExpiredPaysNothing() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String ask = "k1=" + offer(card.chip().tap()).getString("k1") + "&pr=" + bolt11(invoice("5"));
        await(DATABASE.db()
                .write(
                        "update card_session set expires_at = now() - interval '1 second' where card_id = $1",
                        Tuple.of(card.id())));
        assertThat(lnurl(ask).getString("status")).isEqualTo("ERROR");
        assertThat(shop.balance(card)).isEqualTo("1000");
    }

    @Test
    void whatIsWrongIsAnErrorOfLnurl() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        Tap tap = card.chip().tap();
        for (String query : List.of(
                "",
                "p=00&c=00",
                "p=" + tap.p(),
                "p=" + tap.p() + "&c=" + "0".repeat(16),
                "k1=abc&pr=lnbcrt1",
                "k1=" + "0".repeat(32) + "&pr=" + bolt11(invoice("5")),
                "pr=" + "l".repeat(8_000))) {
            assertThat(lnurl(query).getString("status")).as(query).isEqualTo("ERROR");
        }
        assertThat(offer(tap).getString("k1")).isNotBlank(); // nothing was used up
    }
}
