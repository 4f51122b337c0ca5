package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.it.CardShop;
import dev.sluice.it.OpenCardShop;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.Ledger;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What ends by itself, and says so once: a card whose time is over, an authorisation that nobody captured. */
class CardExpiryTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static EventLog events;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        events = new EventLog(DATABASE.db(), DATABASE.bus());
        shop = OPEN.shop();
    }

    @Test
    void timeThatIsOverIsAnnouncedOnceAndMovesNoMoney() {
        String programme = shop.programme(new JsonObject().put("validDays", 30));
        CardShop.Held active = shop.card(programme, "100");
        CardShop.Held written = shop.written(programme);
        CardShop.Held forEver = shop.card(shop.programme(new JsonObject()), "100");
        for (CardShop.Held card : List.of(active, forEver)) {
            shop.charge(card.tap(), "1");
        }

        assertThat(await(at(Duration.ofDays(29)).expire())).isZero();
        assertThat(await(at(Duration.ofDays(31)).expire())).isEqualTo(1);
        assertThat(await(at(Duration.ofDays(31)).expire())).isZero();

        assertThat(stored(active)).isEqualTo("Expired");
        assertThat(stored(written)).isEqualTo("Programming");
        assertThat(stored(forEver)).isEqualTo("Active");
        assertThat(told(active, "card.expired", "cardId")).containsExactly(active.id());
        assertThat(told(forEver, "card.expired", "cardId")).isEmpty();
        assertThat(shop.charge(active.tap(), "1").getString("reason")).isEqualTo("card-expired");
        assertThat(shop.balance(active)).isEqualTo("99");
    }

    @Test
    void authorisationThatNobodyCapturedIsReleasedAfterSevenDays() {
        JsonObject limits = new JsonObject().put("limits", new JsonObject().put("daily", "1100"));
        CardShop.Held card = shop.card(shop.programme(limits), "1000");
        String taken = shop.authorize(card.tap(), "100").getString("id");
        String left = shop.authorize(card.tap(), "600").getString("id");
        shop.post("/charges/" + taken + "/capture", new JsonObject());

        assertThat(await(settlementsAt(ChargeItem.HELD_FOR.minus(MINUTE)).release()))
                .isZero();
        assertThat(shop.balance(card)).isEqualTo("300");
        assertThat(shop.charge(card.tap(), "301").getString("reason")).isEqualTo("insufficient-funds");

        assertThat(await(settlementsAt(ChargeItem.HELD_FOR.plus(MINUTE)).release()))
                .isEqualTo(1);
        assertThat(await(settlementsAt(ChargeItem.HELD_FOR.plus(MINUTE)).release()))
                .isZero();
        assertThat(shop.get("/charges/" + left).getString("status")).isEqualTo("Voided");
        assertThat(shop.get("/charges/" + taken).getString("status")).isEqualTo("Captured");
        assertThat(shop.balance(card)).isEqualTo("900");
        assertThat(told(card, "card.voided", "chargeId")).containsExactly(left);
        for (String step : List.of("/capture", "/void", "/refund")) {
            HttpResponse<Buffer> refused = shop.ask("POST", "/charges/" + left + step, new JsonObject());
            assertThat(refused.statusCode()).isEqualTo(400);
            assertThat(refused.bodyAsJsonObject().getString("code")).isEqualTo("charge-voided");
        }
        assertThat(shop.charge(card.tap(), "900").getBoolean("approved")).isTrue(); // of its limit it used nothing
        assertThat(told(card, "card.voided", "chargeId")).containsExactly(left);
    }

    /** A page of them: more than are looked at together. */
    @Test
    void authorisationsThatCannotBeReleasedHoldUpNoOther() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String held = shop.authorize(card.tap(), "600").getString("id");
        await(DATABASE.db().read("""
                insert into card_charge (id, card_id, store_id, terminal_id, key_version, counter, status, currency,
                  minor, asset, units, spread, counted, until, version, at)
                select 'unknown-to-the-ledger-' || n, card_id, store_id, terminal_id, key_version, counter + n, status,
                  currency, minor, asset, units, spread, counted, until - interval '1 hour', version, at
                from card_charge, generate_series(1, 250) n where id = $1
                """, held));

        assertThat(await(settlementsAt(ChargeItem.HELD_FOR.plus(MINUTE)).release()))
                .isEqualTo(1);
        assertThat(shop.get("/charges/" + held).getString("status")).isEqualTo("Voided");
        assertThat(shop.balance(card)).isEqualTo("1000");
        await(DATABASE.db().read("update card_charge set status = 'Voided' where id like 'unknown-%'"));
    }

    private static Settlements settlementsAt(Duration later) {
        Instant then = Instant.now().plus(later);
        return new Settlements(DATABASE.db(), new Ledger(), events, () -> then);
    }

    private static CardService at(Duration later) {
        Instant then = Instant.now().plus(later);
        Clock clock = () -> then;
        Ledger ledger = new Ledger();
        ProgrammeService programmes = new ProgrammeService(DATABASE.db(), ledger, events, clock, Entropy.secure());
        return new CardService(DATABASE.db(), programmes, ledger, events, clock, Entropy.secure());
    }

    private static String stored(CardShop.Held card) {
        return await(DATABASE.db().read("select state from card where id = $1", card.id()))
                .iterator()
                .next()
                .getString(0);
    }

    /** What the events of a kind say of a card. */
    private static List<String> told(CardShop.Held card, String kind, String what) {
        List<String> all = new ArrayList<>();
        await(DATABASE.db().read("""
                select body ->> $3 as what from event where kind = $2 and body ->> 'cardId' = $1 order by seq
                """, card.id(), kind, what)).forEach(row -> all.add(row.getString("what")));
        return all;
    }
}
