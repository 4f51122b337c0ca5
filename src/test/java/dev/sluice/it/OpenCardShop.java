package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.ledger.LedgerVerifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A shop that issues and takes cards at a gateway of its own, for one test class; after each test its books add up.
 * Register it as a static field.
 */
public final class OpenCardShop implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {
    private final TestDatabase database = new TestDatabase();
    private final Clock clock;
    private InProcessGateway gateway;
    private CardShop shop;

    public OpenCardShop() {
        this(Clock.system());
    }

    /** With another time, see {@link InProcessGateway}. */
    OpenCardShop(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        database.beforeAll(context);
        gateway = InProcessGateway.start(database, clock, Map.of("SLUICE_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true"));
        shop = new CardShop(gateway);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        assertThat(await(new LedgerVerifier(database.db()).verify()).drifts()).isEmpty();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        gateway.close();
        database.afterAll(context);
    }

    public TestDatabase database() {
        return database;
    }

    public InProcessGateway gateway() {
        return gateway;
    }

    public CardShop shop() {
        return shop;
    }

    /** The kinds of what was told of a card, oldest first. */
    List<String> told(CardShop.Held card) {
        List<String> kinds = new ArrayList<>();
        await(database.db().read("select kind from event where body ->> 'cardId' = $1 order by seq", card.id()))
                .forEach(row -> kinds.add(row.getString("kind")));
        return kinds;
    }
}
