package dev.sluice;

import dev.sluice.card.CardDeposits;
import dev.sluice.card.CardFeature;
import dev.sluice.card.RootSecret;
import dev.sluice.card.Seal;
import dev.sluice.card.TopUpSettles;
import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainSink;
import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Fence;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRules;
import dev.sluice.http.Contract;
import dev.sluice.http.DocsPages;
import dev.sluice.http.Edge;
import dev.sluice.http.HttpConfig;
import dev.sluice.http.HttpFeatures;
import dev.sluice.http.HttpMeters;
import dev.sluice.http.HttpServerVerticle;
import dev.sluice.http.Limits;
import dev.sluice.http.OpenStreams;
import dev.sluice.http.Pages;
import dev.sluice.http.Routes;
import dev.sluice.http.ServerRoutes;
import dev.sluice.idempotency.IdempotencyService;
import dev.sluice.identity.IdentityService;
import dev.sluice.invoice.InvoiceFeature;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import dev.sluice.ops.Foundation;
import dev.sluice.ops.MasterKey;
import dev.sluice.rate.RateRoutes;
import dev.sluice.rate.RateServiceLive;
import dev.sluice.secret.KeyedHash;
import dev.sluice.store.StoreRoutes;
import dev.sluice.store.StoreServiceLive;
import dev.sluice.ui.CardPages;
import dev.sluice.ui.CheckoutPages;
import dev.sluice.ui.PosPages;
import dev.sluice.ui.SimulatedLabel;
import dev.sluice.webhook.WebhookRoutes;
import dev.sluice.webhook.WebhookService;
import dev.sluice.webhook.WebhookVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Wires the features and starts them in order; each registers its stop. */
final class Gateway {
    private static final Logger log = LoggerFactory.getLogger(Gateway.class);
    private static final long INVOICE_PERIOD_MS = 1_000;
    private static final long BOOKS_MS = Duration.ofMinutes(1).toMillis();
    private static final long PRUNE_MS = Duration.ofHours(1).toMillis();
    private static final int SERVERS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final Foundation f;
    private final Fence fence;
    private final Management management;
    private final IdentityService identity;
    private final StoreServiceLive stores;
    private final EgressClient egress;
    /** Asks issuers of foreign cards, whose links anyone may show. */
    private final EgressClient issuers;

    private final Ledger ledger;
    private final InvoiceFeature invoices;
    private final OpenStreams streams;
    private final GatewayMeters meters;
    private final EventTail tail;
    private volatile Set<String> operations = Set.of();

    Gateway(Foundation foundation, Fence fence, Management management) {
        this.f = foundation;
        this.fence = fence;
        this.management = management;
        this.identity = new IdentityService(f.vertx(), f.db(), f.events(), f.clock(), f.entropy());
        this.stores = new StoreServiceLive(f.db(), f.events(), identity.members(), f.clock(), f.entropy());
        this.egress = EgressClient.open(f.vertx(), rules(f.config().webhooks().allowPrivateAddresses()));
        this.issuers = EgressClient.open(f.vertx(), rules(f.config().cards().allowPrivateAddresses()));
        this.ledger = new Ledger();
        this.invoices = InvoiceFeature.sinks(f.db(), f.events(), ledger, f.clock(), f.entropy());
        this.meters = new GatewayMeters(f);
        this.tail = new EventTail(f);
        HttpConfig.Bounds bounds = bounds(f.config());
        this.streams = new OpenStreams(bounds.streamsMax(), bounds.streamsOfACaller());
    }

    Future<Void> start() {
        identity.start();
        f.shutdown().started("identity", identity::stop);
        f.shutdown().started("egress", egress::close);
        f.shutdown().started("issuers", issuers::close);
        return MasterKey.open(f)
                .compose(seal -> RateParts.start(f, egress)
                        .compose(rates -> ChainParts.start(f, credits(), fence)
                                .compose(chain -> LightningParts.start(f, settles(), fence)
                                        .compose(lightning -> RootSecret.open(f.db(), seal, f.entropy())
                                                .compose(root -> serve(seal, root, rates, chain, lightning))))));
    }

    /** Cards take what is theirs of the node's settles, invoices the rest. */
    private SettleSink settles() {
        return new TopUpSettles(f.db(), ledger, f.events(), f.clock(), invoices.settleSink());
    }

