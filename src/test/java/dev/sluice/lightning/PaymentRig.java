package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A payment machine over one database that can be killed and started again, and what its sink was told. */
final class PaymentRig {
    static final NodeId NODE = NodeId.OPERATOR;
    /** The same node by another name, which is trusted whatever is said of {@link #NODE}. */
    static final NodeId OTHER = new NodeId("other");

    private final TestDatabase database;
    private final Map<NodeId, LightningNode> nodes = new ConcurrentHashMap<>();
    final Queue<Outgoing> outcomes = new ConcurrentLinkedQueue<>();
    volatile Optional<String> untrusted = Optional.empty();
    volatile Duration grace = Duration.ZERO;
    volatile Clock clock = Clock.system();
    volatile Fence fence = Fence.NONE;
    private PaymentMachine machine;
    private String deployment;

    PaymentRig(TestDatabase database, LightningNode node) {
        this.database = database;
        nodes.put(NODE, node);
        nodes.put(OTHER, node);
    }

    void use(LightningNode node) {
        nodes.put(NODE, node);
    }

    void start() {
        machine = new PaymentMachine(new PaymentMachine.Parts(
                database.db(),
                () -> clock.now(),
                Entropy.secure(),
                id -> Optional.ofNullable(nodes.get(id)),
                id -> untrusted.filter(why -> id.equals(NODE)),
                id -> tx -> fence.check(tx),
                (tx, outcome) -> {
                    outcomes.add(outcome);
                    return Future.succeededFuture();
                },
                OwnInvoices.NONE,
                grace));
        deployment = await(database.vertx().deployVerticle(machine));
    }

    void stop() {
        if (deployment != null) {
            await(database.vertx().undeploy(deployment));
            deployment = null;
        }
    }

    PaymentHash intend(String bolt11) {
        return intend(NODE, bolt11);
    }

    private PaymentHash intend(NodeId node, String bolt11) {
        Outgoing.Order order = Outgoing.Order.of(node, bolt11, null, Msat.ofSat(10), "test");
        await(database.db().tx(tx -> machine.intend(tx, order)));
        return order.hash();
    }

    PaymentHash pay(String bolt11) {
        PaymentHash hash = intend(bolt11);
        machine.drive(hash);
        return hash;
    }

    PaymentHash payByOther(String bolt11) {
        PaymentHash hash = intend(OTHER, bolt11);
        machine.drive(hash);
        return hash;
    }

    PaymentMachine machine() {
        return machine;
    }

    Outgoing row(PaymentHash hash) {
        return await(machine.find(hash)).orElseThrow();
    }

    /** Waits for the end that the sink hears, and for its commit. */
    Outgoing outcome(PaymentHash hash) {
        Waiting.until(
                database.vertx(),
                () -> outcomes.stream().anyMatch(each -> each.order().hash().equals(hash)));
        while (row(hash).result() == null) {} // told inside the transaction that is about to commit
        return outcomes.stream()
                .filter(each -> each.order().hash().equals(hash))
                .findFirst()
                .orElseThrow();
    }

    long timesTold(PaymentHash hash) {
        return outcomes.stream()
                .filter(each -> each.order().hash().equals(hash))
                .count();
    }
}
