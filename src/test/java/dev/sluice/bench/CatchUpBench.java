package dev.sluice.bench;

import dev.sluice.bus.Bus;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.Fence;
import dev.sluice.eventlog.EventLog;
import dev.sluice.invoice.InvoiceFeature;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.LightningNodes;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Settles that happened while the gateway was down: how fast one that starts credits them, with invoices, ledger and
 * events. The floor is the simulated node's own replay, which is a list in memory; LND's own replay was measured at
 * 3,580 settles a second (4 channels, bbolt), and it is against that rate that the bar stands.
 */
final class CatchUpBench {
    private static final int LND_PER_SECOND = 3_580;
    private static final double BAR = 0.8;
    static final Msat AMOUNT = new Msat(100_000);

    private final Vertx vertx;
    private final Bus bus;
    private final DbConfig database;

    CatchUpBench(Vertx vertx, Bus bus, DbConfig database) {
        this.vertx = vertx;
        this.bus = bus;
        this.database = database;
    }

    List<Figure> run(int settles) {
        DbPools pools = DbPools.open(vertx, database);
        try (SimulatedNetwork network = new SimulatedNetwork(vertx, Clock.system(), 1, null)) {
            SimulatedLightning node = network.node("gateway");
            double warm = catchUp(pools, network, "warm-up", settles / 4);
            double rate = catchUp(pools, network, "gateway", settles);
            double floor = replay(node, settles);
            Await.of(pools.close());
            String met = Math.min(warm, rate) < 0 ? "-" : rate >= BAR * LND_PER_SECOND ? "yes" : "no";
            return List.of(new Figure(
                    "settle-catch-up", rate, "1/s", floor, "value>=" + Math.round(BAR * LND_PER_SECOND), met));
        }
    }

    /**
     * Settles a second, of a node that was followed up to its first settle.
     *
     * @param settles what it settled after that, in order
     */
    double resume(LightningNode node, List<LightningNode.Settle> settles) {
        DbPools pools = DbPools.open(vertx, database);
        String alias = "resumed";
        String first = Await.of(node.listInvoices(0, 500)).invoices().stream()
                .filter(invoice -> invoice.settleIndex() == 1)
                .map(invoice -> invoice.hash().hex())
                .findFirst()
                .orElseThrow();
        Await.of(pools.db().write("""
                        with cursor as (insert into stream_cursor (name, position) values ('lightning:' || $1, 1))
                        insert into lightning_node (node, pubkey, settled_index, settled_hash) values ($1, $2, 1, $3)
                        """, Tuple.of(alias, Await.of(node.info()).pubkey(), first)));
        insert(pools, alias, settles.stream().map(LightningNode.Settle::hash).toList());
        double rate = follow(pools, alias, node, settles.size());
        Await.of(pools.close());
        return rate;
    }

    private double catchUp(DbPools pools, SimulatedNetwork network, String alias, int settles) {
        SimulatedLightning node = network.node(alias);
        insert(pools, alias, settle(node, settles));
        return follow(pools, alias, node, settles);
    }

    private double follow(DbPools pools, String alias, LightningNode node, int settles) {
        EventLog events = new EventLog(pools.db(), bus);
        InvoiceFeature feature =
                InvoiceFeature.sinks(pools.db(), events, new Ledger(), Clock.system(), Entropy.secure());
        Counted counted = new Counted(feature.settleSink(), settles);
        NodeId id = new NodeId(alias);
        LightningNodes nodes = new LightningNodes(
                vertx,
                pools.db(),
                Clock.system(),
                Entropy.secure(),
                counted,
                any -> Fence.NONE,
                target -> Future.failedFuture(new Failure.NotFound("no-node", "No other node").exception()));
        long began = System.nanoTime();
        Await.of(nodes.attach(id, node));
        Await.of(counted.all.future());
        double rate = settles / ((System.nanoTime() - began) / 1e9);
        Await.of(nodes.close());
        return rate;
    }

    private static final class Counted implements SettleSink {
        private final SettleSink sink;
        private final AtomicInteger left;
        private final Promise<Void> all = Promise.promise();
        private int applied;

        Counted(SettleSink sink, int expected) {
            this.sink = sink;
            this.left = new AtomicInteger(expected);
        }

        @Override
        public Future<Void> apply(SqlConnection tx, NodeId node, List<LightningNode.Settle> settles, long baseline) {
            applied = settles.size();
            return sink.apply(tx, node, settles, baseline);
        }

        @Override
        public void committed() {
            sink.committed();
            if (left.addAndGet(-applied) <= 0) {
                all.tryComplete();
            }
        }
    }

    private static List<PaymentHash> settle(SimulatedLightning node, int count) {
        List<PaymentHash> hashes = new ArrayList<>(count);
        List<Future<?>> settled = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Preimage preimage = Preimage.random(Entropy.secure());
            hashes.add(preimage.hash());
            settled.add(node.addInvoice(preimage, AMOUNT, "bench", null, Duration.ofHours(1), false)
                    .compose(added -> node.settleDirectly(added.hash(), AMOUNT)));
        }
        Await.of(Future.all(settled));
        return hashes;
    }

    private static void insert(DbPools pools, String source, List<PaymentHash> hashes) {
        String[] hex = hashes.stream().map(PaymentHash::hex).toArray(String[]::new);
        Await.of(pools.db().write("""
                        insert into invoice (id, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm,
                          speed_policy, chain_fee_msat, chain_fee_mode, status, additional, version, created_at,
                          expires_at, look_at, monitor_until, metadata, checkout, receipt)
                        select substr(hash, 1, 22), 'bench', 'Standard', 'SATS', 100, $2, 100000000, 0,
                          'MediumSpeed', 0,
                          'Never', 'New', 'None', 1, now(), now() + interval '1 hour', now() + interval '1 hour',
                          now() + interval '2 hours',
                          '{"orderId": "bench"}', '{}', '{}'
                        from unnest($1::text[]) as hash
                        """, Tuple.of(hex, AMOUNT.value())));
        Await.of(pools.db().write("""
                        insert into invoice_prompt (invoice_id, rail, generation, holder, source, state, destination,
                          payment_hash, amount_msat, created_at)
                        select substr(hash, 1, 22), 'BTC-LN', 1, 'OPERATOR', $3, 'active', 'lnbcrt' || hash, hash, $2,
                          now()
                        from unnest($1::text[]) as hash
                        """, Tuple.of(hex, AMOUNT.value(), source)));
    }

    private double replay(SimulatedLightning node, int settles) {
        Promise<Void> all = Promise.promise();
        AtomicInteger left = new AtomicInteger(settles - 1);
        long began = System.nanoTime();
        LightningNode.Subscription stream = node.subscribeSettles(
                1,
                settle -> {
                    if (left.decrementAndGet() == 0) {
                        all.complete();
                    }
                },
                ended -> {});
        Await.of(all.future());
        stream.cancel();
        return (settles - 1) / ((System.nanoTime() - began) / 1e9);
    }
}