    private ChainSink credits() {
        return new CardDeposits(f.db(), ledger, f.events(), f.clock(), invoices.chainSink());
    }

    private Future<Void> serve(
            Seal seal, RootSecret root, RateServiceLive rates, Optional<ChainParts> chain, LightningParts lightning) {
        ChainService chainService = chain.<ChainService>map(ChainParts::service).orElseGet(NoChain::new);
        InvoiceFeature.Connected connected =
                invoices.connect(stores, rates, chainService, lightning.nodes(), tail::isFresh);
        NodeStatus status = new NodeStatus(chain, lightning);
        IdempotencyService idempotency = new IdempotencyService(f.db(), f.clock());
        f.vertx().setPeriodic(PRUNE_MS, tick -> prune(idempotency));
        LedgerVerifier verifier = new LedgerVerifier(f.db());
        f.vertx().setPeriodic(BOOKS_MS, tick -> proveBooks(verifier));
        WebhookService webhooks = new WebhookService(f.db(), f.bus(), egress, f.clock(), f.entropy());
        meters.watch(chain, lightning, tail::freshAt);
        meters.ask(webhooks);
        tail.tell(connected::heard);
        tail.tell(meters::heard);
        return resume(lightning, connected)
                .compose(done -> tail.start())
                .compose(done -> deploy("invoices", connected.verticle(f.bus(), INVOICE_PERIOD_MS)))
                .compose(done -> webhooks.takeOver(fence))
                .compose(done -> deploy(
                        "webhooks",
                        new WebhookVerticle(f.db(), f.events(), f.bus(), egress, f.clock(), f.entropy(), sending())))
                .compose(done -> CardParts.start(
                        f,
                        seal,
                        root,
                        ledger,
                        stores,
                        rates,
                        connected.service(),
                        issuers,
                        chain,
                        lightning,
                        streams,
                        fence))
                .onSuccess(cards -> tail.tell(cards::heard))
                .compose(cards -> Demo.prepare(f, identity, stores, connected.service(), chain, lightning)
                        .compose(demo -> listen(
                                        routes(connected, rates, webhooks, cards, status, chain, lightning),
                                        cards,
                                        connected,
                                        webhooks,
                                        status,
                                        idempotency,
                                        root.keyedHash("http request"),
                                        demo)
                                .onSuccess(listening -> demo.ifPresent(Demo::announce))));
    }

    /** Everything that answers under the contract. */
    private List<Routes> routes(
            InvoiceFeature.Connected connected,
            RateServiceLive rates,
            WebhookService webhooks,
            CardFeature cards,
            NodeStatus status,
            Optional<ChainParts> chain,
            LightningParts lightning) {
        List<Routes> routes = new ArrayList<>(List.of(
                new ServerRoutes(status, version()),
                api -> identity.routes().mount(api),
                new StoreRoutes(
                        stores,
                        identity.policies(),
                        Rails.connectors(chain, lightning),
                        new WalletToolsLive(f.vertx(), ChainParts.network(f.config()), f.entropy()))::mount,
                new RateRoutes(rates, stores),
                connected.routes(),
                new WebhookRoutes(webhooks)::register));
        routes.addAll(cards.routes());
        return routes;
    }

    /** The operations that are served, as {@code METHOD /path}; none before the start. */
    Set<String> operations() {
        return operations;
    }

