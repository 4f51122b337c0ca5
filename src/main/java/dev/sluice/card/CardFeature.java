package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.Ledger;
import dev.sluice.rate.RateService;
import dev.sluice.secret.SlowHash;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;

/** The card feature put together. */
public final class CardFeature {
    private static final long RELEASE_MS = 60_000;

    private final Vertx vertx;
    private final SlowHash hash;
    private final Settlements settlements;
    private final List<Routes> routes;
    private long timer = -1;

    private CardFeature(Vertx vertx, SlowHash hash, Settlements settlements, List<Routes> routes) {
        this.vertx = vertx;
        this.hash = hash;
        this.settlements = settlements;
        this.routes = routes;
    }

    /** What cards stand on. */
    public record Base(Vertx vertx, Db db, EventLog events, Ledger ledger, Clock clock, Entropy entropy) {}

    /** Opens the issuer keys; fails where {@code seal} is not what they were sealed with. */
    public static Future<CardFeature> open(Base base, Seal seal, StoreService stores, RateService rates) {
        return IssuerKeys.open(base.db(), seal, base.clock(), base.entropy())
                .map(issuers -> assemble(base, seal, issuers, stores, rates));
    }

    private static CardFeature assemble(Base b, Seal seal, IssuerKeys issuers, StoreService stores, RateService rates) {
        SlowHash hash = new SlowHash(b.vertx(), b.entropy(), "sluice-pin");
        ProgrammeService programmes = new ProgrammeService(b.db(), b.ledger(), b.events(), b.clock(), b.entropy());
        TapReader taps = new TapReader(b.vertx(), b.db(), issuers);
        Pins pins = new Pins(new CardRepository(b.db()), hash, seal);
        CardService cards = new CardService(b.db(), programmes, b.ledger(), b.events(), b.clock(), b.entropy());
        KeyRelease keys = new KeyRelease(b.db(), cards, issuers, taps, b.events(), b.clock(), b.entropy());
        ChargeBook book = new ChargeBook(new ChargeRepository(b.db()), b.ledger(), b.events());
        ChargeService charges = new ChargeService(
                b.vertx(), b.db(), b.events(), book, programmes, taps, pins, new Quotes(rates), b.clock(), b.entropy());
        Settlements settlements = new Settlements(b.db(), b.ledger(), b.events(), b.clock());
        return new CardFeature(
                b.vertx(),
                hash,
                settlements,
                List.of(
                        new ProgrammeRoutes(programmes),
                        new CardRoutes(cards, programmes, keys, pins, b.clock()),
                        new ChargeRoutes(charges, settlements, stores, new RequestNames(seal), b.events()::hint),
                        new BoltcardRoutes(keys)));
    }

    public List<Routes> routes() {
        return routes;
    }

    /** Begins to end authorisations that nobody captured. */
    public void start() {
        timer = vertx.setPeriodic(RELEASE_MS, tick -> settlements.release());
    }

    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return hash.close();
    }
}
