package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cards from their issue to their end, as an issuer, a writer of chips and a terminal see them. */
class CardTest {
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

    @Test
    void tapPaysTheStoreOnce() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        JsonObject tap = card.tap();
        JsonObject paid = shop.charge(tap, "400");
        assertThat(paid.getBoolean("approved")).isTrue();
        assertThat(paid.getString("status")).isEqualTo("Captured");
        assertThat(shop.balance(card)).isEqualTo("600");
        assertThat(shop.charge(tap, "400").getString("id")).isEqualTo(paid.getString("id")); // asked again
        assertThat(shop.balance(card)).isEqualTo("600");
        JsonObject other = shop.charge(tap, "100");
        assertThat(other.getBoolean("approved")).isFalse();
        assertThat(other.getString("reason")).isEqualTo("tap-not-valid");
        JsonObject tooMuch = shop.charge(card.tap(), "601");
        assertThat(tooMuch.getString("reason")).isEqualTo("insufficient-funds");
        assertThat(shop.charge(card.tap(), "600").getBoolean("approved")).isTrue();
        assertThat(shop.balance(card)).isEqualTo("0");
        List<String> statuses = shop.getAll("/terminals/" + shop.terminal() + "/charges").stream()
                .map(charge -> ((JsonObject) charge).getString("status"))
                .toList();
        assertThat(statuses).startsWith("Captured", "Declined", "Captured");
        JsonArray history = shop.getAll("/cards/" + card.id() + "/history");
        assertThat(history.stream().map(entry -> ((JsonObject) entry).getString("amount")))
                .containsExactly("-600", "-400", "1000");
    }

    @Test
    void declinedTapMayBeAskedForLess() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        JsonObject tap = card.tap();
        assertThat(shop.charge(tap, "500").getString("reason")).isEqualTo("insufficient-funds");
        assertThat(shop.charge(tap, "80").getBoolean("approved")).isTrue();
        assertThat(shop.charge(tap, "10").getString("reason")).isEqualTo("tap-not-valid");
    }

    @Test
    void olderTapIsDeadOnceANewerOneWasSeen() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        JsonObject first = card.tap();
        JsonObject second = card.tap();
        assertThat(shop.charge(second, "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(first, "1").getString("reason")).isEqualTo("tap-not-valid");
    }

    @Test
    void keyRepeatsTheAnswerAndRefusesAnotherRequest() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        JsonObject tap = card.tap();
        HttpResponse<Buffer> first = shop.chargeAs(tap, "10", "order-7");
        HttpResponse<Buffer> again = shop.chargeAs(tap, "10", "order-7");
        assertThat(again.bodyAsJsonObject()).isEqualTo(first.bodyAsJsonObject());
        assertThat(again.getHeader("Idempotency-Replayed")).isEqualTo("true");
        assertThat(first.getHeader("Idempotency-Replayed")).isNull();
        assertThat(shop.chargeAs(card.tap(), "10", "order-7").statusCode()).isEqualTo(422);
        assertThat(shop.balance(card)).isEqualTo("90");
    }

    @Test
    void whateverIsWrongWithATapTheTerminalHearsTheSame() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held card = shop.card(programme, "100");
        CardShop.Held other = shop.card(programme, "100");
        Tap tap = card.chip().tap();
        Tap foreign = other.chip().tap();
        String flipped = (tap.c().charAt(0) == '0' ? "1" : "0") + tap.c().substring(1);
        JsonObject refusal = new JsonObject()
                .put("id", null)
                .put("approved", false)
                .put("status", "Declined")
                .put("reason", "tap-not-valid");
        for (Tap wrong :
                List.of(new Tap(tap.p(), flipped), new Tap(tap.p(), foreign.c()), new Tap("0".repeat(32), tap.c()))) {
            assertThat(shop.charge(CardShop.Held.tapped(wrong), "1")).isEqualTo(refusal);
        }
        assertThat(ask("{\"amount\":\"1\",\"p\":\"12\",\"c\":\"34\"}").statusCode())
                .isEqualTo(400);
        assertThat(ask("{\"amount\":\"1\"}").statusCode()).isEqualTo(422);
        assertThat(ask("{\"amount\":\"0\",\"tap\":\"x?p=1&c=2\"}").statusCode()).isIn(400, 422);
        assertThat(shop.charge(CardShop.Held.tapped(tap), "1").getBoolean("approved"))
                .isTrue(); // nothing was used up
    }

    private static HttpResponse<Buffer> ask(String body) {
        return shop.ask("POST", "/terminals/" + shop.terminal() + "/charges", new JsonObject(body));
    }

    @Test
    void authorisationIsCapturedInPartOrVoided() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        JsonObject held = shop.authorize(card.tap(), "500");
        assertThat(held.getString("status")).isEqualTo("Authorized");
        assertThat(shop.balance(card)).isEqualTo("500");
        String one = "/charges/" + held.getString("id");
        assertThat(shop.ask("POST", one + "/capture", new JsonObject().put("amount", "501"))
                        .statusCode())
                .isEqualTo(400);
        JsonObject captured = shop.post(one + "/capture", new JsonObject().put("amount", "450"));
        assertThat(captured.getString("captured")).isEqualTo("450");
        assertThat(shop.balance(card)).isEqualTo("550");
        assertThat(shop.ask("POST", one + "/void", new JsonObject()).statusCode())
                .isEqualTo(400);
        JsonObject second = shop.authorize(card.tap(), "550");
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("insufficient-funds");
        shop.post("/charges/" + second.getString("id") + "/void", new JsonObject());
        assertThat(shop.balance(card)).isEqualTo("550");
    }

    @Test
    void frozenCardPaysNothingUntilItIsFreedAgain() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
        shop.post("/cards/" + card.id() + "/freeze", new JsonObject());
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-blocked");
        shop.post("/cards/" + card.id() + "/unfreeze", new JsonObject());
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
        shop.post("/cards/" + card.id() + "/lost", new JsonObject());
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-blocked");
        assertThat(shop.ask("POST", "/cards/" + card.id() + "/unfreeze", new JsonObject())
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void replacementHasTheBalanceAndTheOldCardIsRefused() {
        CardShop.Held old = shop.card(shop.programme(new JsonObject()), "700");
        String charge = shop.charge(old.tap(), "200").getString("id");
        JsonObject made = shop.post("/cards/" + old.id() + "/replace", new JsonObject());
        assertThat(shop.charge(old.tap(), "1").getString("reason")).isEqualTo("card-blocked");
        assertThat(shop.state(old)).isEqualTo("Replaced");
        CardShop.Held next = shop.write(made.getString("id"), CardShop.uid(900_001));
        assertThat(shop.balance(next)).isEqualTo("500");
        shop.post("/charges/" + charge + "/refund", new JsonObject());
        assertThat(shop.balance(next)).isEqualTo("700"); // a refund finds the money's card
        assertThat(shop.charge(next.tap(), "700").getBoolean("approved")).isTrue();
    }

    @Test
    void manualCardWaitsForItsActivation() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("activation", "Manual")), "100");
        assertThat(shop.state(card)).isEqualTo("Programming");
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-not-active");
        assertThat(shop.state(card)).isEqualTo("Issued");
        shop.post("/cards/" + card.id() + "/activate", new JsonObject());
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
    }

    @Test
    void writingAChipAgainKillsItsOldKeysOnlyOnceTheNewOnesAreSeen() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
        JsonObject keys = ok(gateway.ask(
                        "POST /api/v1/pull-payments/" + card.id() + "/boltcards",
                        gateway.admin(),
                        reset(card.chip().tap())))
                .bodyAsJsonObject();
        VirtualCard chip = new VirtualCard(CardShop.keys(keys), card.uid(), 1, Entropy.secure());
        CardShop.Held again = new CardShop.Held(card.id(), chip, card.uid(), CardShop.keys(keys));
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue(); // the write broke off
        assertThat(shop.charge(again.tap(), "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("tap-not-valid");
        assertThat(shop.charge(again.tap(), "1").getBoolean("approved")).isTrue();
    }

    @Test
    void keysLeaveOnceAndForTheirCardOnly() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held card = shop.card(programme, "100");
        CardShop.Held other = shop.card(programme, "100");
        shop.charge(card.tap(), "1");
        String url = shop.post("/cards/" + card.id() + "/reset-links", new JsonObject())
                .getString("url");
        assertThat(shop.release(url, reset(other.chip().tap())).statusCode()).isEqualTo(404);
        String fresh = shop.post("/cards/" + card.id() + "/reset-links", new JsonObject())
                .getString("url");
        Tap used = card.chip().tap();
        shop.charge(CardShop.Held.tapped(used), "1");
        assertThat(shop.release(fresh, reset(used)).statusCode()).isEqualTo(404); // not a fresh tap
        JsonObject keys = ok(shop.release(fresh, reset(card.chip().tap()))).bodyAsJsonObject();
        assertThat(CardShop.keys(keys)).isEqualTo(card.keys());
        assertThat(shop.release(fresh, reset(card.chip().tap())).statusCode()).isEqualTo(404); // used up
        assertThat(shop.state(card)).isEqualTo("Resetting");
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-blocked");
        shop.post("/cards/" + card.id() + "/wiped", new JsonObject());
        assertThat(shop.program(card.id(), other.uid()).statusCode()).isEqualTo(409); // another card's chip
    }

    private static JsonObject reset(Tap tap) {
        return new JsonObject().put("LNURLW", "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c());
    }

    @Test
    void oldTapsOfAWipedChipAreWorthNothingToItsNextCard() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held first = shop.card(programme, "100");
        shop.charge(first.tap(), "1");
        shop.post("/cards/" + first.id() + "/replace", new JsonObject());
        String next = shop.postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
        CardShop.Held second = shop.write(next, first.uid());
        shop.load(second, "50");
        assertThat(shop.charge(second.tap(), "1").getBoolean("approved")).isTrue();
        VirtualCard before = new VirtualCard(first.keys(), first.uid(), 5_000, Entropy.secure());
        assertThat(shop.charge(CardShop.Held.tapped(before.tap()), "1").getString("reason"))
                .isEqualTo("tap-not-valid");
    }

    @Test
    void cardInDollarsPaysASatoshiPriceAtTheLockedRateWithSpread() {
        String programme =
                shop.programme(new JsonObject().put("currency", "USD").put("spreadPercent", "1"));
        CardShop.Held card = shop.card(programme, "100.00");
        JsonObject inDollars = shop.charge(card.tap().put("currency", "USD"), "10.00");
        assertThat(inDollars.getString("cardAmount")).isEqualTo("10.00");
        assertThat(shop.balance(card)).isEqualTo("90.00");
        // 100,000 sat at 60,000 USD are 60 USD, and one per cent more for the exchange.
        JsonObject inSats = shop.charge(card.tap(), "100000");
        assertThat(inSats.getString("cardAmount")).isEqualTo("60.60");
        assertThat(shop.balance(card)).isEqualTo("29.40");
        String spread = "select credits_posted - debits_posted from account where code = 'operator:spread:usd'";
        assertThat(await(DATABASE.db().read(spread)).iterator().next().getLong(0))
                .isEqualTo(60);
        shop.post("/charges/" + inSats.getString("id") + "/refund", new JsonObject());
        assertThat(shop.balance(card)).isEqualTo("90.00");
        assertThat(await(DATABASE.db().read(spread)).iterator().next().getLong(0))
                .isZero();
    }

    @Test
    void eventsTellWhatHappened() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        JsonObject tap = card.tap();
        shop.charge(tap, "60");
        shop.charge(card.tap(), "60");
        shop.charge(tap, "1");
        assertThat(OPEN.told(card))
                .containsExactly(
                        "card.issued",
                        "card.keysReleased",
                        "card.toppedUp",
                        "card.programmed",
                        "card.activated",
                        "card.charged",
                        "card.declined",
                        "card.cloneSuspected");
    }

    @Test
    void boxOfCardsComesAsLinesForAPrinter() {
        String programme = shop.programme(new JsonObject().put("startBalance", "21"));
        HttpResponse<Buffer> csv = CardShop.sent(
                shop.request("POST", "/cards", null).putHeader("Accept", "text/csv"),
                new JsonObject().put("programmeId", programme).put("count", 3).put("label", "=Box"));
        assertThat(csv.getHeader("Content-Type")).startsWith("text/csv");
        String[] lines = csv.bodyAsString().split("\r\n");
        assertThat(lines).hasSize(4);
        assertThat(lines[1]).contains("\"'=Box-1\"").contains("boltcard://program?url=http");
        JsonArray listed = shop.getAll("/cards?programmeId=" + programme);
        assertThat(listed).hasSize(3);
        assertThat(shop.get("/cards/" + listed.getJsonObject(0).getString("id")).getString("balance"))
                .isEqualTo("21");
    }

    @Test
    void cardIsTappedWithoutHardware() {
        String programme = shop.programme(new JsonObject().put("startBalance", "50"));
        String card = shop.postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
        String path = "/cards/" + card + "/virtual-taps";
        JsonObject first = shop.post(path, new JsonObject());
        JsonObject second = shop.post(path, new JsonObject());
        assertThat(first.getString("tap")).startsWith("lnurlw://");
        assertThat(charged(second).getBoolean("approved")).isTrue();
        assertThat(charged(first).getString("reason")).isEqualTo("tap-not-valid"); // an older reading
        assertThat(charged(shop.post(path, new JsonObject())).getBoolean("approved"))
                .isTrue();
        CardShop.Held real = shop.card(programme, "5");
        HttpResponse<Buffer> refused = shop.ask("POST", "/cards/" + real.id() + "/virtual-taps", new JsonObject());
        assertThat(refused.statusCode()).isEqualTo(409);
    }

    private static JsonObject charged(JsonObject shown) {
        return shop.charge(new JsonObject().put("tap", shown.getString("tap")), "5");
    }

    @Test
    void linkToKeysIsToldOnceAndNeverKept() {
        JsonObject wanted = new JsonObject()
                .put("programmeId", shop.programme(new JsonObject()))
                .put("programmingLinks", true);
        JsonObject made = CardShop.sent(shop.request("POST", "/cards", "box-1"), wanted)
                .bodyAsJsonArray()
                .getJsonObject(0);
        String path = "/cards/" + made.getString("id") + "/programming-links";
        JsonObject link = CardShop.sent(shop.request("POST", path, "link-1"), new JsonObject())
                .bodyAsJsonObject();

        JsonObject madeAgain = CardShop.sent(shop.request("POST", "/cards", "box-1"), wanted)
                .bodyAsJsonArray()
                .getJsonObject(0);
        JsonObject linkAgain = CardShop.sent(shop.request("POST", path, "link-1"), new JsonObject())
                .bodyAsJsonObject();
        assertThat(madeAgain.getString("id")).isEqualTo(made.getString("id"));
        assertThat(madeAgain.containsKey("programming")).isFalse();
        assertThat(linkAgain.getLong("expiresTime")).isEqualTo(link.getLong("expiresTime"));
        assertThat(linkAgain.containsKey("url")).isFalse();
        for (JsonObject told : List.of(made.getJsonObject("programming"), link)) {
            String token = told.getString("url").substring(told.getString("url").lastIndexOf('/') + 1);
            String kept = "select count(*) from request_key where body like '%' || $1 || '%'";
            assertThat(await(DATABASE.db().read(kept, token)).iterator().next().getLong(0))
                    .isZero();
        }
    }
}
