package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.it.CardShop;
import dev.sluice.it.InProcessGateway;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.Ledger;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A card whose time is over says so once. */
class CardExpiryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private EventLog events;

    @Test
    void timeThatIsOverIsAnnouncedOnceAndMovesNoMoney() {
        events = new EventLog(DATABASE.db(), DATABASE.bus());
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            CardShop shop = new CardShop(gateway);
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
            assertThat(told()).containsExactly(active.id());
            assertThat(shop.charge(active.tap(), "1").getString("reason")).isEqualTo("card-expired");
            assertThat(shop.get("/cards/" + active.id()).getString("balance")).isEqualTo("99");
        }
    }

    private CardService at(Duration later) {
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

    private static List<String> told() {
        List<String> cards = new ArrayList<>();
        await(DATABASE.db().read("select body ->> 'cardId' as card from event where kind = 'card.expired'"))
                .forEach(row -> cards.add(row.getString("card")));
        return cards;
    }
}
