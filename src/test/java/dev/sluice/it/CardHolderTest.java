package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lnurl.Lnurl;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the holder of a card sees and does, and how wallets load it. */
class CardHolderTest {
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

    private static String query(Tap tap) {
        return "p=" + tap.p() + "&c=" + tap.c();
    }

    private static HttpResponse<Buffer> page(Tap tap) {
        return gateway.ask("GET /boltcards/balance?" + query(tap), null, null);
    }

    private static JsonObject json(String path) {
        HttpResponse<Buffer> answer = gateway.ask("GET " + path, null, null);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.bodyAsJsonObject();
    }

    /** The three things that Flash's apps take off the page, by expressions like theirs. */
    @Test
    void pageHasWhatAppsTakeOffIt() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "12345");
        shop.charge(card.tap(), "1111");
        String html = ok(page(card.chip().tap())).bodyAsString();
        assertThat(html).containsPattern("href=\"lightning:lnurl[a-z0-9]+\"");
        Matcher balance = Pattern.compile("<dt[^>]*>([\\d,]+) SATS</dt>").matcher(html);
        assertThat(balance.find()).isTrue();
        assertThat(balance.group(1)).isEqualTo("11,234");
        Matcher movement = Pattern.compile(
                        "<time datetime=\"([^\"]+)\">[^<]*</time></td><td[^>]*><span[^>]*>(-?[\\d,]+) SATS</span>")
                .matcher(html);
        assertThat(movement.find()).isTrue();
        assertThat(movement.group(2)).isEqualTo("-1,111");
        assertThat(html).doesNotContain(card.id()).doesNotContain("<script");
    }

    /** What axios, fetch and OkHttp send by themselves, and browsers; axios names JSON whatever it asks for. */
    @Test
    void appsThatNameJsonAmongOthersGetThePage() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "12345");
        Tap tap = card.chip().tap();
        for (String accept : List.of(
                "application/json, text/plain, */*",
                "*/*",
                "",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "application/json;q=0.9, */*;q=0.1")) {
            HttpResponse<Buffer> answer = accepting("GET /boltcards/balance?" + query(tap), accept);
            assertThat(ok(answer).getHeader("Content-Type")).as(accept).startsWith("text/html");
            assertThat(answer.bodyAsString()).as(accept).contains("12,345 SATS</dt>");
        }
        for (String accept : List.of("application/json", "Application/JSON; charset=utf-8", "application/json, a/b")) {
            HttpResponse<Buffer> answer = accepting("GET /boltcards/balance?" + query(tap), accept);
            assertThat(ok(answer).bodyAsJsonObject().getString("balance"))
                    .as(accept)
                    .isEqualTo("12345");
        }
    }

    /** The forms of the page refuse by the same rule. */
    @Test
    void refusalsArePagesForWhoReadsPages() {
        String forged = "?p=" + "0".repeat(32) + "&c=" + "0".repeat(16);
        for (String path : List.of("GET /boltcards/balance", "POST /boltcards/freeze", "POST /boltcards/address")) {
            HttpResponse<Buffer> page = accepting(path + forged, "application/json, text/plain, */*");
            assertThat(page.statusCode()).as(path).isEqualTo(400);
            assertThat(page.getHeader("Content-Type")).as(path).startsWith("text/html");
            assertThat(accepting(path + forged, "application/json")
                            .bodyAsJsonObject()
                            .getString("code"))
                    .as(path)
                    .isEqualTo("tap-not-valid");
        }
    }

    private static HttpResponse<Buffer> accepting(String operation, String accept) {
        var request = gateway.request(operation);
        return await((accept.isEmpty() ? request : request.putHeader("Accept", accept)).send());
    }

    @Test
    void lookingUsesNoPaymentUpAndEndsWithANewerTap() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        Tap tap = card.chip().tap();
        ok(page(tap));
        ok(page(tap)); // a page that is loaded again
        assertThat(shop.charge(CardShop.Held.tapped(tap), "10").getBoolean("approved"))
                .isTrue();
        assertThat(page(tap).statusCode()).isEqualTo(400); // whose tap has paid, a merchant has it
        Tap next = card.chip().tap();
        ok(page(next));
        shop.charge(card.tap(), "10");
        assertThat(page(next).statusCode()).isEqualTo(400);
    }

    @Test
    void whoFindsALostCardLearnsNothingOfItsHolder() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held lost = shop.card(programme, "777");
        CardShop.Held replaced = shop.card(programme, "778");
        lost.chip().tap();
        shop.post("/cards/" + lost.id() + "/lost", new JsonObject());
        shop.post("/cards/" + replaced.id() + "/replace", new JsonObject());
        HttpResponse<Buffer> found = page(lost.chip().tap());
        assertThat(found.statusCode()).isEqualTo(400);
        assertThat(found.bodyAsString()).contains("reported lost").doesNotContain("777", "lnurl");
        assertThat(page(replaced.chip().tap()).bodyAsString())
                .contains("was replaced")
                .doesNotContain("778", "lnurl");
        HttpResponse<Buffer> json = await(
                gateway.request("GET /boltcards/balance?" + query(lost.chip().tap()))
                        .putHeader("Accept", "application/json")
                        .send());
        assertThat(json.bodyAsJsonObject().getString("code")).isEqualTo("card-lost");
    }

    @Test
    void holderIsGivenAnAddressOnChain() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        Tap tap = card.chip().tap();
        assertThat(ok(page(tap)).bodyAsString())
                .contains("action=\"/boltcards/address\"")
                .doesNotContain("bitcoin:bcrt1");
        HttpResponse<Buffer> given = await(gateway.request("POST /boltcards/address")
                .sendForm(io.vertx.core.MultiMap.caseInsensitiveMultiMap()
                        .add("p", tap.p())
                        .add("c", tap.c())));
        assertThat(given.statusCode()).isEqualTo(303);
        assertThat(ok(page(tap)).bodyAsString())
                .contains("href=\"bitcoin:bcrt1")
                .contains("Confirmations needed: 1")
                .doesNotContain("/boltcards/address");
        HttpResponse<Buffer> forged = await(gateway.request("POST /boltcards/address")
                .sendForm(io.vertx.core.MultiMap.caseInsensitiveMultiMap()
                        .add("p", tap.p())
                        .add("c", "0".repeat(16))));
        assertThat(forged.statusCode()).isEqualTo(400);
    }

    @Test
    void forgedTapOpensNothing() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        Tap tap = card.chip().tap();
        assertThat(page(new Tap(tap.p(), "0".repeat(16))).statusCode()).isEqualTo(400);
        assertThat(gateway.ask("GET /boltcards/balance?p=<script>&c=", null, null)
                        .statusCode())
                .isEqualTo(400);
        assertThat(shop.charge(CardShop.Held.tapped(tap), "10").getBoolean("approved"))
                .isTrue();
    }

    @Test
    void sameAsJson() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("currency", "USD")), "25.00");
        HttpResponse<Buffer> answer = await(
                gateway.request("GET /boltcards/balance?" + query(card.chip().tap()))
                        .putHeader("Accept", "application/json")
                        .send());
        JsonObject view = ok(answer).bodyAsJsonObject();
        assertThat(view.getString("balance")).isEqualTo("25.00");
        assertThat(view.getString("currency")).isEqualTo("USD");
        assertThat(view.getJsonArray("history").getJsonObject(0).getString("amount"))
                .isEqualTo("25.00");
    }

    @Test
    void holderStopsTheCard() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        shop.charge(card.tap(), "1");
        Tap tap = card.chip().tap();
        HttpResponse<Buffer> frozen = await(gateway.request("POST /boltcards/freeze")
                .putHeader("Content-Type", "application/x-www-form-urlencoded")
                .sendBuffer(Buffer.buffer(query(tap))));
        assertThat(frozen.statusCode()).isEqualTo(303);
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-blocked");
    }

    @Test
    void walletIsToldHowToLoadTheCard() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String p = card.chip().tap().p();
        JsonObject first = json("/boltcard/top-up?p=" + p);
        assertThat(first.getString("tag")).isEqualTo("payRequest");
        assertThat(first.getLong("minSendable")).isEqualTo(1_000);
        String callback = first.getString("callback");
        JsonObject second = json(callback.substring(callback.indexOf("/boltcard")) + "&amount=21000");
        Bolt11 invoice = Bolt11.parse(second.getString("pr"));
        assertThat(invoice.amount().value()).isEqualTo(21_000);
        assertThat(invoice.descriptionHash())
                .isEqualTo(HexFormat.of().formatHex(Lnurl.descriptionHash(first.getString("metadata"))));
        assertThat(second.getJsonArray("routes")).isEmpty();
        String verify = second.getString("verify");
        assertThat(json(verify.substring(verify.indexOf("/lnurlp"))).getBoolean("settled"))
                .isFalse();
    }

    /** LUD-21: who paid is told so, with the proof. */
    @Test
    void walletHearsThatItsPaymentArrived() {
        CardShop.Held payer = shop.card(shop.programme(new JsonObject()), "1000");
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String p = card.chip().tap().p();
        JsonObject offer = json("/boltcard/top-up?p=" + p + "&amount=21000");
        String verify = offer.getString("verify");
        String path = verify.substring(verify.indexOf("/lnurlp"));
        assertThat(json(path).getBoolean("settled")).isFalse();
        assertThat(json(path).getString("preimage")).isNull();
        String k1 = json("/boltcard?" + query(payer.chip().tap())).getString("k1");
        JsonObject paid = json("/boltcard?k1=" + k1 + "&pr=" + offer.getString("pr"));
        assertThat(paid.getString("status")).isEqualTo("OK");
        JsonObject told = Eventually.get("it was paid", () -> json(path), answer -> answer.getBoolean("settled"));
        assertThat(told.getString("status")).isEqualTo("OK");
        assertThat(told.getString("pr")).isEqualTo(offer.getString("pr"));
        byte[] preimage = HexFormat.of().parseHex(told.getString("preimage"));
        assertThat(Preimage.of(preimage).hash())
                .isEqualTo(Bolt11.parse(offer.getString("pr")).hash());
        assertThat(shop.balance(card)).isEqualTo("22");
        Eventually.equal("what routing did not cost is back", "979", () -> shop.balance(payer));
    }

    @Test
    void cardHasALightningAddress() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String name = shop.get("/cards/" + card.id()).getString("lightningName");
        JsonObject first = json("/.well-known/lnurlp/" + name);
        assertThat(first.getString("metadata")).contains("text/identifier").contains(name + "@");
        assertThat(json("/.well-known/lnurlp/" + name + "?amount=5000")).isEqualTo(first); // makes nothing
        String callback = first.getString("callback");
        assertThat(json(callback.substring(callback.indexOf("/lnurlp")) + "?amount=5000")
                        .getString("pr"))
                .startsWith("lnbcrt");
    }

    @Test
    void whatCannotBeLoadedIsAnErrorOfLnurl() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String p = card.chip().tap().p();
        shop.post("/cards/" + card.id() + "/lost", new JsonObject());
        for (String path : List.of(
                "/boltcard/top-up",
                "/boltcard/top-up?p=zz",
                "/boltcard/top-up?p=" + "0".repeat(32),
                "/boltcard/top-up?p=" + p,
                "/.well-known/lnurlp/nobody0000",
                "/lnurlp/verify/00")) {
            assertThat(json(path).getString("status")).as(path).isEqualTo("ERROR");
        }
        CardShop.Held other = shop.card(shop.programme(new JsonObject()), "1");
        for (String amount : List.of("0", "-1", "1.5", "999", "100000000000001", "x")) {
            String path = "/boltcard/top-up?p=" + other.chip().tap().p() + "&amount=" + amount;
            assertThat(json(path).getString("status")).as(amount).isEqualTo("ERROR");
        }
    }
}