    private Future<Void> listen(
            List<Routes> routes,
            CardFeature cards,
            InvoiceFeature.Connected connected,
            WebhookService webhooks,
            NodeStatus status,
            IdempotencyService idempotency,
            KeyedHash requests,
            Optional<Demo> demo) {
        List<Pages> pages = new ArrayList<>(List.<Pages>of(
                new CheckoutPages(
                        connected.service(),
                        stores,
                        f.config().publicUrl(),
                        f.config().simulated(),
                        f.clock()),
                new CardPages(
                        cards.holders(), f.config().publicUrl(), f.config().simulated()),
                new PosPages(cards::terminal, stores, f.config().simulated()),
                new DocsPages(Contract.load(), SimulatedLabel.html(f.config().simulated()))));
        demo.flatMap(Demo::buyer).ifPresent(pages::add);
        HttpFeatures features = new HttpFeatures(
                identity.authenticator(),
                List.of(connected.resolver(), webhooks.resolver(), cards.resolver()),
                routes,
                connected.pages(streams),
                pages);
        Edge edge = new Edge(
                http(f.config()), features, idempotency, requests, f.db(), f.clock(), f.entropy(), httpMeters());
        operations = edge.operations();
        return management
                .open()
                .compose(listening -> HttpServerVerticle.deploy(f.vertx(), edge, SERVERS))
                .compose(id -> {
                    f.shutdown().started("http", () -> f.vertx().undeploy(id));
                    f.shutdown().started("streams and readiness", () -> {
                        management.drain();
                        streams.closeAll();
                        return Future.succeededFuture();
                    });
                    return management.serve(status.checks(f.db())); // ready once it listens, not before
                });
    }

    /** Follows the nodes that stores brought, also those they left while invoices of theirs are open. */
    private Future<Void> resume(LightningParts lightning, InvoiceFeature.Connected connected) {
        return lightning
                .nodes()
                .resume(() -> stores.lightningSources()
                        .compose(used -> connected
                                .service()
                                .openLightningSources()
                                .map(open -> {
                                    Set<NodeId> wanted = new HashSet<>();
                                    used.forEach(source -> wanted.add(new NodeId(source)));
                                    open.forEach(source -> wanted.add(new NodeId(source)));
                                    return wanted;
                                })));
    }

    private static void prune(IdempotencyService idempotency) {
        idempotency
                .prune()
                .onSuccess(pruned -> {
                    if (pruned > 0) {
                        prune(idempotency);
                    }
                })
                .onFailure(failure -> log.warn("idempotency.unpruned cause={}", failure.toString()));
    }

    /** A drift means that a person must look before any more money moves. */
    private void proveBooks(LedgerVerifier verifier) {
        verifier.quick()
                .onSuccess(meters::proved)
                .onSuccess(report -> report.drifts()
                        .forEach(d ->
                                log.error("ledger.drift check={} subject={} {}", d.check(), d.subject(), d.detail())))
                .onFailure(failure -> log.warn("ledger.unproved cause={}", failure.toString()));
    }

    private Future<Void> deploy(String name, Deployable verticle) {
        return f.vertx().deployVerticle(verticle).map(id -> {
            f.shutdown().started(name, () -> f.vertx().undeploy(id));
            return null;
        });
    }

    private WebhookVerticle.Sending sending() {
        SluiceConfig.Webhooks config = f.config().webhooks();
        return new WebhookVerticle.Sending(version(), config.timeoutMs(), config.concurrency());
    }

    private static EgressRules rules(boolean privateToo) {
        return privateToo ? EgressRules.LOCAL : EgressRules.STRICT;
    }

    private HttpMeters httpMeters() {
        return new HttpMeters(f.metrics().registry(), f.metrics().timer("http", "latency"));
    }

    private static HttpConfig http(SluiceConfig config) {
        SluiceConfig.Limits limits = config.limits();
        Limits standard = Limits.standard();
        return new HttpConfig(
                config.http().host(),
                config.http().port(),
                config.publicUrl(),
                config.http().trustedProxies(),
                new Limits(
                        standard.address(),
                        new Limits.Zone(
                                "credential",
                                limits.keyRequestsPerMinute(),
                                Math.min(1_000, limits.keyRequestsPerMinute())),
                        new Limits.Zone(
                                "anonymous",
                                limits.anonymousRequestsPerMinute(),
                                Math.min(30, limits.anonymousRequestsPerMinute()))),
                bounds(config));
    }

    private static HttpConfig.Bounds bounds(SluiceConfig config) {
        HttpConfig.Bounds standard = HttpConfig.Bounds.standard();
        return new HttpConfig.Bounds(
                config.limits().bodyMaxBytes(),
                standard.connectionsMax(),
                config.limits().requestsInFlight(),
                standard.streamsMax(),
                standard.bodyTimeoutMs(),
                config.limits().requestTimeoutMs(),
                standard.idleTimeoutMs());
    }

    private static String version() {
        String version = Gateway.class.getPackage().getImplementationVersion();
        return version == null ? "0.1.0" : version;
    }
}
