package dev.sluice.card;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.WalletId;
import dev.sluice.db.Db;
import dev.sluice.egress.EgressClient;
import dev.sluice.eventlog.EventHead;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.OpenStreams;
import dev.sluice.http.Routes;
import dev.sluice.http.StoreResolver;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.OwnInvoices;
import dev.sluice.lightning.PaymentSink;
import dev.sluice.rate.OperatorRates;
import dev.sluice.rate.RateService;
import dev.sluice.secret.SlowHash;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The card feature put together. */
public final class CardFeature {
    private static final Logger log = LoggerFactory.getLogger(CardFeature.class);

    private static final long RELEASE_MS = 60_000;

    private final Vertx vertx;
    private final SlowHash hash;
    private final Settlements settlements;
    private final TapSessions sessions;
    private final TopUpService topUps;
    private final HolderService holders;
    private final CardService cards;
    private final ProgrammeService programmes;
    private final BoltcardRoutes boltcards;
    private final CardFeed feed;
    private final List<Routes> routes;
    private long timer = -1;

    /** What cards stand on. */
    public record Base(Vertx vertx, Db db, EventLog events, Ledger ledger, Clock clock, Entropy entropy) {}

    /**
     * The features that cards use.
     *
     * @param wallet the operator's, where money on chain comes in
     * @param spreadMinPpm least spread of programmes that do not count bitcoin, in millionths
     * @param sandbox whether no real bitcoin is at stake, so that chips in software may be had
     */
    public record Others(
            StoreService stores,
            RateService rates,
            OperatorRates operatorRates,
            InvoiceService invoices,
            LightningService lightning,
            Payouts payouts,
            EgressClient egress,
            String publicUrl,
            boolean sandbox,
            OpenStreams streams,
            ChainService chain,
            Optional<WalletId> wallet,
            int spreadMinPpm) {}

    /** Opens the issuer keys; fails where {@code seal} is not what they were sealed with. */
    public static Future<CardFeature> open(Base base, Seal seal, RootSecret root, Others others) {
        return IssuerKeys.open(base.db(), seal, base.clock(), base.entropy())
                .map(issuers -> new CardFeature(base, root, issuers, others));
    }

    private CardFeature(Base b, RootSecret root, IssuerKeys issuers, Others others) {
        this.vertx = b.vertx();
        this.hash = new SlowHash(b.vertx(), b.entropy(), "sluice-pin");
        this.settlements = new Settlements(b.db(), b.ledger(), b.events(), b.clock());
        this.sessions = new TapSessions(b.vertx(), b.db(), b.events(), b.clock(), b.entropy());
        this.programmes = new ProgrammeService(b.db(), b.ledger(), b.events(), b.clock(), b.entropy());
        TapReader taps = new TapReader(b.vertx(), b.db(), issuers);
        Pins pins = new Pins(new CardRepository(b.db()), hash, root);
        this.cards = new CardService(b.db(), programmes, b.ledger(), b.events(), b.clock(), b.entropy());
        ChipKeys chips = new ChipKeys(b.db(), cards, issuers, b.events(), b.clock());
        KeyRelease keys = new KeyRelease(b.db(), chips, taps, b.events(), b.clock(), b.entropy());
        Quotes quotes = new Quotes(others.rates(), others.operatorRates());
        InvoiceService invoices = others.invoices();
        ChargeBook book =
                new ChargeBook(new ChargeRepository(b.db()), b.ledger(), b.events(), invoices, others.payouts());
        ChargeService charges = new ChargeService(
                b.vertx(), b.db(), b.events(), book, programmes, taps, pins, quotes, invoices, b.clock(), b.entropy());
        WithdrawService withdrawals = new WithdrawService(
                sessions, taps, chips, programmes, charges, quotes, invoices, others.payouts(), b.clock(), b.entropy());
        this.topUps = new TopUpService(b.db(), programmes, issuers, quotes, others.lightning(), b.clock(), b.entropy());
        CardAddresses addresses =
                new CardAddresses(b.db(), programmes, others.stores(), others.chain(), others.wallet(), b.clock());
        this.holders = new HolderService(b.db(), taps, cards, programmes, addresses, b.events(), b.clock());
        ForeignCards foreign = new ForeignCards(others.egress(), invoices, b.clock(), others.publicUrl());
        CardFactories factories =
                new CardFactories(b.db(), programmes, cards, keys, chips, b.events(), b.clock(), b.entropy());
        VirtualChips virtual =
                new VirtualChips(b.db(), cards, chips, issuers, root, b.clock(), b.entropy(), others.sandbox());
        this.boltcards = new BoltcardRoutes(keys, factories, new CardRepository(b.db()));
        this.feed = new CardFeed(b.events(), others.streams());
        this.routes = List.of(
                feed,
                new ProgrammeRoutes(programmes, others.spreadMinPpm()),
                new FactoryRoutes(factories, programmes, b.clock()),
                new VirtualChipRoutes(virtual, b.events()::hint),
                new CardRoutes(
                        cards,
                        new Replacements(b.db(), cards, programmes, b.ledger()),
                        addresses,
                        programmes,
                        keys,
                        pins,
                        b.clock()),
                new ChargeRoutes(
                        charges,
                        settlements,
                        new Refunds(b.db(), settlements, b.ledger()),
                        others.stores(),
                        new RequestNames(root),
                        foreign,
                        b.events()::hint),
                boltcards,
                new LnurlRoutes(withdrawals, cards),
                new PayerRoutes(withdrawals, foreign),
                new PayRoutes(topUps));
    }

    /** Where money is put on the card that showed {@code p}: a pay request (LUD-06). */
    public static String topUpLink(String publicUrl, String p) {
        return publicUrl + PayRoutes.TOP_UP + "?p=" + p;
    }

    /** The Lightning address of a card (LUD-16). */
    public static String lightningAddress(String publicUrl, String handle) {
        return handle + "@" + URI.create(publicUrl).getAuthority();
    }

    /** What the holder of a card may do. */
    public HolderService holders() {
        return holders;
    }

    /** A terminal, for its page. */
    public Future<Optional<TerminalView>> terminal(String id) {
        return programmes.view(id);
    }

    /** Invoices of the operator's node that load cards, for who pays with another card. */
    public static OwnInvoices ownInvoices(Base b, LightningService lightning) {
        TopUpCredits credits = new TopUpCredits(b.db(), b.ledger(), b.events(), b.clock());
        return new OwnTopUps(new TopUpRepository(b.db()), credits, lightning);
    }

    /** Hears how payments ended that cards ordered. */
    public PaymentSink paymentSink() {
        return settlements::ended;
    }

    /** Hears what was written to the event log. */
    public void heard(List<EventHead> events) {
        feed.heard(events);
    }

    /** Finds the store of a pull payment that cards came from. */
    public StoreResolver resolver() {
        return boltcards;
    }

    public List<Routes> routes() {
        return routes;
    }

    /** Begins to end authorisations that nobody captured and cards whose time is over, and to forget old taps. */
    public void start() {
        timer = vertx.setPeriodic(RELEASE_MS, tick -> {
            report("release", settlements.release());
            report("sessions", sessions.prune());
            report("top-ups", topUps.prune());
            report("expiry", cards.expire());
        });
    }

    /** The next tick tries again; an operator must know that it has to. */
    private static void report(String job, Future<?> done) {
        done.onFailure(failure -> log.warn("card.job.failed job={} cause={}", job, failure.toString()));
    }

    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return hash.close();
    }
}
