package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a store gives back of a charge, at once or in parts. */
class CardRefundTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static CardShop shop;

    @BeforeAll
    static void open() {
        shop = OPEN.shop();
    }

    @Test
    void refundGivesBackNoMoreThanWasTaken() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String one = "/charges/" + shop.charge(card.tap(), "300").getString("id");
        shop.post(one + "/refund", new JsonObject().put("amount", "100"));
        assertThat(shop.balance(card)).isEqualTo("800");
        assertThat(shop.ask("POST", one + "/refund", new JsonObject().put("amount", "201"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(shop.post(one + "/refund", new JsonObject()).getString("refunded"))
                .isEqualTo("300");
        assertThat(shop.ask("POST", one + "/refund", new JsonObject()).statusCode())
                .isEqualTo(400);
        assertThat(shop.balance(card)).isEqualTo("1000");
    }

    /** 3.20 USD are 5,333,333.3 msat, and each part is rounded up. */
    @Test
    void partsThatAddUpToThePriceAreAllGivenBack() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10000");
        String charge = shop.charge(card.tap().put("currency", "USD"), "3.20").getString("id");
        for (String part : List.of("1.00", "1.10", "1.10")) {
            shop.post("/charges/" + charge + "/refund", new JsonObject().put("amount", part));
        }
        assertThat(shop.balance(card)).isEqualTo("10000");
        assertThat(shop.ask("POST", "/charges/" + charge + "/refund", new JsonObject().put("amount", "0.01"))
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void amountThatIsNoNumberGivesNothingBack() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String one = "/charges/" + shop.charge(card.tap(), "300").getString("id");
        HttpResponse<Buffer> refused = shop.ask("POST", one + "/refund", new JsonObject().putNull("amount"));
        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(shop.balance(card)).isEqualTo("700");
    }

    @Test
    void eventsTellHowMuchWasTakenAndGivenBack() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String id = shop.authorize(card.tap(), "300").getString("id");
        shop.post("/charges/" + id + "/capture", new JsonObject().put("amount", "200"));
        shop.post("/charges/" + id + "/refund", new JsonObject().put("amount", "50"));
        shop.post("/charges/" + id + "/refund", new JsonObject().put("amount", "60"));
        List<String> told = new ArrayList<>();
        await(OPEN.database().db().read("""
                select kind || ' ' || (body ->> 'captured') || ' ' || (body ->> 'refunded') || ' '
                  || (body ->> 'cardAmount') as told
                from event where subject = $1 order by seq
                """, "charge:" + id)).forEach(row -> told.add(row.getString("told")));
        assertThat(told)
                .containsExactly(
                        "card.authorized 0 0 300",
                        "card.captured 200 0 300",
                        "card.refunded 200 50 300",
                        "card.refunded 200 110 300");
    }

    @Test
    void cardHasFewPaymentsUnderWay() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        CardShop.Held loaded = shop.card(shop.programme(new JsonObject()), "1");
        Promise<Void> nodeMayPay = Promise.promise();
        Future<Void> turn = holdTurn(nodeMayPay.future());
        try {
            for (int i = 0; i < 5; i++) {
                assertThat(pay(card, topUp(loaded, 10 + i)).getString("status")).isEqualTo("OK");
            }
            assertThat(pay(card, topUp(loaded, 20)).getString("reason")).isEqualTo("A limit of the card is reached");
        } finally {
            nodeMayPay.complete();
        }
        await(turn);
        Eventually.equal("the node has paid", "940", () -> shop.balance(card));
        assertThat(pay(card, topUp(loaded, 20)).getString("status")).isEqualTo("OK");
        Eventually.equal("the node has paid", "920", () -> shop.balance(card));
    }

    /** A node was told to pay: until it says how that ended nobody ends it here, and what left is not given back. */
    @Test
    void paymentThatLeavesIsTheNodesToEnd() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String pr = topUp(shop.card(shop.programme(new JsonObject()), "1"), 100);
        Promise<Void> nodeMayPay = Promise.promise();
        Future<Void> turn = holdTurn(nodeMayPay.future());
        String one;
        try {
            assertThat(pay(card, pr).getString("status")).isEqualTo("OK");
            one = "/charges/" + charge(card);
            assertThat(shop.get(one).getString("status")).isEqualTo("Authorized");
            for (String step : List.of("/capture", "/void")) {
                assertThat(code(one + step)).isEqualTo("charge-in-flight");
            }
            assertThat(code(one + "/refund")).isEqualTo("charge-authorized");
            assertThat(shop.balance(card)).isEqualTo("890"); // with what routing may cost
        } finally {
            nodeMayPay.complete();
        }
        await(turn);
        Eventually.equal("the node has paid", "Captured", () -> shop.get(one).getString("status"));
        assertThat(code(one + "/refund")).isEqualTo("charge-paid-out");
        for (String step : List.of("/capture", "/void")) {
            assertThat(code(one + step)).isEqualTo("charge-captured");
        }
        assertThat(shop.balance(card)).isEqualTo("900");
    }

    /** Holds the row that the driver of a node looks at before it tells the node to pay, until {@code end}. */
    private static Future<Void> holdTurn(Future<Void> end) {
        Promise<Void> held = Promise.promise();
        Future<Void> turn = OPEN.database()
                .db()
                .tx(tx -> Db.run(tx, "select token from lease for update", Tuple.tuple())
                        .compose(locked -> {
                            held.complete();
                            return end;
                        }));
        await(held.future());
        return turn;
    }

    private static String topUp(CardShop.Held card, long sat) {
        String path = "/boltcard/top-up?p=" + card.chip().tap().p() + "&amount=" + sat * 1_000;
        return OPEN.gateway().ask("GET " + path, null, null).bodyAsJsonObject().getString("pr");
    }

    private static JsonObject pay(CardShop.Held card, String pr) {
        Tap tap = card.chip().tap();
        JsonObject offer = OPEN.gateway()
                .ask("GET /boltcard?p=" + tap.p() + "&c=" + tap.c(), null, null)
                .bodyAsJsonObject();
        return OPEN.gateway()
                .ask("GET /boltcard?k1=" + offer.getString("k1") + "&pr=" + pr, null, null)
                .bodyAsJsonObject();
    }

    private static String charge(CardShop.Held card) {
        String query = "select id from card_charge where card_id = $1";
        return await(OPEN.database().db().read(query, card.id()))
                .iterator()
                .next()
                .getString(0);
    }

    private static String code(String path) {
        HttpResponse<Buffer> refused = shop.ask("POST", path, new JsonObject());
        assertThat(refused.statusCode()).isEqualTo(400);
        return refused.bodyAsJsonObject().getString("code");
    }
}
