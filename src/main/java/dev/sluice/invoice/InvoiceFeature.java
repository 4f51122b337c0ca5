package dev.sluice.invoice;

import dev.sluice.bus.Bus;
import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainSink;
import dev.sluice.db.Db;
import dev.sluice.eventlog.EventHead;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.OpenStreams;
import dev.sluice.http.PolledPages;
import dev.sluice.http.Routes;
import dev.sluice.http.StoreResolver;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.SettleSink;
import dev.sluice.rate.RateService;
import dev.sluice.store.StoreService;
import io.vertx.core.Deployable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * The invoice feature put together. The sinks exist before the services they feed, because nodes and chain are started
 * with them: {@link #sinks} first, then {@link #connect}.
 */
public final class InvoiceFeature {
    private final Db db;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;
    private final InvoiceRepository repository;
    private final PromptRepository prompts;
    private final InvoiceBooks books;

    private InvoiceFeature(Db db, EventLog eventLog, Ledger ledger, Clock clock, Entropy entropy) {
        this.db = db;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
        this.repository = new InvoiceRepository(db);
        this.prompts = new PromptRepository(db);
        this.books = new InvoiceBooks(repository, ledger, eventLog, clock);
    }

    /** The first half: what needs neither nodes nor chain. */
    public static InvoiceFeature sinks(Db db, EventLog eventLog, Ledger ledger, Clock clock, Entropy entropy) {
        return new InvoiceFeature(db, eventLog, ledger, clock, entropy);
    }

    public SettleSink settleSink() {
        return new LightningCredits(repository, books, eventLog::hint);
    }

    public ChainSink chainSink() {
        return new ChainCredits(repository, books, eventLog::hint);
    }

    /**
     * The second half.
     *
     * @param tailIsFresh whether every committed event has been heard a moment ago
     */
    public Connected connect(
            StoreService stores,
            RateService rates,
            ChainService chain,
            LightningService lightning,
            BooleanSupplier tailIsFresh) {
        ChainPrompts addresses = new ChainPrompts(db, chain, prompts, books, eventLog::hint);
        PromptKeeper keeper = new PromptKeeper(
                db, stores, repository, prompts, books, lightning, addresses, clock, entropy, eventLog::hint);
        InvoiceService service = new InvoiceService(
                db,
                stores,
                rates,
                chain,
                repository,
                prompts,
                keeper,
                addresses,
                books,
                clock,
                entropy,
                eventLog::hint);
        InvoiceClockwork clockwork =
                new InvoiceClockwork(db, repository, books, chain, lightning, clock, eventLog::hint);
        InvoiceCancel cancel = new InvoiceCancel(repository, books, lightning);
        return new Connected(service, cancel, keeper, clockwork, new InvoiceBoard(tailIsFresh), stores, chain);
    }

    /** The running feature. */
    public static final class Connected {
        private final InvoiceService service;
        private final InvoiceCancel cancel;
        private final PromptKeeper keeper;
        private final InvoiceClockwork clockwork;
        private final InvoiceBoard board;
        private final StoreService stores;
        private final ChainService chain;
        private final InvoiceNews news = new InvoiceNews();

        private Connected(
                InvoiceService service,
                InvoiceCancel cancel,
                PromptKeeper keeper,
                InvoiceClockwork clockwork,
                InvoiceBoard board,
                StoreService stores,
                ChainService chain) {
            this.service = service;
            this.cancel = cancel;
            this.keeper = keeper;
            this.clockwork = clockwork;
            this.board = board;
            this.stores = stores;
            this.chain = chain;
        }

        /** The API's routes; it resolves invoices to their stores too. */
        public Routes routes() {
            return routesAndResolver();
        }

        public StoreResolver resolver() {
            return routesAndResolver();
        }

        /** The public status: JSON, events, socket. */
        public PolledPages pages(OpenStreams streams) {
            return new InvoiceStatusRoutes(service, board, news, streams);
        }

        private InvoiceRoutes routesAndResolver() {
            return new InvoiceRoutes(service, cancel, stores, news.changes(), chain::feeRateSatPerKvb);
        }

        public InvoiceService service() {
            return service;
        }

        InvoiceCancel cancel() {
            return cancel;
        }

        InvoiceBoard board() {
            return board;
        }

        PromptKeeper keeper() {
            return keeper;
        }

        InvoiceClockwork clockwork() {
            return clockwork;
        }

        /** The verticle that lets time act; {@code periodMs} between its looks. */
        public Deployable verticle(Bus bus, long periodMs) {
            return new InvoiceVerticle(bus, keeper, clockwork, periodMs);
        }

        /** Hears committed events: what was rendered before them is out of date. */
        public void heard(List<EventHead> events) {
            Map<InvoiceId, Long> newest = new LinkedHashMap<>();
            for (EventHead event : events) {
                if (Invoice.isSubject(event.subject())) {
                    newest.merge(Invoice.idOf(event.subject()), event.version(), Math::max);
                }
            }
            newest.forEach((id, version) -> {
                board.outdate(id, version);
                news.tell(id);
            });
        }
    }
}
