package dev.sluice.lightning;

import dev.sluice.bus.Bus;
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
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nodes this gateway works with, each followed by a verticle of its own. */
public final class LightningNodes implements LightningService {
    private static final Logger log = LoggerFactory.getLogger(LightningNodes.class);
    /** A node is a stream, a verticle and a few kilobytes. */
    private static final int NODES_MAX = 500;

    private final Vertx vertx;
    private final Db db;
    private final Bus bus;
    private final Clock clock;
    private final Entropy entropy;
    private final SettleSink sink;
    private final Function<NodeId, Fence> fences;
    private final Function<ConnectionString.Lnd, Future<LightningNode>> connector;
    private final Map<NodeId, LightningStreams> nodes = new ConcurrentHashMap<>();

    /**
     * @param sink gives settles their meaning
     * @param fences the lease under which a node's settles are written
     * @param connector opens a store's own node
     */
    public LightningNodes(
            Vertx vertx,
            Db db,
            Bus bus,
            Clock clock,
            Entropy entropy,
            SettleSink sink,
            Function<NodeId, Fence> fences,
            Function<ConnectionString.Lnd, Future<LightningNode>> connector) {
        this.vertx = vertx;
        this.db = db;
        this.bus = bus;
        this.clock = clock;
        this.entropy = entropy;
        this.sink = sink;
        this.fences = fences;
        this.connector = connector;
    }

    /** Starts to follow a node; returns before it is connected. A node already followed keeps its connection. */
    public Future<Void> attach(NodeId id, LightningNode node) {
        LightningStreams streams = new LightningStreams(db, bus, clock, entropy, id, node, sink, fences.apply(id));
        if (nodes.size() >= NODES_MAX) {
            node.close();
            return failed(new Failure.Rejected("too-many-nodes", "No more than " + NODES_MAX + " Lightning nodes"));
        }
        if (nodes.putIfAbsent(id, streams) != null) {
            node.close();
            return Future.succeededFuture();
        }
        return vertx.deployVerticle(streams)
                .onFailure(failure -> nodes.remove(id, streams))
                .mapEmpty();
    }

    /** The node itself, for payments. */
    public Optional<LightningNode> node(NodeId id) {
        return Optional.ofNullable(nodes.get(id)).map(LightningStreams::node);
    }

    /** Closes the connections; call after the verticles have been undeployed. */
    public void close() {
        nodes.values().forEach(streams -> streams.node().close());
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
        LightningStreams streams = nodes.get(node);
        if (streams == null) {
            return failed(notConnected());
        }
        return streams.node()
                .addInvoice(preimage, amount, memo, null, expiry, privateHints)
                .timeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .recover(failure -> failure instanceof TimeoutException
                        ? failed(new Failure.Unavailable(
                                "lightning-slow", "The Lightning node did not answer in time", 5))
                        : Future.failedFuture(failure));
    }

    @Override
    public Future<Void> cancel(NodeId node, PaymentHash hash) {
        LightningStreams streams = nodes.get(node);
        if (streams == null) {
            return failed(notConnected());
        }
        return streams.node()
                .cancel(hash)
                .recover(failure -> isNotFound(failure) ? Future.succeededFuture() : Future.failedFuture(failure));
    }

    @Override
    public Future<NodeId> connect(String owner, String connectionString) {
        return Future.succeededFuture(connectionString)
                .map(ConnectionString::parse)
                .compose(target -> {
                    NodeId id = idOf(target);
                    if (nodes.containsKey(id)) {
                        return Future.succeededFuture(id);
                    }
                    log.info("lightning.node.attach node={} owner={} host={}", id, owner, target.host());
                    return connector
                            .apply(target)
                            .compose(node -> attach(id, node))
                            .map(id);
                });
    }

    @Override
    public Optional<String> unavailableReason(NodeId node) {
        LightningStreams streams = nodes.get(node);
        return streams == null ? Optional.of("No Lightning node is connected") : streams.unavailableReason();
    }

    @Override
    public Optional<Instant> caughtUpAt(NodeId node) {
        return Optional.ofNullable(nodes.get(node)).flatMap(LightningStreams::caughtUpAt);
    }

    @Override
    public Future<Void> sweep(NodeId node, PaymentHash hash) {
        LightningStreams streams = nodes.get(node);
        return streams == null ? failed(notConnected()) : streams.sweep(hash);
    }

    /** The same address and credential are the same node, whoever uses it; new credentials are a new connection. */
    private static NodeId idOf(ConnectionString.Lnd target) {
        String credential =
                target.macaroon() != null ? target.macaroon().value() : String.valueOf(target.macaroonFile());
        String key = target.host() + "\n" + target.port() + "\n" + credential;
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
            return new NodeId("lnd-" + HexFormat.of().formatHex(digest, 0, 16));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }

    private static Failure notConnected() {
        return new Failure.Unavailable("lightning-not-connected", "No Lightning node is connected", 10);
    }

    private static boolean isNotFound(Throwable failure) {
        return failure instanceof FailureException expected
                && expected.failure().code().equals("lightning-not-found");
    }

    private static <T> Future<T> failed(Failure failure) {
        return Future.failedFuture(failure.exception());
    }
}
