package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.kernel.Msat;
import dev.sluice.lightning.Bolt11;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.math.BigInteger;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What wallets send that is wrong: a clear answer each, and the tap can still pay. */
class LnurlInputTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String programme;

    private CardShop.Held card;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        programme = shop.programme(new JsonObject());
    }

    @BeforeEach
    void hold() {
        card = shop.card(programme, "1000");
    }

    @AfterEach
    void nothingIsLost() {
        assertThat(shop.charge(card.tap(), shop.balance(card)).getBoolean("approved"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "p=%P",
                "c=%C",
                "p=%P&p=00&c=%C",
                "p=%P&c=%C&c=00",
                "k1=&pr=lnbcrt1x",
                "pr=lnbcrt1x",
                "k1=%K&pr=",
                "k1=%K&pr=notaninvoice",
                "k1=%K&pr=lnbc1pvjluezpp5",
                "k1=%K&pr=%I&pr=%I2",
                "k1=%Kx&pr=%I",
                "k1=0000000000000000000000000000000000000000000000000000000000000000&pr=%I"
            })
    void whatIsNoWithdrawRequestIsAnErrorOfLnurl(String form) {
        Tap tap = card.chip().tap();
        JsonObject offer = lnurl("p=" + tap.p() + "&c=" + tap.c());
        String query = form.replace("%P", tap.p())
                .replace("%C", tap.c())
                .replace("%K", offer.getString("k1"))
                .replace("%I2", "x")
                .replace("%I", "lnbcrt1x");
        assertThat(lnurl(query).getString("status")).isEqualTo("ERROR");
        assertThat(shop.charge(CardShop.Held.tapped(tap), "1").getBoolean("approved"))
                .isTrue(); // it still pays
    }

    /** What a node would refuse too, but only after money was set aside for it. */
    @Test
    void invoiceThatMustNotBePaidIsRefusedBeforeMoneyIsReserved() {
        JsonObject offer = lnurl(linked(card.chip().tap()));
        Instant now = Instant.now();
        Msat sat = Msat.ofSat(1);
        String secret = ForeignInvoice.SECRET;
        BigInteger none = BigInteger.ZERO;
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put(ForeignInvoice.of("bc", sat, now, secret, none), "another network");
        refused.put(ForeignInvoice.of("tbs", sat, now, secret, none), "another network");
        refused.put(ForeignInvoice.of("bcrt", null, now, secret, none), "its amount");
        refused.put(ForeignInvoice.of("bcrt", Msat.ZERO, now, secret, none), "Lightning invoice");
        refused.put(
                ForeignInvoice.of("bcrt", sat, now.minus(ForeignInvoice.EXPIRY).minusSeconds(1), secret, none),
                "expired");
        refused.put(ForeignInvoice.of("bcrt", sat, now, null, none), "payment secret");
        refused.put(ForeignInvoice.of("bcrt", sat, now, secret, none.setBit(100)), "a feature");
        refused.forEach((invoice, reason) -> {
            JsonObject answer = lnurl("k1=" + offer.getString("k1") + "&pr=" + invoice);
            assertThat(answer.getString("status")).as(reason).isEqualTo("ERROR");
            assertThat(answer.getString("reason")).contains(reason);
        });
        assertThat(shop.balance(card)).isEqualTo("1000");
    }

    /** Its hash alone says whose an invoice is; what somebody else wrote around it pays nothing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 299, 301, 1_000})
    void hashOfAnInvoiceOfOursUnderAnotherAmountPaysNothing(long sat) {
        JsonObject invoice =
                shop.post("/invoices", new JsonObject().put("amount", "300").put("currency", "SATS"));
        String id = invoice.getString("id");
        String ours = Eventually.get(
                        "Lightning is offered",
                        () -> gateway.ask("GET /i/" + id + "/status?paymentMethodId=BTC-LN", null, null)
                                .bodyAsString(),
                        status -> status.contains("lnbcrt"))
                .replaceFirst("(?s).*?(lnbcrt[0-9a-z]+).*", "$1");
        String trick = ForeignInvoice.of(Bolt11.parse(ours).hash(), Msat.ofSat(sat));
        String k1 = lnurl(linked(card.chip().tap())).getString("k1");
        assertThat(lnurl("k1=" + k1 + "&pr=" + trick).getString("status")).isEqualTo("ERROR");
        assertThat(shop.balance(card)).isEqualTo("1000");
        assertThat(shop.get("/invoices/" + id).getString("status")).isEqualTo("New");
        assertThat(lnurl("k1=" + k1 + "&pr=" + ours).getString("status")).isEqualTo("OK"); // the tap can still pay
        assertThat(shop.balance(card)).isEqualTo("700");
    }

    private static String linked(Tap tap) {
        return "p=" + tap.p() + "&c=" + tap.c();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b@c", ".", "..", "a:443", "xn--bcher-kva", "b%C3%BCcher", "a%2Fb", "%00", "a b"})
    void handleThatIsNoneIsNoCard(String handle) {
        HttpResponse<Buffer> answer = gateway.ask("GET /.well-known/lnurlp/" + handle.replace(" ", "%20"), null, null);
        assertThat(answer.statusCode()).isIn(200, 404);
        assertThat(answer.bodyAsString()).doesNotContain("payRequest");
    }

    private static JsonObject lnurl(String query) {
        return gateway.ask("GET /boltcard?" + query, null, null).bodyAsJsonObject();
    }
}
