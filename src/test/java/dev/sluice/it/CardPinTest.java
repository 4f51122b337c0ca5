package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wrong PIN costs a try; nothing else does. */
class CardPinTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final String RIGHT = "1234";
    private static final String WRONG = "1111";

    private static CardShop shop;
    private static String programme;

    @BeforeAll
    static void open() {
        shop = OPEN.shop();
        programme = shop.programme(new JsonObject().put("pinFrom", "1"));
    }

    @Test
    void pinIsAskedAboveItsThresholdAndLocksAfterThreeWrongOnes() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("pinFrom", "100")), "1000");
        assertThat(shop.charge(card.tap(), "99").getBoolean("approved")).isTrue();
        assertThat(shop.charge(card.tap().put("pin", "1234"), "100").getString("reason"))
                .isEqualTo("pin-not-set");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "1234")));
        JsonObject tap = card.tap();
        assertThat(shop.charge(tap, "100").getString("reason")).isEqualTo("pin-required");
        JsonObject wrong = shop.charge(tap.copy().put("pin", "1111"), "100");
        assertThat(wrong.getString("reason")).isEqualTo("pin-wrong");
        assertThat(wrong.getInteger("pinTriesLeft")).isEqualTo(2);
        assertThat(shop.charge(tap.copy().put("pin", "1234"), "100").getBoolean("approved"))
                .isTrue();
        for (int i = 0; i < 3; i++) {
            assertThat(shop.charge(card.tap().put("pin", "000" + i), "100").getString("reason"))
                    .isEqualTo("pin-wrong");
        }
        assertThat(shop.charge(card.tap().put("pin", "1234"), "100").getString("reason"))
                .isEqualTo("pin-locked");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("unlock", true)));
        assertThat(shop.charge(card.tap().put("pin", "1234"), "100").getBoolean("approved"))
                .isTrue();
    }

    /** Each was read when three tries were left. */
    @Test
    void wrongPinsThatComeTogetherHearWhatEachLeft() {
        CardShop.Held card = withPin("100");
        JsonObject tap = card.tap();
        List<Future<HttpResponse<Buffer>>> answers =
                Stream.generate(() -> sent(tap, WRONG)).limit(3).toList();
        await(Future.join(answers));
        assertThat(answers)
                .extracting(answer -> answer.result().bodyAsJsonObject().getInteger("pinTriesLeft"))
                .containsExactlyInAnyOrder(2, 1, 0);
    }

    @Test
    void requestThatIsSentAgainTakesNoOtherTry() {
        CardShop.Held card = withPin("100");
        JsonObject tap = card.tap().put("pin", WRONG);
        for (int i = 0; i < 5; i++) {
            JsonObject answer = ok(shop.chargeAs(tap, "10", "again")).bodyAsJsonObject();
            assertThat(answer.getString("reason")).isEqualTo("pin-wrong");
        }
        assertThat(triesLeft(card)).isEqualTo(2);
        JsonObject paid = card.tap().put("pin", RIGHT);
        for (int i = 0; i < 5; i++) {
            JsonObject answer = ok(shop.chargeAs(paid, "10", "paid")).bodyAsJsonObject();
            assertThat(answer.getBoolean("approved")).isTrue();
        }
        assertThat(triesLeft(card)).isEqualTo(3);
        assertThat(shop.balance(card)).isEqualTo("90");
    }

    @Test
    void rightPinOfACardThatCannotPayLocksNothing() {
        CardShop.Held card = withPin("5");
        JsonObject tap = card.tap().put("pin", RIGHT);
        for (int i = 0; i < 5; i++) {
            assertThat(shop.charge(tap, "10").getString("reason")).isEqualTo("insufficient-funds");
        }
        assertThat(triesLeft(card)).isEqualTo(3);
    }

    /** More PINs at once than may wait for their hash: who is sent away has lost nothing. */
    @Test
    void pinThatCouldNotBeLookedAtTakesNoTry() {
        List<CardShop.Held> cards = new ArrayList<>();
        List<Future<HttpResponse<Buffer>>> answers = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            cards.add(withPin("100"));
        }
        for (CardShop.Held card : cards) {
            answers.add(sent(card.tap(), RIGHT));
        }
        await(Future.join(answers).otherwiseEmpty());
        List<Integer> statuses =
                answers.stream().map(answer -> answer.result().statusCode()).toList();
        assertThat(statuses).contains(503).contains(200).containsOnly(200, 503);
        for (int i = 0; i < cards.size(); i++) {
            assertThat(triesLeft(cards.get(i))).isEqualTo(3);
            assertThat(shop.balance(cards.get(i))).isEqualTo(statuses.get(i) == 200 ? "90" : "100");
        }
    }

    private static CardShop.Held withPin(String amount) {
        CardShop.Held card = shop.card(programme, amount);
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", RIGHT)));
        return card;
    }

    /** A charge under way. */
    private static Future<HttpResponse<Buffer>> sent(JsonObject tap, String pin) {
        JsonObject body = new JsonObject().put("currency", "SATS").put("amount", "10");
        return shop.request("POST", "/terminals/" + shop.terminal() + "/charges", null)
                .sendJsonObject(body.mergeIn(tap).put("pin", pin));
    }

    private static int triesLeft(CardShop.Held card) {
        return shop.get("/cards/" + card.id()).getInteger("pinTriesLeft");
    }
}
