package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Outcome;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many at once: nothing is paid twice, overdrawn, or let through after the word that stops it. */
class CardRaceTest {
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

    private static List<JsonObject> together(int count, IntFunction<JsonObject> body) {
        List<Future<HttpResponse<Buffer>>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(sent(i, body.apply(i)));
        }
        await(Future.join(all));
        return all.stream().map(f -> f.result().bodyAsJsonObject()).toList();
    }

    private static Future<HttpResponse<Buffer>> sent(int from, JsonObject body) {
        return shop.request("POST", "/terminals/" + shop.terminal() + "/charges", null)
                .putHeader("X-Forwarded-For", "10.9." + from / 250 + "." + from % 250)
                .sendJsonObject(body.put("currency", "SATS"));
    }

    private static long approved(List<JsonObject> answers) {
        return answers.stream().filter(answer -> answer.getBoolean("approved")).count();
    }

    @Test
    void identicalTapsPayOnce() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        JsonObject tap = card.tap();
        List<JsonObject> answers = together(64, i -> tap.copy().put("amount", "10"));
        Set<String> ids = new HashSet<>();
        answers.forEach(answer -> ids.add(answer.getString("id")));
        assertThat(ids).hasSize(1); // whoever asks the same gets the same charge
        assertThat(shop.balance(card)).isEqualTo("990");
    }

    @Test
    void oneTapWithManyAmountsPaysOneOfThem() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100000");
        JsonObject tap = card.tap();
        assertThat(approved(together(64, i -> tap.copy().put("amount", Integer.toString(i + 1)))))
                .isEqualTo(1);
    }

    @Test
    void hundredChargesOfSixtyPerCentPayOnce() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        List<JsonObject> answers = together(100, i -> card.tap().put("amount", "600"));
        assertThat(approved(answers)).isEqualTo(1);
        assertThat(shop.balance(card)).isEqualTo("400");
    }

    /** A transfer that the books have and the card does not know of: there is no such thing, and it must stay small. */
    @Test
    void booksThatContradictOneCardHoldUpNoOther() {
        String programme = shop.programme(new JsonObject());
        List<CardShop.Held> cards = IntStream.range(0, 30)
                .mapToObj(i -> shop.card(programme, "1000"))
                .toList();
        List<CardShop.Held> odd = List.of(cards.get(9), cards.get(19), cards.get(29));
        odd.forEach(CardRaceTest::bookTapsToCome);
        List<JsonObject> answers = together(30, i -> cards.get(i).tap().put("amount", "10"));
        assertThat(approved(answers)).isEqualTo(27);
        cards.forEach(card -> assertThat(shop.balance(card)).isEqualTo(odd.contains(card) ? "1000" : "990"));
    }

    private static void bookTapsToCome(CardShop.Held card) {
        Account from = Account.cash(Account.BTC);
        Account to = Account.exchange(Account.BTC);
        List<Transfer> transfers = IntStream.range(0, 100)
                .mapToObj(n ->
                        Transfer.single("tap:" + card.id() + ":" + n / 50 + ":" + n % 50, from, to, 1, "test", "test"))
                .toList();
        List<Outcome> outcomes = await(DATABASE.db().tx(tx -> new Ledger().apply(tx, transfers)));
        assertThat(outcomes).containsOnly(Outcome.CREATED);
    }

    /** Of one key's sales one is made, the others are refused; sales beside them have nothing to do with it. */
    @Test
    void keyIsForOneSaleAndHoldsUpNoOther() {
        String programme = shop.programme(new JsonObject());
        List<CardShop.Held> cards = IntStream.range(0, 30)
                .mapToObj(i -> shop.card(programme, "1000"))
                .toList();
        List<Future<HttpResponse<Buffer>>> all = new ArrayList<>();
        for (int i = 0; i < cards.size(); i++) {
            String key = i % 10 == 9 ? "race-one" : "race-" + i;
            all.add(shop.request("POST", "/terminals/" + shop.terminal() + "/charges", key)
                    .putHeader("X-Forwarded-For", "10.8.0." + i)
                    .sendJsonObject(cards.get(i).tap().put("amount", "10").put("currency", "SATS")));
        }
        await(Future.join(all));
        List<Integer> refused = IntStream.range(0, cards.size())
                .filter(i -> all.get(i).result().statusCode() == 422)
                .boxed()
                .toList();
        assertThat(refused).hasSize(2).allMatch(i -> i % 10 == 9);
        IntStream.range(0, cards.size())
                .forEach(i -> assertThat(shop.balance(cards.get(i))).isEqualTo(refused.contains(i) ? "1000" : "990"));
    }

    @Test
    void limitsHoldAgainstManyAtOnce() {
        JsonObject terms = new JsonObject().put("limits", new JsonObject().put("daily", "250"));
        CardShop.Held card = shop.card(shop.programme(terms), "10000");
        List<JsonObject> answers = together(40, i -> card.tap().put("amount", "100"));
        assertThat(approved(answers)).isEqualTo(2);
    }

    @Test
    void noMoreThanThreePinsAreLookedAt() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("pinFrom", "1")), "1000");
        InProcessGateway.ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "4242")));
        JsonObject tap = card.tap();
        int wrong = 0;
        for (int round = 0; round < 20; round++) {
            int from = round * 500;
            List<JsonObject> answers = together(
                    500,
                    i -> tap.copy()
                            .put("amount", "1")
                            .put("pin", String.format(Locale.ROOT, "%04d", (from + i) % 4_242)));
            wrong += (int) answers.stream()
                    .filter(answer -> "pin-wrong".equals(answer.getString("reason")))
                    .count();
            assertThat(approved(answers)).isZero();
        }
        assertThat(wrong).isLessThanOrEqualTo(3);
        assertThat(shop.charge(card.tap().put("pin", "4242"), "1").getString("reason"))
                .isEqualTo("pin-locked");
    }

    @Test
    void nothingIsChargedAfterTheFreeze() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100000");
        shop.charge(card.tap(), "1"); // a card that nobody has tapped cannot be frozen
        List<Future<HttpResponse<Buffer>>> all = new ArrayList<>();
        Future<HttpResponse<Buffer>> frozen = Future.failedFuture("not asked yet");
        for (int i = 0; i < 200; i++) {
            all.add(sent(i, card.tap().put("amount", "1")));
            if (i == 60) {
                frozen = shop.request("POST", "/cards/" + card.id() + "/freeze", null)
                        .sendJsonObject(new JsonObject());
                all.add(frozen);
            }
        }
        await(Future.join(all));
        InProcessGateway.ok(frozen.result());
        String late = """
                select count(*) from event e where e.kind = 'card.charged' and e.body ->> 'cardId' = $1
                  and e.seq > (select seq from event where kind = 'card.frozen' and subject = 'card:' || $1)
                """;
        assertThat(await(DATABASE.db().read(late, card.id())).iterator().next().getLong(0))
                .isZero();
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("card-blocked");
    }
}
