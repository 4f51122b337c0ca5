package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an issuer and a merchant set: how much, where and how often cards pay, and whose they are. */
class CardControlsTest {
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
    void limitsCountWhatWasApproved() {
        JsonObject limits = new JsonObject().put("perTap", "50").put("daily", "100");
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("limits", limits)), "1000");
        assertThat(shop.charge(card.tap(), "51").getString("reason")).isEqualTo("limit-per-tap");
        assertThat(shop.charge(card.tap(), "50").getBoolean("approved")).isTrue();
        JsonObject held = shop.authorize(card.tap(), "50");
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("limit-daily");
        shop.post("/charges/" + held.getString("id") + "/void", new JsonObject());
        assertThat(shop.charge(card.tap(), "20").getBoolean("approved")).isTrue(); // voided ones use nothing
        ok(shop.ask("PUT", "/cards/" + card.id() + "/limits", new JsonObject().put("daily", "80")));
        assertThat(shop.charge(card.tap(), "11").getString("reason")).isEqualTo("limit-daily");
        assertThat(shop.charge(card.tap(), "10").getBoolean("approved")).isTrue();
    }

    @Test
    void whatIsListedWholeIsBounded() {
        CardShop full = new CardShop(gateway);
        String programme = full.programme(new JsonObject());
        JsonObject factory = new JsonObject().put("name", "Fair").put("maxCards", 1);
        full.post("/card-programmes/" + programme + "/factories", factory);
        fill("card_programme", "store_id", full.store(), "");
        fill("terminal", "store_id", full.store(), "");
        fill("card_factory", "programme_id", programme, ", 'secret_hash', '\\x' || md5(n::text)");
        assertRefused(
                full,
                "/card-programmes",
                new JsonObject().put("name", "P").put("currency", "USD"),
                "too-many-programmes");
        assertRefused(full, "/terminals", new JsonObject().put("name", "T"), "too-many-terminals");
        assertRefused(full, "/card-programmes/" + programme + "/factories", factory, "too-many-factories");
    }

    /** Ten thousand rows of an owner that has one. */
    private static void fill(String table, String owner, String id, String unlike) {
        String sql = "insert into %1$s select (jsonb_populate_record(one, jsonb_build_object('id', 'row' || n%3$s))).*"
                + " from %1$s one, generate_series(2, 10000) n where one.%2$s = $1";
        await(DATABASE.db().write(sql.formatted(table, owner, unlike), Tuple.of(id)));
    }

    private static void assertRefused(CardShop full, String path, JsonObject body, String code) {
        HttpResponse<Buffer> answer = full.ask("POST", path, body);
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo(code);
    }

    @Test
    void rulesOfPlaceAndPace() {
        JsonObject elsewhere = new JsonObject().put("categories", List.of("fuel"));
        CardShop.Held fuel = shop.card(shop.programme(new JsonObject().put("rules", elsewhere)), "10");
        assertThat(shop.charge(fuel.tap(), "1").getString("reason")).isEqualTo("category-not-allowed");
        JsonObject stores = new JsonObject().put("stores", List.of("1111111111111111111111"));
        CardShop.Held bound = shop.card(shop.programme(new JsonObject().put("rules", stores)), "10");
        assertThat(shop.charge(bound.tap(), "1").getString("reason")).isEqualTo("merchant-not-allowed");
        JsonObject pace =
                new JsonObject().put("velocity", new JsonObject().put("taps", 2).put("minutes", 10));
        CardShop.Held slow = shop.card(shop.programme(new JsonObject().put("rules", pace)), "10");
        assertThat(shop.charge(slow.tap(), "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(slow.tap(), "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(slow.tap(), "1").getString("reason")).isEqualTo("too-many-taps");
    }

    @Test
    void eachLimitIsSaidToBeNearOnce() {
        JsonObject limits =
                new JsonObject().put("daily", "100").put("weekly", "105").put("monthly", "1000");
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("limits", limits)), "1000");
        shop.charge(card.tap(), "79");
        shop.charge(card.tap(), "30"); // declined
        assertThat(near(card)).isEmpty();
        shop.charge(card.tap(), "1"); // 80 of the day
        assertThat(near(card)).containsExactly("daily 100");
        shop.charge(card.tap(), "1");
        assertThat(near(card)).hasSize(1);
        JsonObject held = shop.authorize(card.tap(), "15"); // 96 of the week
        assertThat(near(card)).containsExactly("daily 100", "weekly 105");
        shop.post("/charges/" + held.getString("id") + "/void", new JsonObject());
        ok(shop.ask("PUT", "/cards/" + card.id() + "/limits", new JsonObject().put("monthly", "110")));
        shop.charge(card.tap(), "4"); // 85 of the week, which was below it meanwhile
        shop.charge(card.tap(), "3"); // 88 of the month
        assertThat(near(card)).containsExactly("daily 100", "weekly 105", "weekly 105", "monthly 110");
    }

    private static List<String> near(CardShop.Held card) {
        String told = "select body ->> 'limit' as name, body ->> 'amount' as amount from event"
                + " where kind = 'card.limitNear' and body ->> 'cardId' = $1 order by seq";
        List<String> all = new ArrayList<>();
        for (Row row : await(DATABASE.db().read(told, card.id()))) {
            all.add(row.getString("name") + " " + row.getString("amount"));
        }
        return all;
    }

    @Test
    void terminalThatIsSwitchedOffTakesNothing() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        String till =
                shop.post("/terminals", new JsonObject().put("name", "Till 2")).getString("id");
        JsonObject held = CardShop.sent(shop.request("POST", "/terminals/" + till + "/authorizations", null), one(card))
                .bodyAsJsonObject();
        switched(till, false);
        for (String path : List.of("/charges", "/authorizations")) {
            HttpResponse<Buffer> refused = shop.ask("POST", "/terminals/" + till + path, one(card));
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.bodyAsJsonObject().getString("code")).isEqualTo("terminal-disabled");
        }
        assertThat(shop.balance(card)).isEqualTo("99");
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue(); // the other one is on
        shop.post("/charges/" + held.getString("id") + "/capture", new JsonObject()); // what it took before
        switched(till, true);
        assertThat(shop.post("/terminals/" + till + "/charges", one(card)).getBoolean("approved"))
                .isTrue();
        assertThat(shop.balance(card)).isEqualTo("97");
    }

    private static JsonObject one(CardShop.Held card) {
        return new JsonObject().put("currency", "SATS").put("amount", "1").mergeIn(card.tap());
    }

    private static void switched(String till, boolean on) {
        JsonObject terms = new JsonObject().put("name", "Till 2").put("enabled", on);
        assertThat(ok(shop.ask("PUT", "/terminals/" + till, terms))
                        .bodyAsJsonObject()
                        .getBoolean("enabled"))
                .isEqualTo(on);
    }

    @Test
    void cardIsAssignedToItsHolder() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        String path = "/cards/" + card.id();
        JsonObject owner = new JsonObject().put("holder", "Ada").put("label", "Box 7");
        JsonObject assigned = ok(shop.ask("PUT", path, owner)).bodyAsJsonObject();
        assertThat(assigned.getString("holder")).isEqualTo("Ada");
        JsonObject kept = shop.get(path);
        assertThat(kept.getString("holder")).isEqualTo("Ada");
        assertThat(kept.getString("label")).isEqualTo("Box 7");
        assertThat(changes(card)).isEqualTo(1);

        String base = " /api/v1/stores/" + shop.store() + path;
        JsonObject other = new JsonObject().put("holder", "Eve");
        String viewer = gateway.key("btcpay.store.canviewpullpayments");
        assertThat(gateway.ask("PUT" + base, viewer, other).statusCode()).isEqualTo(403);
        String elsewhere = " /api/v1/stores/" + gateway.store(gateway.admin()) + path;
        assertThat(gateway.ask("PUT" + elsewhere, gateway.admin(), other).statusCode())
                .isEqualTo(404);
        assertThat(shop.ask("PUT", path, new JsonObject().put("holder", "x".repeat(201)))
                        .statusCode())
                .isEqualTo(422);
        assertThat(shop.get(path)).isEqualTo(kept);
        assertThat(changes(card)).isEqualTo(1);

        ok(shop.ask("PUT", path, new JsonObject().put("label", "Box 8"))); // a card that is nobody's again
        assertThat(shop.get(path).getString("holder")).isNull();
        assertThat(shop.get(path).getString("label")).isEqualTo("Box 8");
        assertThat(shop.charge(card.tap(), "100").getBoolean("approved")).isTrue();
    }

    private static long changes(CardShop.Held card) {
        String told = "select count(*) from event where kind = 'card.changed' and body ->> 'cardId' = $1";
        return await(DATABASE.db().read(told, card.id())).iterator().next().getLong(0);
    }
}
