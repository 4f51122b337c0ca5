package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits look back as far as they say and no further, count what was paid alone, and hold against many at once. */
class CardLimitsTest {
    private static final Duration MOMENT = Duration.ofMillis(1);

    private static final StoppedClock CLOCK = new StoppedClock();

    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop(CLOCK);

    private static InProcessGateway gateway;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
    }

    private static CardShop.Held limited(String limit, String amount, String balance) {
        JsonObject terms = new JsonObject().put("limits", new JsonObject().put(limit, amount));
        return shop.card(shop.programme(terms), balance);
    }

    private static String reason(CardShop.Held card, String amount) {
        return shop.charge(card.tap(), amount).getString("reason");
    }

    private static void pays(CardShop.Held card, String amount) {
        assertThat(shop.charge(card.tap(), amount).getBoolean("approved"))
                .as(amount)
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"daily, P1D", "weekly, P7D", "monthly, P30D"})
    void limitLooksBackAsFarAsItSaysFromEachCharge(String limit, Duration window) {
        CardShop.Held card = limited(limit, "100", "1000");
        pays(card, "60");
        CLOCK.pass(window.dividedBy(2));
        pays(card, "30");
        CLOCK.pass(window.dividedBy(2).minus(MOMENT));
        assertThat(reason(card, "11")).isEqualTo("limit-" + limit);
        CLOCK.pass(MOMENT);
        pays(card, "70"); // the first is out of sight, the second is not
        assertThat(reason(card, "1")).isEqualTo("limit-" + limit);
        CLOCK.pass(window.dividedBy(2));
        pays(card, "30");
        assertThat(shop.balance(card)).isEqualTo("810");
    }

    @Test
    void paceIsThatOfItsMinutes() {
        JsonObject pace =
                new JsonObject().put("velocity", new JsonObject().put("taps", 2).put("minutes", 10));
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("rules", pace)), "100");
        pays(card, "1");
        CLOCK.pass(Duration.ofMinutes(5));
        pays(card, "1");
        CLOCK.pass(Duration.ofMinutes(5).minus(MOMENT));
        assertThat(reason(card, "1")).isEqualTo("too-many-taps");
        CLOCK.pass(MOMENT);
        pays(card, "1");
        assertThat(reason(card, "1")).isEqualTo("too-many-taps");
    }

    @Test
    void whatWasDeclinedUsesNothing() {
        JsonObject rules =
                new JsonObject().put("velocity", new JsonObject().put("taps", 1).put("minutes", 60));
        JsonObject terms = new JsonObject()
                .put("limits", new JsonObject().put("daily", "100"))
                .put("rules", rules);
        CardShop.Held card = shop.card(shop.programme(terms.put("pinFrom", "90")), "100");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "4242")));
        assertThat(reason(card, "101")).isEqualTo("limit-daily");
        assertThat(reason(card, "100")).isEqualTo("pin-required");
        JsonObject wrong = card.tap().put("pin", "0000");
        assertThat(shop.charge(wrong, "100").getString("reason")).isEqualTo("pin-wrong");
        JsonObject right = card.tap().put("pin", "4242");
        assertThat(shop.charge(right, "100").getBoolean("approved")).isTrue();
    }

    /** A part of a satoshi counts as one, at a wallet's terminal too. */
    @ParameterizedTest
    @CsvSource({"1000, 1, true", "1001, 1, false", "1001, 2, true", "1999, 2, true", "2001, 2, false"})
    void partOfASatoshiCountsAsOne(long msat, String limit, boolean pays) {
        CardShop.Held card = limited("perTap", limit, "1000");
        CardShop.Held loaded = shop.card(shop.programme(new JsonObject()), "1");
        Tap given = loaded.chip().tap();
        String pr = lnurl("/boltcard/top-up?p=" + given.p() + "&amount=" + msat).getString("pr");
        Tap tap = card.chip().tap();
        String k1 = lnurl("/boltcard?p=" + tap.p() + "&c=" + tap.c()).getString("k1");
        JsonObject answer = lnurl("/boltcard?k1=" + k1 + "&pr=" + pr);
        assertThat(answer.getString("status")).as(answer.encode()).isEqualTo(pays ? "OK" : "ERROR");
        if (!pays) {
            assertThat(answer.getString("reason")).isEqualTo("A limit of the card is reached");
        }
        Eventually.equal("it has ended", 0L, () -> open(card));
    }

    private static JsonObject lnurl(String path) {
        return gateway.ask("GET " + path, null, null).bodyAsJsonObject();
    }

    private static long open(CardShop.Held card) {
        String query = "select count(*) from card_charge where card_id = $1 and status = 'Authorized'";
        return await(OPEN.database().db().read(query, card.id()))
                .iterator()
                .next()
                .getLong(0);
    }

    /** Of a hundred at once, each for sixty of a hundred, one fits. */
    @ParameterizedTest
    @CsvSource({"daily", "weekly", "monthly"})
    void limitsHoldAgainstHundredAtOnce(String limit) {
        CardShop.Held card = limited(limit, "100", "100000");
        assertThat(approvedOfHundred(card, "60")).isEqualTo(1);
        assertThat(shop.balance(card)).isEqualTo("99940");
        assertThat(reason(card, "41")).isEqualTo("limit-" + limit);
        pays(card, "40");
    }

    @Test
    void paceHoldsAgainstHundredAtOnce() {
        JsonObject pace =
                new JsonObject().put("velocity", new JsonObject().put("taps", 3).put("minutes", 10));
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("rules", pace)), "100000");
        long approved = approvedOfHundred(card, "1"); // who comes after a newer tap is refused for that
        assertThat(approved).isBetween(1L, 3L);
        for (long rest = approved; rest < 3; rest++) {
            pays(card, "1");
        }
        assertThat(reason(card, "1")).isEqualTo("too-many-taps");
    }

    private static long approvedOfHundred(CardShop.Held card, String amount) {
        List<Future<HttpResponse<Buffer>>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            String path = i % 2 == 0 ? "/charges" : "/authorizations";
            JsonObject body = card.tap().put("amount", amount).put("currency", "SATS");
            all.add(shop.request("POST", "/terminals/" + shop.terminal() + path, null)
                    .putHeader("X-Forwarded-For", "10.9.0." + i)
                    .sendJsonObject(body));
        }
        await(Future.join(all));
        return all.stream()
                .map(answer -> ok(answer.result()).bodyAsJsonObject())
                .filter(answer -> answer.getBoolean("approved"))
                .count();
    }
}
