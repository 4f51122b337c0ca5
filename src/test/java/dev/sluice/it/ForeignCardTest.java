package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A card of another issuer is asked to pay an invoice of ours; the issuer is a server of this test. */
class ForeignCardTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static HttpServer issuer;
    private static final List<String> ASKED = new ArrayList<>();
    private static final AtomicInteger TAPS = new AtomicInteger();
    private static final JsonObject REPLAYED =
            new JsonObject().put("status", "ERROR").put("reason", "Replayed");
    private static volatile JsonObject offer;
    private static volatile JsonObject answer;
    /** Answers in place of the others. */
    private static volatile Handler<HttpServerRequest> strange;

    @BeforeAll
    static void open() {
        gateway = InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_ALLOW_PRIVATE_ADDRESSES", "true"));
        shop = new CardShop(gateway);
        issuer = await(DATABASE.vertx()
                .createHttpServer()
                .requestHandler(request -> {
                    if (strange != null) {
                        ASKED.add(request.uri());
                        strange.handle(request);
                        return;
                    }
                    boolean second = request.getParam("pr") != null;
                    boolean replayed = !second && ASKED.contains(request.uri()); // a counter that was seen
                    ASKED.add(request.uri());
                    request.response().end((second ? answer : replayed ? REPLAYED : offer).encode());
                })
                .listen(0, "127.0.0.1"));
    }

    @AfterAll
    static void close() {
        gateway.close();
        await(issuer.close());
    }

    @BeforeEach
    void willing() {
        ASKED.clear();
        strange = null;
        offer = new JsonObject()
                .put("tag", "withdrawRequest")
                .put("callback", url("/cb?x=1"))
                .put("k1", "abc&def")
                .put("minWithdrawable", 1_000)
                .put("maxWithdrawable", 1_000_000)
                .put("defaultDescription", "card");
        answer = new JsonObject().put("status", "OK");
    }

    private static String url(String path) {
        return "http://127.0.0.1:" + issuer.actualPort() + path;
    }

    /** What the card shows at its next tap. */
    private static String tap() {
        return url("/w?p=" + TAPS.incrementAndGet() + "&c=2");
    }

    private static JsonObject tapped() {
        return new JsonObject().put("link", tap());
    }

    private static String invoice(long sat) {
        JsonObject made = shop.post(
                "/invoices", new JsonObject().put("amount", Long.toString(sat)).put("currency", "SATS"));
        Eventually.that(
                "Lightning is offered",
                () -> shop.getAll("/invoices/" + made.getString("id") + "/payment-methods").stream()
                        .map(JsonObject.class::cast)
                        .anyMatch(method -> "BTC-LN".equals(method.getString("paymentMethodId"))
                                && method.getBoolean("activated")));
        return made.getString("id");
    }

    private static String link(dev.sluice.card.ntag424.Tap tap) {
        return gateway.url("/boltcard?p=" + tap.p() + "&c=" + tap.c());
    }

    private static HttpResponse<Buffer> ask(String invoice, JsonObject body) {
        return shop.ask("POST", "/invoices/" + invoice + "/lnurl-withdraw", body);
    }

    private static String code(HttpResponse<Buffer> response) {
        return response.bodyAsJsonObject().getString("code");
    }

    @Test
    void issuerIsAskedToPayTheInvoice() {
        String invoice = invoice(500);
        HttpResponse<Buffer> accepted = ask(invoice, tapped());
        assertThat(accepted.bodyAsJsonObject()).isEqualTo(new JsonObject().put("status", "Accepted"));
        assertThat(ASKED).hasSize(2);
        assertThat(ASKED.get(1)).startsWith("/cb?x=1&k1=abc%26def&pr=lnbcrt").doesNotContain("pin=");
        assertThat(shop.get("/invoices/" + invoice).getString("status")).isEqualTo("New"); // our node decides
    }

    @Test
    void payerTapsAtTheCheckoutPage() {
        String invoice = invoice(500);
        HttpResponse<Buffer> accepted = gateway.ask("POST /i/" + invoice + "/tap", null, tapped());
        assertThat(accepted.bodyAsJsonObject()).isEqualTo(new JsonObject().put("status", "Accepted"));
        assertThat(ASKED.get(1)).contains("&pr=lnbcrt");
        assertThat(shop.get("/invoices/" + invoice).getString("status")).isEqualTo("New");
        answer = new JsonObject().put("status", "ERROR").put("reason", "No money");
        JsonObject link = tapped();
        HttpResponse<Buffer> refused = gateway.ask("POST /i/" + invoice + "/tap", null, link);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.bodyAsJsonObject().getString("message")).isEqualTo("No money");
        assertThat(gateway.ask("POST /i/1111111111111111111111/tap", null, link).statusCode())
                .isEqualTo(404);
    }

    @Test
    void cardOfOursPaysAtTheCheckoutPageAtOnce() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("pinFrom", "100")), "1000");
        shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "4711"));
        String invoice = invoice(500);
        var tap = card.chip().tap();
        JsonObject body = new JsonObject().put("link", link(tap));
        assertThat(code(gateway.ask("POST /i/" + invoice + "/tap", null, body))).isEqualTo("pin-required");
        assertThat(code(gateway.ask(
                        "POST /i/" + invoice + "/tap", null, body.copy().put("pin", "1111"))))
                .isEqualTo("pin-wrong");
        HttpResponse<Buffer> paid =
                gateway.ask("POST /i/" + invoice + "/tap", null, body.copy().put("pin", "4711"));
        assertThat(paid.bodyAsJsonObject()).isEqualTo(new JsonObject().put("status", "Paid"));
        assertThat(shop.get("/invoices/" + invoice).getString("status")).isEqualTo("Settled");
        assertThat(shop.balance(card)).isEqualTo("500");
        assertThat(ASKED).isEmpty();
        assertThat(gateway.ask("POST /i/" + invoice + "/tap", null, body).bodyAsJsonObject())
                .isEqualTo(new JsonObject().put("status", "Paid")); // an answer was lost
        JsonObject other = body.copy().put("link", link(card.chip().tap()));
        assertThat(code(gateway.ask("POST /i/" + invoice + "/tap", null, other)))
                .isEqualTo("invoice-not-payable");
        assertThat(shop.balance(card)).isEqualTo("500");
    }

    @Test
    void refusalsTellWhyAndAskNoMore() {
        String invoice = invoice(500);
        answer = new JsonObject().put("status", "ERROR").put("reason", "No\nmoney" + "!".repeat(500));
        HttpResponse<Buffer> refused = ask(invoice, tapped());
        assertThat(code(refused)).isEqualTo("card-refused");
        assertThat(refused.bodyAsJsonObject().getString("message"))
                .startsWith("No money")
                .hasSizeLessThan(201);
        offer.put("maxWithdrawable", 499_999);
        assertThat(code(ask(invoice, tapped()))).isEqualTo("card-refused");
        offer.put("maxWithdrawable", "much");
        assertThat(code(ask(invoice, tapped()))).isEqualTo("card-refused");
        offer.put("tag", "payRequest");
        assertThat(code(ask(invoice, tapped()))).isEqualTo("card-refused");
        assertThat(code(ask(invoice, new JsonObject().put("link", "ftp://x/y"))))
                .isEqualTo("url-refused");
        assertThat(code(ask(invoice, new JsonObject().put("link", gateway.url("/boltcard?p=1&c=2")))))
                .isEqualTo("card-of-ours");
        assertThat(code(ask("1111111111111111111111", tapped()))).isEqualTo("invoice-not-found");
    }

    /** An offer pays nothing, so silence before it is a refusal; silence after it may be a payment. */
    @Test
    void silenceIsARefusalUntilTheIssuerIsAskedToPay() {
        String invoice = invoice(500);
        HttpResponse<Buffer> nobody = ask(invoice, new JsonObject().put("link", "lnurlw://127.0.0.1:59999/w"));
        assertThat(nobody.statusCode()).isEqualTo(400);
        assertThat(code(nobody)).isEqualTo("card-refused");
        assertThat(nobody.bodyAsJsonObject().getString("message")).contains("did not answer", "nothing is paid");
        strange = request -> request.connection().close();
        assertThat(code(ask(invoice, tapped()))).isEqualTo("card-refused");
        assertThat(ASKED).hasSize(1);
        strange = request -> {
            if (request.getParam("pr") == null) {
                request.response().end(offer.encode());
            } else {
                request.connection().close();
            }
        };
        HttpResponse<Buffer> unknown = ask(invoice, tapped());
        assertThat(unknown.statusCode()).isEqualTo(503);
        assertThat(code(unknown)).isEqualTo("card-silent");
    }

    /** A tap is good for one offer: that with the PIN is the same, and only at the same invoice. */
    @Test
    void answersThatAreNoneAreRefusedAndLeadNowhere() {
        String invoice = invoice(500);
        JsonObject link = new JsonObject().put("link", url("/w?p=1&c=2"));
        strange = request -> request.response()
                .setStatusCode(302)
                .putHeader("Location", "http://169.254.169.254/latest/meta-data/")
                .end();
        assertThat(code(ask(invoice, link))).isEqualTo("card-refused");
        strange = request -> request.response()
                .end(offer.copy().put("filler", "x".repeat(5_000_000)).encode());
        assertThat(code(ask(invoice, link))).isEqualTo("card-refused");
        for (String body : List.of("", "[]", "null", "<html>", "{", "\"tag\"")) {
            strange = request -> request.response().end(body);
            assertThat(code(ask(invoice, link))).as(body).isEqualTo("card-refused");
        }
        assertThat(ASKED).hasSize(8); // one request each
        strange = null;
        for (String callback : List.of("file:///etc/passwd", "javascript:alert(1)", "lnurlw://x", "//x", "")) {
            ASKED.clear(); // another tap
            offer.put("callback", callback);
            assertThat(code(ask(invoice, link))).as(callback).isEqualTo("url-refused");
        }
    }

    @Test
    void reasonsAreShownAsTextAndCut() {
        String invoice = invoice(500);
        answer = new JsonObject()
                .put("status", "ERROR")
                .put("reason", "<script>alert(1)</script>\u0000\r\nX: y" + "z".repeat(1_000));
        HttpResponse<Buffer> refused = ask(invoice, new JsonObject().put("link", url("/w")));
        assertThat(refused.getHeader("Content-Type")).startsWith("application/json");
        assertThat(refused.getHeader("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(refused.bodyAsJsonObject().getString("message"))
                .startsWith("<script>alert(1)</script>   X: y")
                .hasSize(200);
    }

    @Test
    void pinGoesToItsIssuerOnlyWhereItAsks() {
        String invoice = invoice(500);
        offer.put("pinLimit", 500_000);
        JsonObject body = tapped();
        assertThat(code(ask(invoice, body))).isEqualTo("pin-required");
        offer.put("k1", "of another tap");
        HttpResponse<Buffer> elsewhere = ask(invoice(500), body.copy().put("pin", "1234"));
        assertThat(elsewhere.bodyAsJsonObject().getString("message")).isEqualTo("Replayed");
        assertThat(ask(invoice, body.copy().put("pin", "1234")).statusCode()).isEqualTo(200);
        assertThat(ASKED.getLast()).startsWith("/cb?x=1&k1=abc%26def&pr=lnbcrt").endsWith("&pin=1234");
        assertThat(ASKED).hasSize(3); // the offer, the replay, the payment
        offer.remove("pinLimit");
        assertThat(ask(invoice, tapped().put("pin", "1234")).statusCode()).isEqualTo(200);
        assertThat(ASKED.getLast()).doesNotContain("pin=");
    }

    @Test
    void payerEntersThePinOfTheTapAtTheCheckoutPage() {
        String invoice = invoice(500);
        offer.put("pinLimit", 1);
        JsonObject body = tapped();
        assertThat(code(gateway.ask("POST /i/" + invoice + "/tap", null, body))).isEqualTo("pin-required");
        HttpResponse<Buffer> accepted =
                gateway.ask("POST /i/" + invoice + "/tap", null, body.copy().put("pin", "1234"));
        assertThat(accepted.bodyAsJsonObject()).isEqualTo(new JsonObject().put("status", "Accepted"));
        assertThat(ASKED.getLast()).endsWith("&pin=1234");
    }

    /** Another card at the same invoice is asked for its own offer. */
    @Test
    void nextTapIsAskedAnew() {
        String invoice = invoice(500);
        offer.put("pinLimit", 1);
        assertThat(code(ask(invoice, tapped()))).isEqualTo("pin-required");
        offer.put("k1", "second");
        assertThat(ask(invoice, tapped().put("pin", "1234")).statusCode()).isEqualTo(200);
        assertThat(ASKED.getLast()).contains("k1=second&");
    }

    @Test
    void privateAddressesAreNotAskedUnlessAllowed() {
        try (InProcessGateway strict = InProcessGateway.start(
                new Other().database, Map.of("SLUICE_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true"))) {
            CardShop other = new CardShop(strict);
            JsonObject made =
                    other.post("/invoices", new JsonObject().put("amount", "5").put("currency", "SATS"));
            HttpResponse<Buffer> refused = other.ask(
                    "POST",
                    "/invoices/" + made.getString("id") + "/lnurl-withdraw",
                    new JsonObject().put("link", "https://127.0.0.1/w"));
            assertThat(code(refused)).isEqualTo("address-refused");
        }
    }

    /** A database of its own: a gateway has one first user. */
    private static final class Other {
        private final TestDatabase database = new TestDatabase();

        Other() {
            database.beforeAll(null);
        }
    }
}
