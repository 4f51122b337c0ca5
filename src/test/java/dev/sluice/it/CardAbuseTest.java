package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.TopUpSettles;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.NodeId;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Ways to get money or keys out of cards that were tried: each ends with nothing gained. */
class CardAbuseTest {
    private static final String SUSPICIONS =
            "select count(*)::int as n from event where kind = 'card.cloneSuspected' and subject = 'card:' || $1";

    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static TopUpSettles settles;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        EventLog events = new EventLog(DATABASE.db(), DATABASE.bus());
        settles = new TopUpSettles(DATABASE.db(), new Ledger(), events, Clock.system(), new CardsAlone());
    }

    private static long account(String code) {
        String sql = "select coalesce(sum(credits_posted - debits_posted), 0)::bigint from account where code = $1";
        return await(DATABASE.db().read(sql, code)).iterator().next().getLong(0);
    }

    /** A wallet pays onto a card over Lightning, by the card's address. */
    private static void pay(String handle, long sat) {
        String bolt11 = gateway.ask("GET /lnurlp/" + handle + "/callback?amount=" + sat * 1_000, null, null)
                .bodyAsJsonObject()
                .getString("pr");
        LightningNode.Settle settle =
                new LightningNode.Settle(Bolt11.parse(bolt11).hash(), Msat.ofSat(sat), 1, Instant.now());
        await(DATABASE.db().tx(tx -> settles.apply(tx, NodeId.OPERATOR, List.of(settle), 0)));
    }

    private static JsonObject as(String key, String operation, JsonObject body) {
        return ok(gateway.ask(operation, key, body)).bodyAsJsonObject();
    }

    /** What is on cards is the operator's debt: no tenant's rates say what it is worth. */
    @Test
    void ratesOfAStorePriceNoMoneyOfTheOperator() {
        String mallory = gateway.tenant("mallory");
        String base = " /api/v1/stores/" + gateway.store(mallory);
        JsonObject rates = new JsonObject().put("isCustomScript", true).put("effectiveScript", "BTC_USD = 1000000000;");
        ok(gateway.ask("PUT" + base + "/rates/configuration/primary", mallory, rates));
        String programme = as(
                        mallory,
                        "POST" + base + "/card-programmes",
                        new JsonObject().put("name", "X").put("currency", "USD"))
                .getString("id");
        JsonObject made = ok(gateway.ask(
                        "POST" + base + "/cards",
                        mallory,
                        new JsonObject().put("programmeId", programme).put("programmingLinks", true)))
                .bodyAsJsonArray()
                .getJsonObject(0);
        Uid uid = CardShop.uid(700_001);
        String url = made.getJsonObject("programming").getString("url");
        JsonObject keys =
                ok(shop.release(url, new JsonObject().put("UID", uid.hex()))).bodyAsJsonObject();
        VirtualCard chip = new VirtualCard(CardShop.keys(keys), uid, 1, Entropy.secure());
        pay(made.getString("lightningName"), 1_000);
        String card = base + "/cards/" + made.getString("id");
        assertThat(as(mallory, "GET" + card, null).getString("balance")).isEqualTo("0.60"); // at 60,000
        rates.put("effectiveScript", "BTC_USD = 0.000001;");
        ok(gateway.ask("PUT" + base + "/rates/configuration/primary", mallory, rates));
        JsonObject cheap = shop.charge(CardShop.Held.tapped(chip.tap()), "1000000");
        assertThat(cheap.getString("reason")).isEqualTo("insufficient-funds");
    }

    /** The link of a card on a plain sticker: it paid once, and is no second sale. */
    @Test
    void oldTapIsNoSecondSale() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        JsonObject sticker = card.tap();
        JsonObject first = shop.chargeAs(sticker, "400", "sale-1").bodyAsJsonObject();
        assertThat(first.getBoolean("approved")).isTrue();
        assertThat(shop.chargeAs(sticker, "400", "sale-2").bodyAsJsonObject().getString("reason"))
                .isEqualTo("tap-not-valid");
        assertThat(shop.chargeAs(sticker, "400", "sale-1").bodyAsJsonObject()).isEqualTo(first); // an answer was lost
        JsonObject other = card.tap();
        shop.charge(other, "100");
        assertThat(shop.charge(other, "100").getBoolean("approved")).isTrue(); // asked again, without a key
        shop.post("/charges/" + shop.charge(other, "100").getString("id") + "/refund", new JsonObject());
        assertThat(shop.charge(other, "100").getString("reason")).isEqualTo("tap-not-valid");
    }

    @Test
    void manySmallRefundsGiveBackWhatOneDoes() {
        String programme =
                shop.programme(new JsonObject().put("currency", "USD").put("spreadPercent", "1"));
        CardShop.Held card = shop.card(programme, "100.00");
        long store = account("store:" + shop.store() + ":usd");
        long spread = account("operator:spread:usd");
        JsonObject paid = shop.charge(card.tap(), "10000"); // 6.00 USD and 0.06
        String refund = "/charges/" + paid.getString("id") + "/refund";
        int refunds = 0;
        while (shop.ask("POST", refund, new JsonObject().put("amount", "1")).statusCode() == 200) {
            refunds++;
        }
        assertThat(refunds).isEqualTo(606);
        assertThat(shop.balance(card)).isEqualTo("100.00");
        assertThat(account("store:" + shop.store() + ":usd")).isEqualTo(store);
        assertThat(account("operator:spread:usd")).isEqualTo(spread);
    }

    @Test
    void whatIsReleasedAfterAReplacementGoesWhereTheMoneyWent() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held old = shop.card(programme, "700");
        JsonObject voided = shop.authorize(old.tap(), "300");
        JsonObject captured = shop.authorize(old.tap(), "200");
        shop.post("/cards/" + old.id() + "/lost", new JsonObject());
        String heir =
                shop.post("/cards/" + old.id() + "/replace", new JsonObject()).getString("id");
        assertThat(shop.get("/cards/" + heir).getString("balance")).isEqualTo("200");
        shop.post("/charges/" + voided.getString("id") + "/void", new JsonObject());
        assertThat(shop.get("/cards/" + heir).getString("balance")).isEqualTo("500");
        shop.post("/charges/" + captured.getString("id") + "/capture", new JsonObject().put("amount", "50"));
        assertThat(shop.get("/cards/" + heir).getString("balance")).isEqualTo("650");
        assertThat(shop.balance(old)).isEqualTo("0");
    }

    private static void wipe(CardShop.Held card) {
        String url = shop.post("/cards/" + card.id() + "/reset-links", new JsonObject())
                .getString("url");
        Tap tap = card.chip().tap();
        JsonObject body = new JsonObject().put("LNURLW", "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c());
        ok(shop.release(url, body));
        shop.post("/cards/" + card.id() + "/wiped", new JsonObject());
    }

    /** What is still paid to a replaced card is its heir's: nobody else may hold it. */
    @Test
    void replacedCardIsNeverWrittenAgain() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        shop.charge(card.tap(), "1");
        String handle = shop.get("/cards/" + card.id()).getString("lightningName");
        shop.post("/cards/" + card.id() + "/replace", new JsonObject());
        wipe(card);
        assertThat(shop.ask("POST", "/cards/" + card.id() + "/programming-links", new JsonObject())
                        .bodyAsJsonObject()
                        .getString("code"))
                .isEqualTo("card-replaced");
        JsonObject answer = gateway.ask("GET /lnurlp/" + handle + "/callback?amount=5000000", null, null)
                .bodyAsJsonObject();
        assertThat(answer.getString("status")).isEqualTo("ERROR");
        assertThat(shop.ask("POST", "/cards/" + card.id() + "/replace", new JsonObject())
                        .bodyAsJsonObject()
                        .getString("code"))
                .isEqualTo("card-replaced"); // a second heir would get what the first one's charges give back
    }

    /** Versions of a chip only grow, whatever cards it was; numbers of a card's taps never come again. */
    @Test
    void keysThatAChipHadNeverComeBack() {
        String programme = shop.programme(new JsonObject());
        CardShop.Held first = shop.card(programme, "100");
        for (int i = 0; i < 3; i++) {
            assertThat(shop.charge(first.tap(), "1").getBoolean("approved")).isTrue();
        }
        Tap kept = new VirtualCard(first.keys(), first.uid(), 20, Entropy.secure()).tap();
        wipe(first);
        CardShop.Held otherChip = shop.write(first.id(), CardShop.uid(800_001));
        for (int i = 0; i < 3; i++) {
            assertThat(shop.charge(otherChip.tap(), "2").getBoolean("approved")).isTrue();
        }
        String card = shop.postAll("/cards", new JsonObject().put("programmeId", programme))
                .getJsonObject(0)
                .getString("id");
        CardShop.Held second = shop.write(card, first.uid());
        shop.load(second, "50");
        assertThat(second.keys()).isNotEqualTo(first.keys());
        assertThat(shop.charge(second.tap(), "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(CardShop.Held.tapped(kept), "30").getString("reason"))
                .isEqualTo("tap-not-valid");
        assertThat(shop.balance(second)).isEqualTo("49");
    }

    /** The writer's own read of new keys was lost; what shows them first goes straight to a wipe. */
    @Test
    void keysThatOnlyAWipeSawAreNotGivenAgain() {
        CardShop.Held first = shop.card(shop.programme(new JsonObject()), "100");
        assertThat(shop.charge(first.tap(), "1").getBoolean("approved")).isTrue();
        CardShop.Held second = rewritten(first);
        VirtualCard copied = new VirtualCard(second.keys(), first.uid(), 50, Entropy.secure());
        wipe(second);
        CardShop.Held third = shop.write(first.id(), first.uid());
        assertThat(third.keys()).isNotEqualTo(first.keys()).isNotEqualTo(second.keys());
        assertThat(shop.charge(CardShop.Held.tapped(copied.tap()), "30").getBoolean("approved"))
                .isFalse();
        assertThat(shop.state(third)).isEqualTo("Programming");
        assertThat(shop.charge(third.tap(), "1").getBoolean("approved")).isTrue();
        assertThat(shop.charge(CardShop.Held.tapped(copied.tap()), "30").getString("reason"))
                .isEqualTo("tap-not-valid");
    }

    @Test
    void keysThatOnlyARewriteSawAreNotGivenAgain() {
        CardShop.Held first = shop.card(shop.programme(new JsonObject()), "100");
        assertThat(shop.charge(first.tap(), "1").getBoolean("approved")).isTrue();
        CardShop.Held second = rewritten(first);
        CardShop.Held third = rewritten(second);
        assertThat(third.keys()).isNotEqualTo(second.keys());
        assertThat(shop.charge(first.tap(), "1").getString("reason")).isEqualTo("tap-not-valid");
        assertThat(rewritten(second).keys()).isEqualTo(third.keys()); // nobody saw them: the write broke off
        assertThat(shop.charge(third.tap(), "1").getBoolean("approved")).isTrue();
    }

    /** Writes the chip of a card anew for a tap of it; nobody reads it. */
    private static CardShop.Held rewritten(CardShop.Held card) {
        Tap tap = card.chip().tap();
        JsonObject body = new JsonObject().put("LNURLW", "lnurlw://h/boltcard?p=" + tap.p() + "&c=" + tap.c());
        JsonObject keys = as(gateway.admin(), "POST /api/v1/pull-payments/" + card.id() + "/boltcards", body);
        CardKeys written = CardShop.keys(keys);
        VirtualCard chip = new VirtualCard(written, card.uid(), 1, Entropy.secure());
        return new CardShop.Held(card.id(), chip, card.uid(), written);
    }

    @Test
    void lostAnswerOfAPaidInvoiceIsToldAgain() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String path = "/terminals/" + shop.terminal() + "/charges";
        for (String key : new String[] {"invoice-1", null}) {
            String invoice = shop.post(
                            "/invoices", new JsonObject().put("amount", "300").put("currency", "SATS"))
                    .getString("id");
            JsonObject body = new JsonObject().put("invoiceId", invoice).mergeIn(card.tap());
            JsonObject paid =
                    CardShop.sent(shop.request("POST", path, key), body).bodyAsJsonObject();
            assertThat(paid.getBoolean("approved")).isTrue();
            assertThat(CardShop.sent(shop.request("POST", path, key), body).bodyAsJsonObject())
                    .isEqualTo(paid);
            JsonObject another = new JsonObject().put("invoiceId", invoice).mergeIn(card.tap());
            assertThat(CardShop.sent(shop.request("POST", path, null), another)
                            .bodyAsJsonObject()
                            .getString("reason"))
                    .isEqualTo("invoice-not-payable");
        }
        assertThat(shop.balance(card)).isEqualTo("400");
    }

    @Test
    void merchantLooksAtNothingWithTheTapThatPaid() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        Tap tap = card.chip().tap();
        shop.charge(CardShop.Held.tapped(tap), "1");
        HttpResponse<Buffer> page = gateway.ask("GET /boltcards/balance?p=" + tap.p() + "&c=" + tap.c(), null, null);
        assertThat(page.statusCode()).isEqualTo(400);
    }

    @Test
    void keysOfACardInUseAreNotTakenWithItsUidAlone() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        shop.charge(card.tap(), "1");
        HttpResponse<Buffer> refused = gateway.ask(
                "POST /api/v1/pull-payments/" + card.id() + "/boltcards",
                gateway.admin(),
                new JsonObject().put("UID", card.uid().hex()));
        assertThat(refused.bodyAsJsonObject().getString("code")).isEqualTo("card-in-use");
        assertThat(shop.ask("POST", "/cards/" + card.id() + "/programming-links", new JsonObject())
                        .bodyAsJsonObject()
                        .getString("code"))
                .isEqualTo("card-in-use");
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
    }

    @Test
    void replacementInheritsLimitsAndWhatWasSpent() {
        JsonObject terms = new JsonObject().put("limits", new JsonObject().put("daily", "100"));
        CardShop.Held card = shop.card(shop.programme(terms), "1000");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/limits", new JsonObject().put("perTap", "30")));
        for (int i = 0; i < 3; i++) {
            assertThat(shop.charge(card.tap(), "30").getBoolean("approved")).isTrue();
        }
        String heir =
                shop.post("/cards/" + card.id() + "/replace", new JsonObject()).getString("id");
        CardShop.Held next = shop.write(heir, CardShop.uid(800_101));
        assertThat(shop.charge(next.tap(), "31").getString("reason")).isEqualTo("limit-per-tap");
        assertThat(shop.charge(next.tap(), "11").getString("reason")).isEqualTo("limit-daily");
        assertThat(shop.charge(next.tap(), "10").getBoolean("approved")).isTrue();
    }

    /** A tap that paid long ago is sent over and over to pay invoices of other nodes: no till waits for it. */
    @Test
    void deadTapsKeepNoTillWaiting() throws InterruptedException {
        String programme = shop.programme(new JsonObject());
        CardShop.Held card = shop.card(programme, "1000");
        Tap dead = card.chip().tap();
        shop.charge(CardShop.Held.tapped(dead), "1");
        shop.charge(card.tap(), "1");
        String query = "GET /boltcard?k1=" + dead.p() + "-" + dead.c() + "&pr=" + ForeignInvoice.of(Msat.ofSat(1_000));
        assertThat(gateway.ask(query, null, null).bodyAsJsonObject().getString("status"))
                .isEqualTo("ERROR");
        int refusals = count(SUSPICIONS, card.id());
        CardShop.Held other = shop.card(programme, "1000");
        AtomicBoolean going = new AtomicBoolean(true);
        List<Thread> flood = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int number = i;
            flood.add(Thread.ofVirtual().start(() -> {
                for (int n = 0; going.get(); n++) { // from many addresses, each within its limit
                    String from = "10." + number + "." + n % 250 + ".1";
                    await(gateway.request(query)
                            .putHeader("X-Forwarded-For", from)
                            .send());
                }
            }));
        }
        try {
            for (int i = 0; i < 50; i++) {
                assertThat(shop.chargeAs(other.tap(), "1", null).statusCode()).isEqualTo(200);
            }
        } finally {
            going.set(false);
            for (Thread one : flood) {
                one.join();
            }
        }
        assertThat(shop.balance(other)).isEqualTo("950");
        assertThat(count(SUSPICIONS, card.id()))
                .as("the flood was refused before the queue")
                .isEqualTo(refusals);
    }

    /** A card that cannot pay is asked over and over with one tap: after ten answers the tap is worth nothing. */
    @Test
    void tapThatCannotPayIsWornOutByAsking() {
        CardShop.Held empty = shop.written(shop.programme(new JsonObject()));
        Tap tap = empty.chip().tap();
        String query = "GET /boltcard?k1=" + tap.p() + "-" + tap.c() + "&pr=" + ForeignInvoice.of(Msat.ofSat(1_000));
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            reasons.add(gateway.ask(query, null, null).bodyAsJsonObject().getString("reason"));
        }
        assertThat(count("select count(*)::int as n from card_charge where card_id = $1", empty.id()))
                .isEqualTo(10);
        assertThat(reasons.subList(0, 10)).containsOnly(reasons.getFirst());
        assertThat(reasons.subList(10, 15)).containsOnly(reasons.getLast()).doesNotContain(reasons.getFirst());
    }

    private static int count(String query, String card) {
        return await(OPEN.database().db().read(query, card)).iterator().next().getInteger("n");
    }
}
