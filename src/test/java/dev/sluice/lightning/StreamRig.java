package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Streams that follow a simulated node, whose customer pays it, into a table of credits. Register it as a field of the
 * test, after the database.
 */
final class StreamRig implements AfterEachCallback {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final TestDatabase database;
    private final NodeId id = new NodeId("node-" + NUMBER.incrementAndGet());
    private final Map<PaymentHash, Long> paid = new TreeMap<>((a, b) -> a.hex().compareTo(b.hex()));
    private final SimulatedNetwork network;
    private final SimulatedLightning merchant;
    private final SimulatedLightning customer;
    private final CreditSink sink;
    private LightningStreams streams;
    private String deployment;

    StreamRig(TestDatabase database) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.err.println("StreamRig seed=" + seed);
        this.database = database;
        this.network = new SimulatedNetwork(database.vertx(), Clock.system(), seed, null);
        this.merchant = network.node("merchant");
        this.customer = network.node("customer");
        this.sink = new CreditSink(database.db());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        undeploy();
        network.close();
    }

    NodeId id() {
        return id;
    }

    SimulatedLightning merchant() {
        return merchant;
    }

    SimulatedLightning customer() {
        return customer;
    }

    CreditSink sink() {
        return sink;
    }

    LightningStreams streams() {
        return streams;
    }

    /** What was paid in millisatoshi, by payment hash. */
    Map<PaymentHash, Long> paid() {
        return paid;
    }

    Map<PaymentHash, Long> credits() {
        return sink.credits(id);
    }

    void undeploy() {
        if (deployment != null) {
            await(database.vertx().undeploy(deployment));
            deployment = null;
        }
    }

    void deploy(LightningNode node, Fence fence) {
        streams = new LightningStreams(database.db(), Clock.system(), Entropy.secure(), id, node, sink, fence);
        deployment = await(database.vertx().deployVerticle(streams));
    }

    void follow() {
        deploy(merchant, Fence.NONE);
        Waiting.until(database.vertx(), () -> streams.caughtUpAt().isPresent());
    }

    PaymentHash pay(long sat) {
        LightningNode.AddedInvoice added = await(merchant.addInvoice(
                Preimage.random(Entropy.secure()), Msat.ofSat(sat), "", null, Duration.ofHours(1), false));
        assertThat(await(customer.pay(added.bolt11(), null))).isInstanceOf(LightningNode.PaymentState.Succeeded.class);
        paid.put(added.hash(), sat * 1_000);
        return added.hash();
    }

    void untilAllCredited() {
        String credits = "select count(*) from test_credit where node = $1";
        until(
                () -> database.db()
                        .read(credits, id.value())
                        .map(rows -> rows.iterator().next().getLong(0)),
                count -> count >= paid.size());
        assertThat(credits()).isEqualTo(paid);
    }

    long cursor() {
        return await(database.db().read("select position from stream_cursor where name = $1", "lightning:" + id))
                .iterator()
                .next()
                .getLong(0);
    }
}
