package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.AddedInvoice;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The nodes this gateway works with, each followed by a verticle of its own. */
public final class LightningNodes implements LightningService {
    /** A node is a stream, a verticle and a few kilobytes. */
    private static final int NODES_MAX = 500;

    private static final String NOT_CONNECTED = "No Lightning node is connected";

    private final Vertx vertx;
    private final Db db;
    private final Clock clock;
    private final Entropy entropy;
    private final SettleSink sink;
    private final Function<NodeId, Fence> fences;
    private final StoreNodes stores;
    private final Map<NodeId, Followed> nodes = new ConcurrentHashMap<>();

    /** A node, and the verticle that follows it once it is deployed. */
    private record Followed(LightningStreams streams, AtomicReference<Future<String>> deployment) {
        LightningNode node() {
            return streams.node();
        }
    }

    /**
     * @param sink gives settles their meaning
     * @param fences the lease under which a node's settles are written
     * @param connector opens a store's own node
     */
    public LightningNodes(
            Vertx vertx,
            Db db,
            Clock clock,
            Entropy entropy,
            SettleSink sink,
            Function<NodeId, Fence> fences,
            Function<ConnectionString.Lnd, Future<LightningNode>> connector) {
        this.vertx = vertx;
        this.db = db;
        this.clock = clock;
        this.entropy = entropy;
        this.sink = sink;
        this.fences = fences;
        this.stores = new StoreNodes(vertx, db, clock, this, connector);
    }

    /** Follows a node, in place of what was followed under its id; returns before it is connected. */
    public Future<Void> attach(NodeId id, LightningNode node) {
        if (nodes.size() >= NODES_MAX && !nodes.containsKey(id)) {
            node.close();
            return Future.failedFuture(tooMany(NODES_MAX));
        }
        LightningStreams streams = new LightningStreams(db, clock, entropy, id, node, sink, fences.apply(id));
        Followed fresh = new Followed(streams, new AtomicReference<>());
        Followed before = nodes.put(id, fresh);
        return (before == null ? Future.<Void>succeededFuture() : end(before))
                .compose(ended -> nodes.get(id) == fresh ? deploy(fresh) : Future.succeededFuture())
                .onFailure(failure -> nodes.remove(id, fresh));
    }

    boolean isFollowed(NodeId id) {
        return nodes.containsKey(id);
    }

    /** Follows a node no longer. */
    Future<Void> detach(NodeId id) {
        Followed left = nodes.remove(id);
        return left == null ? Future.succeededFuture() : end(left);
    }

    private Future<Void> deploy(Followed fresh) {
        Future<String> deployed = vertx.deployVerticle(fresh.streams());
        fresh.deployment().set(deployed);
        return deployed.mapEmpty();
    }

    /** What it was writing is written first. */
    private Future<Void> end(Followed before) {
        Future<String> deployed = before.deployment().get();
        Future<Void> ended = deployed == null ? Future.succeededFuture() : deployed.compose(vertx::undeploy);
        return ended.otherwiseEmpty().onComplete(done -> before.node().close());
    }

    /** How many nodes are followed. */
    public int size() {
        return nodes.size();
    }

    /** How many of them cannot take invoices now. */
    public long down() {
        return nodes.values().stream()
                .filter(followed -> followed.streams().unavailableReason().isPresent())
                .count();
    }

    /** Stops to follow, writes what was heard, and closes the connections. */
    public Future<Void> close() {
        List<Future<Void>> ended = nodes.values().stream().map(this::end).toList();
        nodes.clear();
        return Future.join(ended).mapEmpty();
    }

    @Override
    public Future<AddedInvoice> addInvoice(
            NodeId node,
            Preimage preimage,
            @Nullable Msat amount,
            String memo,
            Duration expiry,
            boolean privateHints,
            Duration deadline) {
        return within(deadline, node, it -> it.addInvoice(preimage, amount, memo, null, expiry, privateHints));
    }

    @Override
    public Future<AddedInvoice> addInvoice(
            NodeId node, Preimage preimage, Msat amount, byte[] descriptionHash, Duration expiry, Duration deadline) {
        return within(deadline, node, it -> it.addInvoice(preimage, amount, "", descriptionHash, expiry, false));
    }

    private Future<AddedInvoice> within(
            Duration deadline, NodeId id, Function<LightningNode, Future<AddedInvoice>> asked) {
        LightningStreams streams = streams(id);
        if (streams == null) {
            return failed(notConnected());
        }
        Instant until = clock.now().plus(deadline);
        return streams.trust()
                .askSoon(deadline.toMillis(), node -> asked.apply(node).timeout(leftMs(until), TimeUnit.MILLISECONDS))
                .recover(failure -> failure instanceof TimeoutException
                        ? failed(new Failure.Unavailable(
                                "lightning-slow", "The Lightning node did not answer in time", 5))
                        : Future.failedFuture(failure));
    }

    private long leftMs(Instant until) {
        return Math.max(1, Duration.between(clock.now(), until).toMillis());
    }

    @Override
    public Future<Void> cancel(NodeId node, PaymentHash hash) {
        LightningStreams streams = streams(node);
        if (streams == null) {
            return failed(notConnected());
        }
        return streams.trust()
                .ask(asked -> asked.cancel(hash))
                .recover(failure -> isNotFound(failure) ? Future.succeededFuture() : Future.failedFuture(failure));
    }

    /** The same owner's node at the same address stays the same node: what changes is how it is reached. */
    @Override
    public Future<NodeId> connect(String owner, String connectionString) {
        return stores.connect(owner, connectionString);
    }

    /**
     * Follows the nodes of stores from the start of the process.
     *
     * @param wanted asked now and whenever a store has too many: those that a store uses, or that have open invoices;
     *     the credentials of all others are deleted
     */
    public Future<Void> resume(Supplier<Future<Set<NodeId>>> wanted) {
        return stores.resume(wanted);
    }

    @Override
    public Optional<String> unavailableReason(NodeId node) {
        LightningStreams streams = streams(node);
        return streams == null ? Optional.of(NOT_CONNECTED) : streams.unavailableReason();
    }

    /** Why what a node says is not to be believed now; one that merely cannot receive is believed. */
    public Optional<String> untrustedReason(NodeId node) {
        LightningStreams streams = streams(node);
        return streams == null ? Optional.of(NOT_CONNECTED) : streams.untrustedReason();
    }

    @Override
    public Optional<Instant> caughtUpAt(NodeId node) {
        return Optional.ofNullable(streams(node)).flatMap(LightningStreams::caughtUpAt);
    }

    @Override
    public Future<Void> sweep(NodeId node, PaymentHash hash) {
        LightningStreams streams = streams(node);
        return streams == null ? failed(notConnected()) : streams.sweep(hash);
    }

    private @Nullable LightningStreams streams(NodeId node) {
        Followed followed = nodes.get(node);
        return followed == null ? null : followed.streams();
    }

    static FailureException tooMany(int max) {
        return new Failure.Rejected("too-many-nodes", "No more than " + max + " Lightning nodes can be followed")
                .exception();
    }

    private static Failure notConnected() {
        return new Failure.Unavailable("lightning-not-connected", NOT_CONNECTED, 10);
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof FailureException expected
                && expected.failure().code().equals("lightning-not-found");
    }

    private static <T> Future<T> failed(Failure failure) {
        return Future.failedFuture(failure.exception());
    }
}
