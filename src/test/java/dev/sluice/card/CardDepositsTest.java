package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainUpdate;
import dev.sluice.chain.Outpoint;
import dev.sluice.chain.OutputChange;
import dev.sluice.chain.OutputChange.State;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.it.CardShop;
import dev.sluice.it.InProcessGateway;
import dev.sluice.it.OpenCardShop;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Money on chain is a card's once it is deep enough, and only as long as the chain has it. */
class CardDepositsTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static final String HASH = "00".repeat(32);
    private static final Rest REST = new Rest();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static CardDeposits sink;

    /** Where everything goes that is no card's. */
    private static final class Rest implements ChainSink {
        private final List<ChainUpdate> updates = new ArrayList<>();
        private Set<String> aside = Set.of();

        @Override
        public Future<Void> apply(SqlConnection tx, ChainUpdate update, Set<String> untouched) {
            updates.add(update);
            aside = untouched;
            return Future.succeededFuture();
        }

        @Override
        public Future<Set<String>> concerned(SqlConnection tx, ChainUpdate update) {
            return Future.succeededFuture(Set.of("invoice:1"));
        }

        @Override
        public Future<Void> bring(SqlConnection tx, String subject, ChainUpdate standing) {
            return Future.failedFuture("no invoice is brought here");
        }

        @Override
        public void committed() {}
    }

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        EventLog events = new EventLog(DATABASE.db(), DATABASE.bus());
        sink = new CardDeposits(DATABASE.db(), new Ledger(), events, Clock.system(), REST);
    }

    private static String script(CardShop.Held card) {
        shop.post("/cards/" + card.id() + "/address", new JsonObject());
        return await(DATABASE.db()
                        .read(
                                "select script from card_address where card_id = $1 order by created_at desc limit 1",
                                card.id()))
                .iterator()
                .next()
                .getString(0);
    }

    private static Outpoint coin() {
        return new Outpoint(HexFormat.of().formatHex(Entropy.secure().bytes(32)), 0);
    }

    private static OutputChange change(Outpoint coin, String script, long sat, State state) {
        return new OutputChange(coin, script, sat, state, true, false, Instant.now());
    }

    private static void step(int tip, OutputChange... changes) {
        step(tip, Set.of(), changes);
    }

    private static void step(int tip, Set<String> aside, OutputChange... changes) {
        await(DATABASE.db().tx(tx -> sink.apply(tx, new ChainUpdate(tip, HASH, List.of(changes)), aside)));
    }

    private static String balance(String card) {
        return shop.get("/cards/" + card).getString("balance");
    }

    private static long count(String kind, CardShop.Held card) {
        String sql = "select count(*) from event where kind = $1 and body ->> 'cardId' = $2";
        return await(DATABASE.db().read(sql, kind, card.id())).iterator().next().getLong(0);
    }

    @Test
    void depositIsCreditedOnceWhenItIsDeepEnough() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String script = script(card);
        assertThat(script(card)).isEqualTo(script); // not paid yet: the same
        Outpoint coin = coin();
        OutputChange others = change(coin(), "00".repeat(22), 5, new State.Unconfirmed());
        step(100, change(coin, script, 5_000, new State.Unconfirmed()), others);
        assertThat(balance(card.id())).isEqualTo("1");
        assertThat(REST.updates.getLast().changes()).containsExactly(others);
        assertThat(script(card)).isNotEqualTo(script); // for one payment
        step(101, change(coin, script, 5_000, new State.Confirmed(101, HASH)));
        step(101, change(coin, script, 5_000, new State.Confirmed(101, HASH)));
        step(102);
        assertThat(balance(card.id())).isEqualTo("5001");
        assertThat(count("card.toppedUp", card)).isEqualTo(2); // with the one that the shop made
        step(103, change(coin(), script, 70, new State.Confirmed(103, HASH))); // who pays an old address loses nothing
        assertThat(balance(card.id())).isEqualTo("5071");
    }

    @Test
    void whatTheChainTakesBackIsNoCardsMoneyAndNeverBelowNothing() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String script = script(card);
        Outpoint coin = coin();
        step(200, change(coin, script, 1_000, new State.Confirmed(200, HASH)));
        assertThat(shop.charge(card.tap(), "601").getBoolean("approved")).isTrue();
        step(201, change(coin, script, 1_000, new State.Unconfirmed()));
        assertThat(balance(card.id())).isEqualTo("0");
        assertThat(loss()).isEqualTo(600_000);
        assertThat(count("card.topUpReversed", card)).isEqualTo(1);
        step(202, change(coin, script, 1_000, new State.Confirmed(202, HASH)));
        assertThat(balance(card.id())).isEqualTo("400");
        assertThat(loss()).isZero();
        step(203, change(coin, script, 1_000, new State.Conflicted("ab".repeat(32), 203)));
        assertThat(balance(card.id())).isEqualTo("0");
        assertThat(loss()).isEqualTo(600_000);
        step(203, change(coin, script, 1_000, new State.Conflicted("ab".repeat(32), 203)));
        assertThat(loss()).isEqualTo(600_000);
        step(204, change(coin(), script, 9, new State.Conflicted("ab".repeat(32), 203))); // never in sight
        assertThat(balance(card.id())).isEqualTo("0");
    }

    private static long loss() {
        String sql = "select debits_posted - credits_posted from account where code = 'operator:reorg-loss:btc'";
        return await(DATABASE.db().read(sql)).iterator().next().getLong(0);
    }

    @Test
    void heirGetsWhatIsPaidToTheAddressOfAReplacedCard() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        String script = script(card);
        Outpoint coin = coin();
        step(300, change(coin, script, 1_000, new State.Unconfirmed()));
        String heir =
                shop.post("/cards/" + card.id() + "/replace", new JsonObject()).getString("id");
        step(301, change(coin, script, 1_000, new State.Confirmed(301, HASH)));
        assertThat(balance(heir)).isEqualTo("1010");
        assertThat(balance(card.id())).isEqualTo("0");
    }

    @Test
    void cardThatIsSetAsideIsBroughtByItselfLater() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1");
        String script = script(card);
        String subject = "card:" + card.id();
        OutputChange paid = change(coin(), script, 50, new State.Confirmed(400, HASH));
        Set<String> concerned =
                await(DATABASE.db().tx(tx -> sink.concerned(tx, new ChainUpdate(400, HASH, List.of(paid)))));
        assertThat(concerned).contains(subject, "invoice:1");
        step(400, Set.of(subject, "invoice:2"), paid);
        assertThat(balance(card.id())).isEqualTo("1");
        assertThat(REST.aside).containsExactly("invoice:2");
        await(DATABASE.db().tx(tx -> sink.bring(tx, subject, new ChainUpdate(401, HASH, List.of(paid)))));
        assertThat(balance(card.id())).isEqualTo("51");
    }

    @Test
    void cardInDollarsHasNoAddress() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject().put("currency", "USD")), "5");
        assertThat(gateway.ask(
                                "POST /api/v1/stores/" + shop.storeId() + "/cards/" + card.id() + "/address",
                                gateway.admin(),
                                new JsonObject())
                        .bodyAsJsonObject()
                        .getString("code"))
                .isEqualTo("card-not-in-bitcoin");
    }
}
