package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** BTCPay's ways to keys, as its card factory and its clients use them. */
class CardFactoryTest {
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

    private static JsonObject factory(String programme, JsonObject terms) {
        return shop.post(
                "/card-programmes/" + programme + "/factories",
                new JsonObject().put("name", "Fair").put("maxCards", 2).mergeIn(terms));
    }

    private static HttpResponse<Buffer> ask(JsonObject factory, String onExisting, JsonObject body) {
        String path = URI.create(factory.getString("url")).getPath();
        return gateway.ask("POST " + path + "?onExisting=" + onExisting, null, body);
    }

    private static HttpResponse<Buffer> write(JsonObject factory, Uid uid) {
        return ask(factory, "UpdateVersion", new JsonObject().put("UID", uid.hex()));
    }

    private static JsonObject tapOf(Tap tap) {
        return new JsonObject().put("LNURLW", "lnurlw://localhost/boltcard?p=" + tap.p() + "&c=" + tap.c());
    }

    private static VirtualCard chip(JsonObject keys, Uid uid) {
        return new VirtualCard(CardShop.keys(keys), uid, 1, Entropy.secure());
    }

    private static String code(HttpResponse<Buffer> answer) {
        return answer.bodyAsJsonObject().getString("code");
    }

    @Test
    void makesCardAfterCardThatPayAndNoMoreThanItMay() {
        String programme = shop.programme(new JsonObject().put("startBalance", "500"));
        JsonObject factory = factory(programme, new JsonObject());
        assertThat(factory.getString("programLink")).startsWith("boltcard://program?url=http");
        assertThat(factory.containsKey("resetLink")).isFalse();
        Uid first = new Uid("04aa0000000001");

        JsonObject keys = ok(write(factory, first)).bodyAsJsonObject();
        assertThat(ok(write(factory, first)).bodyAsJsonObject()).isEqualTo(keys); // the write broke off
        assertThat(keys.getInteger("version")).isEqualTo(1);
        VirtualCard chip = chip(keys, first);
        chip.tap(); // the programmer's test
        assertThat(shop.charge(CardShop.Held.tapped(chip.tap()), "500").getBoolean("approved"))
                .isTrue();
        assertThat(code(write(factory, first))).isEqualTo("chip-in-use");
        ok(write(factory, new Uid("04aa0000000002")));
        assertThat(code(write(factory, new Uid("04aa0000000003")))).isEqualTo("card-factory-done");

        JsonObject listed =
                shop.getAll("/card-programmes/" + programme + "/factories").getJsonObject(0);
        assertThat(listed.getInteger("cards")).isEqualTo(2);
        assertThat(listed.containsKey("url")).isFalse();
        assertThat(shop.getAll("/cards?programmeId=" + programme)).hasSize(2);
    }

    /** The test read of the writer was lost, and the chip is finished all the same. */
    @Test
    void keysThatATapShowedAreNotGivenAgain() {
        JsonObject factory = factory(shop.programme(new JsonObject()), new JsonObject());
        Uid uid = new Uid("04aa0000000015");
        JsonObject keys = ok(write(factory, uid)).bodyAsJsonObject();
        VirtualCard chip = chip(keys, uid);
        JsonObject anew = ok(ask(factory, "UpdateVersion", tapOf(chip.tap()))).bodyAsJsonObject();
        assertThat(anew.getInteger("version")).isEqualTo(2);
        assertThat(anew.getString("K2")).isNotEqualTo(keys.getString("K2"));
        assertThat(code(write(factory, uid))).isEqualTo("chip-in-use");
    }

