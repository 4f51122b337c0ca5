package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What taps and links are worth as time passes: all in the last moment of their life, and nothing after it. */
class CardTimeTest {
    private static final Duration MOMENT = Duration.ofMillis(1);
    /** Links end with a whole second. */
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    private static final StoppedClock CLOCK = new StoppedClock();

    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop(CLOCK);

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String programme;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        programme = shop.programme(new JsonObject());
    }

    /** Shows a tap for more than there is: it was seen and has not paid. */
    private static JsonObject declined(CardShop.Held card) {
        JsonObject tap = card.tap();
        assertThat(shop.charge(tap, "5000").getString("reason")).isEqualTo("insufficient-funds");
        return tap;
    }

    private static void isDead(JsonObject tap) {
        assertThat(shop.charge(tap, "10").getString("reason")).isEqualTo("tap-not-valid");
    }

    @Test
    void tapAtATerminalLivesAMinute() {
        CardShop.Held card = shop.card(programme, "100");
        JsonObject inTime = declined(card);
        CLOCK.pass(MINUTE);
        assertThat(shop.charge(inTime, "10").getBoolean("approved")).isTrue();
        JsonObject late = declined(card);
        CLOCK.pass(MINUTE.plus(MOMENT));
        isDead(late);
        assertThat(shop.balance(card)).isEqualTo("90");
        assertThat(shop.charge(card.tap(), "10").getBoolean("approved")).isTrue(); // tapped anew
    }

    @Test
    void askingAgainDoesNotKeepATapAlive() {
        CardShop.Held card = shop.card(programme, "100");
        JsonObject tap = declined(card);
        CLOCK.pass(MINUTE.dividedBy(2));
        assertThat(shop.charge(tap, "5000").getString("reason")).isEqualTo("insufficient-funds");
        CLOCK.pass(MINUTE.dividedBy(2).plus(MOMENT));
        isDead(tap);
    }

    /** A tap that nobody showed us is as fresh as ever: what it is worth is told by its count alone. */
    @Test
    void tapLivesFromItsFirstSight() {
        CardShop.Held card = shop.card(programme, "100");
        JsonObject kept = card.tap();
        CLOCK.pass(Duration.ofHours(1));
        assertThat(shop.charge(kept, "10").getBoolean("approved")).isTrue();
    }

    @Test
    void answerIsToldAgainForAMinute() {
        CardShop.Held card = shop.card(programme, "100");
        JsonObject tap = card.tap();
        String paid = shop.charge(tap, "10").getString("id");
        CLOCK.pass(MINUTE.minus(MOMENT));
        assertThat(shop.charge(tap, "10").getString("id")).isEqualTo(paid);
        CLOCK.pass(MOMENT);
        isDead(tap);
        assertThat(shop.balance(card)).isEqualTo("90");
    }

    private static JsonObject lnurl(String query) {
        return gateway.ask("GET /boltcard?" + query, null, null).bodyAsJsonObject();
    }

    private static String query(Tap tap) {
        return "p=" + tap.p() + "&c=" + tap.c();
    }

    /** The Lightning invoice of an invoice over 10 sat. */
    private static String bolt11() {
        String id = shop.post("/invoices", new JsonObject().put("amount", "10").put("currency", "SATS"))
                .getString("id");
        return Eventually.get(
                        "Lightning is offered",
                        () -> shop.getAll("/invoices/" + id + "/payment-methods").stream()
                                .map(JsonObject.class::cast)
                                .filter(method -> "BTC-LN".equals(method.getString("paymentMethodId")))
                                .findFirst()
                                .orElseThrow(),
                        method -> method.getBoolean("activated"))
                .getString("destination");
    }

    @Test
    void sessionOfAWalletLivesAMinute() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("showsBalance", true)), "100");
        String inTime = lnurl(query(card.chip().tap())).getString("k1");
        String first = bolt11();
        CLOCK.pass(MINUTE.minus(MOMENT));
        assertThat(lnurl("k1=" + inTime + "&pr=" + first).getString("status")).isEqualTo("OK");

        Tap tap = card.chip().tap();
        JsonObject offer = lnurl(query(tap));
        String check = offer.getString("balanceCheck");
        String second = bolt11();
        CLOCK.pass(MINUTE);
        assertThat(lnurl("k1=" + offer.getString("k1") + "&pr=" + second).getString("status"))
                .isEqualTo("ERROR");
        assertThat(lnurl(check.substring(check.indexOf('?') + 1)).getString("status"))
                .isEqualTo("ERROR");
        CLOCK.pass(MOMENT);
        assertThat(lnurl("k1=" + tap.p() + "-" + tap.c() + "&pr=" + second).getString("status"))
                .isEqualTo("ERROR"); // nor by the tap itself
        assertThat(lnurl(query(tap)).containsKey("k1")).isFalse();
        assertThat(shop.balance(card)).isEqualTo("90");
        assertThat(lnurl(query(card.chip().tap())).containsKey("k1")).isTrue();
    }

    private static String blank() {
        return shop.postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
    }

    private static JsonObject link(String card, String purpose, JsonObject terms) {
        return shop.post("/cards/" + card + "/" + purpose + "-links", terms);
    }

    private static HttpResponse<Buffer> write(JsonObject link, Uid uid) {
        return shop.release(link.getString("url"), new JsonObject().put("UID", uid.hex()));
    }

    private static void isRefused(HttpResponse<Buffer> answer) {
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("card-link-not-valid");
    }

    @Test
    void linkToWriteAChipLivesTenMinutes() {
        String card = blank();
        JsonObject late = link(card, "programming", new JsonObject());
        assertThat(late.getLong("expiresTime"))
                .isEqualTo(CLOCK.now().plus(TEN_MINUTES).getEpochSecond());
        CLOCK.pass(TEN_MINUTES);
        isRefused(write(late, CardShop.uid(600_001)));
        assertThat(shop.get("/cards/" + card).getString("state")).isEqualTo("Blank");
        JsonObject inTime = link(card, "programming", new JsonObject());
        CLOCK.pass(TEN_MINUTES.minus(SECOND));
        ok(write(inTime, CardShop.uid(600_001)));
    }

    @Test
    void linkLivesAsLongAsWasAsked() {
        String card = blank();
        JsonObject minutes = new JsonObject().put("validMinutes", 60);
        JsonObject late = link(card, "programming", minutes);
        CLOCK.pass(Duration.ofHours(1));
        isRefused(write(late, CardShop.uid(600_002)));
        JsonObject inTime = link(card, "programming", minutes);
        CLOCK.pass(Duration.ofHours(1).minus(SECOND));
        ok(write(inTime, CardShop.uid(600_002)));
    }

    @Test
    void linkToWipeAChipLivesTenMinutes() {
        CardShop.Held card = shop.card(programme, "100");
        shop.charge(card.tap(), "10");
        JsonObject late = link(card.id(), "reset", new JsonObject());
        CLOCK.pass(TEN_MINUTES);
        isRefused(shop.release(late.getString("url"), wipe(card)));
        assertThat(shop.charge(card.tap(), "10").getBoolean("approved")).isTrue(); // nobody touched its keys
        JsonObject inTime = link(card.id(), "reset", new JsonObject());
        CLOCK.pass(TEN_MINUTES.minus(SECOND));
        ok(shop.release(inTime.getString("url"), wipe(card)));
        assertThat(shop.state(card)).isEqualTo("Resetting");
    }

    private static JsonObject wipe(CardShop.Held card) {
        return new JsonObject()
                .put("LNURLW", "lnurlw://h/boltcard?" + query(card.chip().tap()));
    }

    @Test
    void factoryMakesCardsUntilItsEnd() {
        String made = shop.programme(new JsonObject().put("startBalance", "10"));
        String factories = "/card-programmes/" + made + "/factories";
        JsonObject terms =
                new JsonObject().put("name", "Fair").put("maxCards", 9).put("validDays", 1);
        JsonObject factory = shop.post(factories, terms.put("wipes", true));
        String path = "POST " + URI.create(factory.getString("url")).getPath();
        JsonObject chip = new JsonObject().put("UID", "04bb0000000001");
        CLOCK.pass(Duration.ofDays(1).minus(SECOND));
        ok(gateway.ask(path, null, chip));
        assertThat(shop.getAll(factories).getJsonObject(0).getBoolean("open")).isTrue();
        CLOCK.pass(SECOND);
        isRefused(gateway.ask(path, null, new JsonObject().put("UID", "04bb0000000002")));
        isRefused(gateway.ask(path, null, chip)); // nor is the write finished that broke off
        assertThat(shop.getAll(factories).getJsonObject(0).getBoolean("open")).isFalse();
        assertThat(shop.getAll("/cards?programmeId=" + made)).hasSize(1);
        CardShop.Held card = shop.card(made, "1");
        isRefused(gateway.ask(path + "?onExisting=KeepVersion", null, wipe(card)));
    }

    private static HttpResponse<Buffer> page(Tap tap) {
        return gateway.ask("GET /boltcards/balance?" + query(tap), null, null);
    }

    @Test
    void holdersPageLivesTenMinutesAndItsTapPaysForOne() {
        CardShop.Held card = shop.card(programme, "100");
        shop.charge(card.tap(), "10");
        Tap tap = card.chip().tap();
        ok(page(tap));
        CLOCK.pass(TEN_MINUTES.dividedBy(2));
        ok(page(tap)); // which does not make it live longer
        isDead(CardShop.Held.tapped(tap));
        CLOCK.pass(TEN_MINUTES.dividedBy(2).minus(MOMENT));
        assertThat(ok(page(tap)).bodyAsString()).contains("90 SATS");
        CLOCK.pass(MOMENT);
        HttpResponse<Buffer> over = page(tap);
        assertThat(over.statusCode()).isEqualTo(400);
        assertThat(over.bodyAsString()).doesNotContain("90 SATS");
        HttpResponse<Buffer> frozen = await(gateway.request("POST /boltcards/freeze")
                .putHeader("Content-Type", "application/x-www-form-urlencoded")
                .sendBuffer(Buffer.buffer(query(tap))));
        assertThat(frozen.statusCode()).isEqualTo(400);
        assertThat(shop.state(card)).isEqualTo("Active");
        ok(page(card.chip().tap()));
    }
}
