package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
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
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes of stores: which one a connection string means, and for how long it is followed. */
class LightningNodesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final String owner = "store:" + NUMBER.incrementAndGet();
    private final SimulatedNetwork network = new SimulatedNetwork(DATABASE.vertx(), Clock.system(), 1, null);
    private final SimulatedLightning customer = network.node("customer");
    private final CreditSink sink = new CreditSink(DATABASE.db());
    private final List<String> opened = new CopyOnWriteArrayList<>();
    private volatile Duration later = Duration.ZERO;
    private LightningNodes nodes = process();

    /** A process's nodes. */
    private LightningNodes process() {
        return new LightningNodes(
                DATABASE.vertx(),
                DATABASE.db(),
                () -> Instant.now().plus(later),
                Entropy.secure(),
                sink,
                any -> Fence.NONE,
                target -> {
                    opened.add(target.host());
                    return Future.succeededFuture(network.node(target.host()));
                });
    }

    @AfterEach
    void stop() {
        await(nodes.close());
        network.close();
    }

    private static String at(String host, String macaroon) {
        return "type=lnd-grpc;server=https://" + host + ":10009;macaroon=" + macaroon + ";certthumbprint="
                + "ab".repeat(32);
    }

    private String host(String name) {
        return name + "-" + owner.substring(6);
    }

    private PaymentHash pay(String host) {
        LightningNode.AddedInvoice added = await(network.node(host)
                .addInvoice(Preimage.random(Entropy.secure()), Msat.ofSat(7), "", null, Duration.ofHours(1), false));
        assertThat(await(customer.pay(added.bolt11(), null))).isInstanceOf(LightningNode.PaymentState.Succeeded.class);
        return added.hash();
    }

    private void untilCredited(NodeId node, PaymentHash... hashes) {
        Map<PaymentHash, Long> expected = new HashMap<>();
        for (PaymentHash hash : hashes) {
            expected.put(hash, 7_000L);
        }
        Waiting.until(DATABASE.vertx(), new Seen(node, hashes.length)::isThere);
        assertThat(sink.credits(node)).isEqualTo(expected);
    }

    private static final class Seen {
        private final NodeId node;
        private final int count;
        private volatile long seen;

        Seen(NodeId node, int count) {
            this.node = node;
            this.count = count;
        }

        boolean isThere() {
            DATABASE.db()
                    .read("select count(*) from test_credit where node = $1", node.value())
                    .onSuccess(rows -> seen = rows.iterator().next().getLong(0));
            return seen >= count;
        }
    }

    @Test
    void newMacaroonIsTheSameNodeAndItsOpenInvoicesAreCredited() {
        NodeId before = await(nodes.connect(owner, at(host("a"), "01")));
        PaymentHash first = pay(host("a"));
        untilCredited(before, first);
        NodeId after = await(nodes.connect(owner, at(host("a"), "02")));
        assertThat(after).isEqualTo(before);
        assertThat(opened).hasSize(2);
        untilCredited(after, first, pay(host("a")));
    }

    private static Supplier<Future<Set<NodeId>>> using(NodeId... used) {
        return () -> Future.succeededFuture(Set.of(used));
    }

    @Test
    void sameConnectionAgainKeepsTheOneThereIs() {
        NodeId once = await(nodes.connect(owner, at(host("a"), "01")));
        assertThat(await(nodes.connect(owner, at(host("a"), "01")))).isEqualTo(once);
        assertThat(opened).hasSize(1);
    }

    @Test
    void nodeThatAStoreLeftIsFollowedAsLongAsItIsWanted() {
        NodeId left = await(nodes.connect(owner, at(host("a"), "01")));
        NodeId used = await(nodes.connect(owner, at(host("b"), "01")));
        assertThat(used).isNotEqualTo(left);
        untilCredited(left, pay(host("a")));
        await(nodes.close());
        nodes = process();
        PaymentHash whileAway = pay(host("b"));
        await(nodes.resume(using(left, used)));
        untilCredited(used, whileAway);
        assertThat(await(DATABASE.db().read("select 1 from lightning_source where owner = $1", owner))
                        .size())
                .isEqualTo(2);
        await(nodes.close());
        nodes = process();
        await(nodes.resume(using(used)));
        assertThat(nodes.unavailableReason(left)).contains("No Lightning node is connected");
        assertThat(await(DATABASE.db().read("select node from lightning_source where owner = $1", owner)))
                .extracting(row -> row.getString("node"))
                .containsExactly(used.value());
    }

    private Future<LightningNode.AddedInvoice> add(NodeId node, Preimage preimage) {
        return nodes.addInvoice(node, preimage, Msat.ofSat(7), "", Duration.ofHours(1), false, Duration.ofSeconds(30));
    }

    @Test
    void invoiceAskedForDuringTheFirstConnectIsMadeOnceTheNodeIsAdmitted() {
        NodeId node = new NodeId("held-" + owner.substring(6));
        Promise<Void> connecting = Promise.promise();
        await(nodes.attach(
                node,
                AlteredNode.of(
                        network.node(host("a")),
                        "info",
                        (arguments, usual) -> connecting.future().compose(on -> (Future<?>) usual.answer()))));
        Preimage preimage = Preimage.random(Entropy.secure());
        Future<LightningNode.AddedInvoice> added = add(node, preimage);
        assertThat(await(network.node(host("a")).lookup(preimage.hash()))).isNull();
        connecting.complete();
        assertThat(await(added).hash()).isEqualTo(preimage.hash());
    }

    @Test
    void nodeThatWasRestoredIsGivenNoInvoiceAndAskedToCancelNone() {
        NodeId node = await(nodes.connect(owner, at(host("a"), "01")));
        untilCredited(node, pay(host("a")));
        await(nodes.close());
        await(network.node(host("a")).wipe());
        nodes = process();
        await(nodes.resume(using(node)));
        Waiting.until(
                DATABASE.vertx(), () -> nodes.unavailableReason(node).orElse("").contains("reconciliation"));
        Preimage preimage = Preimage.random(Entropy.secure());
        assertThat(failure(add(node, preimage))).hasMessageContaining("lightning-not-connected");
        assertThat(await(network.node(host("a")).lookup(preimage.hash()))).isNull();
        assertThat(failure(nodes.cancel(node, preimage.hash()))).hasMessageContaining("lightning-not-connected");
    }

    @Test
    void nodesOfTwoOwnersAtOneAddressAreNotTheSame() {
        NodeId mine = await(nodes.connect(owner, at(host("a"), "01")));
        NodeId theirs = await(nodes.connect(owner + "-other", at(host("a"), "02")));
        assertThat(theirs).isNotEqualTo(mine);
    }

    @Test
    void oneOwnerCannotUseUpAllNodes() {
        for (String name : List.of("a", "b", "c", "d")) {
            await(nodes.connect(owner, at(host(name), "01")));
        }
        assertThat(failure(nodes.connect(owner, at(host("e"), "01")))).hasMessageContaining("too-many-nodes");
        await(nodes.connect(owner, at(host("d"), "02")));
        await(nodes.connect(owner + "-other", at(host("e"), "01")));
    }

    private List<NodeId> four() {
        return Stream.of("a", "b", "c", "d")
                .map(name -> await(nodes.connect(owner, at(host(name), "01"))))
                .toList();
    }

    private void assertFollows(NodeId... expected) {
        assertThat(await(DATABASE.db().read("select node from lightning_source where owner = $1", owner)))
                .extracting(row -> new NodeId(row.getString("node")))
                .containsExactlyInAnyOrder(expected);
        assertThat(nodes.size()).isEqualTo(expected.length);
    }

    @Test
    void nodesThatNobodyWantsMakeRoomForTheNext() {
        Set<NodeId> wanted = ConcurrentHashMap.newKeySet();
        await(nodes.resume(() -> Future.succeededFuture(wanted)));
        List<NodeId> four = four();
        wanted.addAll(four.subList(0, 2));
        assertThat(failure(nodes.connect(owner, at(host("e"), "01"))))
                .as("payment methods of the others may be about to be written")
                .hasMessageContaining("too-many-nodes");
        later = Duration.ofMinutes(6);
        NodeId fifth = await(nodes.connect(owner, at(host("e"), "01")));
        assertFollows(four.get(0), four.get(1), fifth);
    }

    @Test
    void nodeThatIsWantedAgainWhenItIsLeftStays() {
        Deque<Set<NodeId>> answers = new ConcurrentLinkedDeque<>();
        answers.add(Set.of());
        await(nodes.resume(() -> Future.succeededFuture(answers.size() > 1 ? answers.remove() : answers.getFirst())));
        List<NodeId> four = four();
        later = Duration.ofMinutes(6);
        answers.clear();
        answers.add(Set.copyOf(four.subList(0, 2)));
        answers.add(Set.copyOf(four.subList(0, 3)));
        NodeId fifth = await(nodes.connect(owner, at(host("e"), "01")));
        assertFollows(four.get(0), four.get(1), four.get(2), fifth);
    }
}
