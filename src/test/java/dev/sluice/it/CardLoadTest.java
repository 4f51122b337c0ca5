package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.TopUpSettles;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.NodeId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Money comes onto cards that can spend it, and never for nothing. */
class CardLoadTest {
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

    private static JsonObject json(String path) {
        return ok(gateway.ask("GET " + path, null, null)).bodyAsJsonObject();
    }

    private static String callback(CardShop.Held card, long msat) {
        return "/lnurlp/" + shop.get("/cards/" + card.id()).getString("lightningName") + "/callback?amount=" + msat;
    }

    /** The node says that an invoice of ours was paid. */
    private static void settled(String bolt11) {
        EventLog events = new EventLog(DATABASE.db(), DATABASE.bus());
        TopUpSettles settles = new TopUpSettles(DATABASE.db(), new Ledger(), events, Clock.system(), new CardsAlone());
        Bolt11 invoice = Bolt11.parse(bolt11);
        LightningNode.Settle settle =
                new LightningNode.Settle(invoice.hash(), Objects.requireNonNull(invoice.amount()), 1, Instant.now());
        await(DATABASE.db().tx(tx -> settles.apply(tx, NodeId.OPERATOR, List.of(settle), 0)));
    }

    private static String code(String path, JsonObject body) {
        return shop.ask("POST", path, body).bodyAsJsonObject().getString("code");
    }

    @Test
    void cardOfAnArchivedProgrammeTakesNoMoney() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held card = shop.card(programme, "10");
        String before = json(callback(card, 5_000)).getString("pr");
        ok(shop.ask("POST", "/cards/" + card.id() + "/address", new JsonObject()));
        assertThat(page(card)).contains("lightning:lnurl", "bitcoin:bcrt1");
        ok(shop.ask("DELETE", "/card-programmes/" + programme, null));

        JsonObject cash = new JsonObject().put("amount", "5").put("source", "Programme");
        assertThat(code("/cards/" + card.id() + "/top-ups", cash)).isEqualTo("card-not-loadable");
        assertThat(code("/cards/" + card.id() + "/address", new JsonObject())).isEqualTo("card-not-loadable");
        String p = card.chip().tap().p();
        String name = shop.get("/cards/" + card.id()).getString("lightningName");
        for (String path : List.of(
                "/boltcard/top-up?p=" + p,
                "/boltcard/top-up?p=" + p + "&amount=5000",
                "/.well-known/lnurlp/" + name,
                callback(card, 5_000))) {
            assertThat(json(path).getString("reason")).as(path).isEqualTo("This card takes no money any more");
        }
        assertThat(page(card)).doesNotContain("lightning:", "bitcoin:", "/boltcards/address");
        assertThat(offer(card).containsKey("payLink")).isFalse();
        settled(before); // was promised
        assertThat(shop.balance(card)).isEqualTo("15");
        ok(shop.ask("POST", "/card-programmes/" + programme + "/unarchive", new JsonObject()));
        assertThat(page(card)).contains("lightning:lnurl", "bitcoin:bcrt1");
        assertThat(shop.charge(card.tap(), "15").getBoolean("approved")).isTrue();
    }

    /** 60,000 for a bitcoin: a cent is 16.7 sat, and with a spread, which is rounded up, one cent is bought by two. */
    @ParameterizedTest
    @CsvSource({"0, 17, 16", "1, 34, 33", "50, 34, 33"})
    void nobodyPaysForNothing(String spread, long least, long less) {
        JsonObject terms = new JsonObject().put("currency", "USD").put("spreadPercent", spread);
        CardShop.Held card = shop.card(shop.programme(terms), "1.00");
        String name = shop.get("/cards/" + card.id()).getString("lightningName");
        assertThat(json("/.well-known/lnurlp/" + name).getLong("minSendable")).isEqualTo(least * 1_000);
        assertThat(json("/boltcard/top-up?p=" + card.chip().tap().p()).getLong("minSendable"))
                .isEqualTo(least * 1_000);
        assertThat(json(callback(card, less * 1_000)).getString("reason")).isEqualTo("The amount is out of bounds");
        settled(json(callback(card, least * 1_000)).getString("pr"));
        assertThat(shop.balance(card)).isEqualTo("1.01");
    }

    private static JsonObject offer(CardShop.Held card) {
        Tap tap = card.chip().tap();
        return json("/boltcard?p=" + tap.p() + "&c=" + tap.c());
    }

    private static String page(CardShop.Held card) {
        Tap tap = card.chip().tap();
        return ok(gateway.ask("GET /boltcards/balance?p=" + tap.p() + "&c=" + tap.c(), null, null))
                .bodyAsString();
    }
}
