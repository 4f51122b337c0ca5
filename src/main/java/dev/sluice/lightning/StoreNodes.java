package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.Sha256;
import dev.sluice.lightning.SourceRepository.Source;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The nodes that stores brought: which one a connection string means, and for how long it is followed. */
final class StoreNodes {
    private static final Logger log = LoggerFactory.getLogger(StoreNodes.class);
    /** The one in use, and those whose last invoices are still open after a move. */
    private static final int NODES_OF_OWNER_MAX = 4;
    /** Who connects a node then writes the payment method that uses it; a request takes two minutes at most. */
    private static final Duration FRESH = Duration.ofMinutes(5);

    private static final long REOPEN_MS = 30_000;

    private final Vertx vertx;
    private final Clock clock;
    private final SourceRepository sources;
    private final LightningNodes nodes;
    private final Function<ConnectionString.Lnd, Future<LightningNode>> connector;
    private final Map<NodeId, Instant> connectedAt = new ConcurrentHashMap<>();
    /** One connect of an owner at a time: the next one judges what this one leaves. */
    private final Map<String, Future<Void>> turns = new ConcurrentHashMap<>();

    private volatile @Nullable Supplier<Future<Set<NodeId>>> wanted;

    StoreNodes(
            Vertx vertx,
            Db db,
            Clock clock,
            LightningNodes nodes,
            Function<ConnectionString.Lnd, Future<LightningNode>> connector) {
        this.vertx = vertx;
        this.clock = clock;
        this.sources = new SourceRepository(db);
        this.nodes = nodes;
        this.connector = connector;
    }

    Future<NodeId> connect(String owner, String connectionString) {
        Promise<Void> turn = Promise.promise();
        Future<Void> before = turns.put(owner, turn.future());
        return (before == null ? Future.<Void>succeededFuture() : before)
                .map(mine -> ConnectionString.parse(connectionString))
                .compose(target -> connect(owner, target, new Secret(connectionString)))
                .onSuccess(node -> connectedAt.put(node, clock.now()))
                .onComplete(done -> {
                    turns.remove(owner, turn.future());
                    turn.complete();
                });
    }

    private Future<NodeId> connect(String owner, ConnectionString.Lnd target, Secret connection) {
        return sources.of(owner)
                .compose(known -> isFull(known, target) ? tidy(owner, known) : Future.succeededFuture(known))
                .compose(known -> {
                    Optional<Source> same = at(target, known);
                    if (isFull(known, target)) {
                        return Future.failedFuture(LightningNodes.tooMany(NODES_OF_OWNER_MAX));
                    }
                    NodeId id = same.map(Source::node).orElseGet(() -> idOf(owner, target));
                    boolean followed = nodes.isFollowed(id)
                            && same.filter(source -> source.connection().equals(connection))
                                    .isPresent();
                    return followed
                            ? Future.succeededFuture(id)
                            : use(new Source(id, owner, connection), target).map(id);
                });
    }

    private static boolean isFull(List<Source> known, ConnectionString.Lnd target) {
        return known.size() >= NODES_OF_OWNER_MAX && at(target, known).isEmpty();
    }

    private static Optional<Source> at(ConnectionString.Lnd target, List<Source> known) {
        return known.stream().filter(source -> source.isAt(target)).findFirst();
    }

    private Future<Void> use(Source source, ConnectionString.Lnd target) {
        log.info("lightning.node.attach node={} owner={} host={}", source.node(), source.owner(), target.host());
        return connector
                .apply(target)
                .compose(node -> sources.save(source, clock.now())
                        .onFailure(unsaved -> node.close())
                        .compose(saved -> nodes.attach(source.node(), node)));
    }

    /** Forgets what an owner left and nothing waits for; what is left. */
    private Future<List<Source>> tidy(String owner, List<Source> known) {
        return wanted().compose(wanted -> {
            Future<Void> done = Future.succeededFuture();
            for (Source source : known) {
                done = wanted.contains(source.node()) ? done : done.compose(before -> forget(source));
            }
            return done.compose(tidied -> sources.of(owner));
        });
    }

    /** Followed no longer it can be given no invoice; only then it is certain that none of it is open. */
    private Future<Void> forget(Source source) {
        return nodes.detach(source.node())
                .compose(ended -> wanted())
                .compose(wanted -> wanted.contains(source.node()) ? reopen(source) : delete(source));
    }

    private Future<Void> delete(Source source) {
        log.info("lightning.node.forgotten node={} owner={}", source.node(), source.owner());
        connectedAt.remove(source.node());
        return sources.forget(source.node());
    }

    /** Those that are used, that somebody waits for, or that were connected a moment ago. */
    private Future<Set<NodeId>> wanted() {
        Supplier<Future<Set<NodeId>>> asked = wanted;
        if (asked == null) {
            return Future.failedFuture(LightningNodes.tooMany(NODES_OF_OWNER_MAX)); // nobody can say yet
        }
        Instant fresh = clock.now().minus(FRESH);
        return asked.get().map(used -> {
            Set<NodeId> all = new HashSet<>(used);
            connectedAt.forEach((node, at) -> {
                if (at.isAfter(fresh)) {
                    all.add(node);
                }
            });
            return all;
        });
    }

    /** See {@link LightningNodes#resume}. */
    Future<Void> resume(Supplier<Future<Set<NodeId>>> used) {
        wanted = used;
        return used.get()
                .compose(wanted -> sources.all().compose(known -> {
                    List<Future<Void>> steps = new ArrayList<>(known.size());
                    for (Source source : known) {
                        steps.add(wanted.contains(source.node()) ? reopen(source) : delete(source));
                    }
                    return Future.join(steps).mapEmpty();
                }));
    }

    /** A node whose credentials cannot be read, or whose name has no address now, is tried until it can be opened. */
    private Future<Void> reopen(Source source) {
        if (nodes.isFollowed(source.node())) {
            return Future.succeededFuture(); // somebody gave it a new connection meanwhile
        }
        return Future.succeededFuture(source.connection().value())
                .map(ConnectionString::parse)
                .compose(connector::apply)
                .compose(node -> nodes.attach(source.node(), node))
                .recover(cause -> {
                    log.warn(
                            "lightning.node.unreachable node={} owner={} cause={}",
                            source.node(),
                            source.owner(),
                            cause.toString());
                    vertx.setTimer(REOPEN_MS, again -> reopenIfKnown(source));
                    return Future.succeededFuture();
                });
    }

    /** Meanwhile it may have been forgotten, or have another credential. */
    private void reopenIfKnown(Source source) {
        sources.of(source.owner())
                .onSuccess(known -> {
                    if (known.contains(source)) {
                        reopen(source);
                    }
                })
                .onFailure(unread -> vertx.setTimer(REOPEN_MS, again -> reopenIfKnown(source)));
    }

    /** Owners never share a node, even at one address: nobody uses another's credential. */
    private static NodeId idOf(String owner, ConnectionString.Lnd target) {
        String key = owner + "\n" + target.host().toLowerCase(Locale.ROOT) + "\n" + target.port();
        return new NodeId("lnd-" + HexFormat.of().formatHex(Sha256.of(key), 0, 16));
    }
}
