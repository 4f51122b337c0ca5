package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.bus.Bus;
import dev.sluice.chain.ChainConfig;
import dev.sluice.chain.ChainServiceLive;
import dev.sluice.chain.ChainWatcher;
import dev.sluice.chain.Network;
import dev.sluice.chain.WalletId;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.invoice.InvoiceFeature;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.LightningNodes;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.PaymentMethod;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import dev.sluice.store.Store;
import dev.sluice.store.StoreSettings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The money path of the gateway in this JVM, on simulated rails: it can be ended and begun again in milliseconds. */
final class SimulatedGateway {
    private static final long POLL_MS = 200;
    private static final long INVOICE_PERIOD_MS = 100;

    private final TestDatabase database;
    private final Bus bus;
    private final SimulatedChain chain;
    private final LightningNode node;
    private final String descriptor;
    private final Set<String> verticles = new HashSet<>();
    private volatile Object life = new Object();
    private ChainWatcher watcher;
    private InvoiceService invoices;

    SimulatedGateway(TestDatabase database, SimulatedChain chain, LightningNode node, String descriptor) {
        this.database = database;
        this.bus = database.bus();
        this.chain = chain;
        this.node = node;
        this.descriptor = descriptor;
    }

    /** Begins a life: everything it writes is refused once the life is over. */
    void start() {
        Object mine = new Object();
        life = mine;
        Fence fence = tx -> life == mine
                ? Future.succeededFuture()
                : Future.failedFuture(new Failure.Conflict("dead", "This life is over").exception());
        Set<String> before = Set.copyOf(database.vertx().deploymentIDs());
        EventLog events = new EventLog(database.db(), bus);
        InvoiceFeature feature =
                InvoiceFeature.sinks(database.db(), events, new Ledger(), Clock.system(), Entropy.secure());
        watcher = new ChainWatcher(
                new ChainConfig(Network.REGTEST, POLL_MS, 6, 500_000),
                chain,
                database.db(),
                feature.chainSink(),
                fence,
                Clock.system(),
                Entropy.secure());
        ChainServiceLive service = new ChainServiceLive(database.vertx(), database.db(), Network.REGTEST, watcher);
        await(database.vertx().deployVerticle(watcher));
        await(watcher.look().otherwiseEmpty()); // until the first one no invoice has an address
        WalletId wallet = await(service.openWallet("operator", descriptor));
        LightningNodes nodes = new LightningNodes(
                database.vertx(),
                database.db(),
                Clock.system(),
                Entropy.secure(),
                feature.settleSink(),
                id -> fence,
                target -> Future.failedFuture("no other node"));
        await(nodes.attach(NodeId.OPERATOR, node));
        InvoiceFeature.Connected connected = feature.connect(
                id -> Future.succeededFuture(Optional.of(store(id, wallet))),
                (id, currency) -> Future.succeededFuture(Rate.bitcoin(currency)),
                service,
                nodes,
                () -> false);
        invoices = connected.service();
        await(database.vertx().deployVerticle(connected.verticle(bus, INVOICE_PERIOD_MS)));
        verticles.clear();
        verticles.addAll(database.vertx().deploymentIDs());
        verticles.removeAll(before);
    }

    /** Ends the life: what is under way can commit no more. */
    void crash() {
        life = new Object();
        verticles.forEach(id -> await(database.vertx().undeploy(id)));
    }

    InvoiceService invoices() {
        return invoices;
    }

    /** Returns when the chain has been read to its end. */
    void look() {
        await(watcher.look());
    }

    private static Store store(StoreId id, WalletId wallet) {
        return new Store(
                id,
                new StoreSettings(new JsonObject().put("name", "Shop")),
                List.of(
                        new PaymentMethod(Rail.CHAIN, true, Holder.OPERATOR, wallet.value(), new JsonObject()),
                        new PaymentMethod(
                                Rail.LIGHTNING, true, Holder.OPERATOR, NodeId.OPERATOR.value(), new JsonObject())));
    }
}