    @Test
    void sameChipAtTheSameMomentIsOneCard() {
        String programme = shop.programme(new JsonObject().put("startBalance", "10"));
        JsonObject factory = factory(programme, new JsonObject().put("maxCards", 100));
        String path = URI.create(factory.getString("url")).getPath();
        List<Future<HttpResponse<Buffer>>> asked = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            asked.add(gateway.request("POST " + path).sendJsonObject(new JsonObject().put("UID", "04aa0000000011")));
        }
        Set<String> keys = asked.stream()
                .map(TestDatabase::await)
                .map(answer -> answer.bodyAsJsonObject().getString("K2"))
                .collect(Collectors.toSet());
        assertThat(keys).hasSize(1);
        assertThat(shop.getAll("/cards?programmeId=" + programme)).hasSize(1);
    }

    @Test
    void chipIsWipedForAFreshTapWhereTheFactoryMay() {
        String programme = shop.programme(new JsonObject().put("startBalance", "7"));
        JsonObject wipes = factory(programme, new JsonObject().put("wipes", true));
        JsonObject writes = factory(programme, new JsonObject());
        Uid uid = new Uid("04aa0000000021");
        JsonObject keys = ok(write(writes, uid)).bodyAsJsonObject();
        VirtualCard chip = chip(keys, uid);
        chip.tap();
        Tap used = chip.tap();
        shop.charge(CardShop.Held.tapped(used), "1");

        JsonObject bare = new JsonObject().put("UID", uid.hex());
        assertThat(ask(wipes, "KeepVersion", bare).statusCode()).isEqualTo(422);
        assertThat(ask(writes, "KeepVersion", tapOf(chip.tap())).statusCode()).isEqualTo(404);
        assertThat(ask(wipes, "KeepVersion", tapOf(used)).statusCode()).isEqualTo(404);
        Tap forged = new Tap(chip.tap().p(), "0".repeat(16));
        assertThat(ask(wipes, "KeepVersion", tapOf(forged)).statusCode()).isEqualTo(404);
        CardShop.Held other = shop.card(shop.programme(new JsonObject()), "5");
        assertThat(ask(wipes, "KeepVersion", tapOf(other.chip().tap())).statusCode())
                .isEqualTo(404);

        JsonObject wiped = ok(ask(wipes, "KeepVersion", tapOf(chip.tap()))).bodyAsJsonObject();
        assertThat(CardShop.keys(wiped)).isEqualTo(CardShop.keys(keys));
        assertThat(wiped.getInteger("version")).isEqualTo(1);
        JsonObject anew = ok(write(writes, uid)).bodyAsJsonObject(); // the wiped chip becomes another card
        assertThat(anew.getInteger("version")).isEqualTo(2);
    }

    @Test
    void closedOneAndForeignSecretsGiveNothing() {
        String programme = shop.programme(new JsonObject());
        JsonObject factory = factory(programme, new JsonObject());
        JsonObject closed = ok(shop.ask(
                        "DELETE", "/card-programmes/" + programme + "/factories/" + factory.getString("id"), null))
                .bodyAsJsonObject();
        assertThat(closed.getBoolean("open")).isFalse();
        ok(shop.ask("DELETE", "/card-programmes/" + programme + "/factories/" + factory.getString("id"), null));
        String told = "select count(*) from event where kind = 'cardprogramme.factoryClosed'"
                + " and body ->> 'factoryId' = $1 and body ->> 'by' <> ''";
        assertThat(await(DATABASE.db().read(told, factory.getString("id")))
                        .iterator()
                        .next()
                        .getLong(0))
                .isEqualTo(1); // closed again it says nothing
        assertThat(write(factory, new Uid("04aa0000000031")).statusCode()).isEqualTo(404);
        JsonObject byId =
                new JsonObject().put("url", "http://localhost/apps/" + factory.getString("id") + "/boltcards");
        assertThat(write(byId, new Uid("04aa0000000031")).statusCode()).isEqualTo(404);
        assertThat(shop.getAll("/cards?programmeId=" + programme)).isEmpty();
        assertThat(shop.ask("DELETE", "/card-programmes/" + programme + "/factories/none", null)
                        .statusCode())
                .isEqualTo(404);
        for (JsonObject wrong : List.of(
                new JsonObject().put("maxCards", 0), new JsonObject().put("maxCards", 10_001), new JsonObject())) {
            assertThat(shop.ask("POST", "/card-programmes/" + programme + "/factories", wrong.put("name", "x"))
                            .statusCode())
                    .isEqualTo(422);
        }
    }

    @Test
    void pullPaymentPathWritesAndWipesForAnOperatorAlone() {
        String programme = shop.programme(new JsonObject());
        String card = shop.postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
        Uid uid = new Uid("04aa0000000041");
        String path = "POST /api/v1/pull-payments/" + card + "/boltcards";
        JsonObject write = new JsonObject().put("UID", uid.hex());
        assertThat(gateway.ask(path, null, write).statusCode()).isEqualTo(401);
        assertThat(gateway.ask(path, gateway.key("btcpay.store.canviewpullpayments"), write)
                        .statusCode())
                .isEqualTo(403);
        assertThat(gateway.ask(path.replace(card, "nothing"), gateway.admin(), write)
                        .statusCode())
                .isEqualTo(403);

        JsonObject keys = ok(gateway.ask(path, gateway.admin(), write)).bodyAsJsonObject();
        CardKeys written = CardShop.keys(keys);
        CardShop.Held held = new CardShop.Held(card, chip(keys, uid), uid, written);
        held.chip().tap();
        shop.load(held, "50");
        assertThat(shop.charge(held.tap(), "50").getBoolean("approved")).isTrue();

        JsonObject keep = write.copy().put("onExisting", "KeepVersion");
        assertThat(gateway.ask(path, gateway.admin(), keep).statusCode()).isEqualTo(422);
        assertThat(gateway.ask(path, gateway.admin(), write).statusCode()).isEqualTo(409); // in use: a tap is needed
        JsonObject nextKeys =
                ok(gateway.ask(path, gateway.admin(), tapOf(held.chip().tap()))).bodyAsJsonObject();
        assertThat(nextKeys.getInteger("version")).isEqualTo(2);
        JsonObject wipe = tapOf(held.chip().tap()).put("onExisting", "KeepVersion");
        assertThat(gateway.ask(path, gateway.key("btcpay.store.cancreatepullpayments"), wipe)
                        .statusCode())
                .isEqualTo(403); // who may write chips may not wipe them
        JsonObject wiped = ok(gateway.ask(path, gateway.admin(), wipe)).bodyAsJsonObject();
        assertThat(CardShop.keys(wiped)).isEqualTo(written);
        assertThat(shop.state(held)).isEqualTo("Resetting");
    }
}
