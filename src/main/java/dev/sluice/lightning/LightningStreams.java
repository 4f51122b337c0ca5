package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.db.Rest;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.LightningNode.NodeInfo;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.LightningNode.Subscription;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one node: its settle stream for speed, its books for completeness, its HTLC events as hints. The stream can
 * lose, repeat and reorder, and cannot replay settle index 1; so after each connect, and every ten minutes, the audit
 * reads the node's invoices from the oldest one that was still open, and hands every settle to the same writer.
 */
final class LightningStreams extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(LightningStreams.class);
    private static final long HEALTH_MS = 5_000;
    private static final long AUDIT_MS = 600_000;
    /** A settle and the hint of it come within milliseconds. */
    private static final long HINTS_MS = 1_000;

    private static final long BACKLOG_LOOK_MS = 150;
    /** Half a minute. */
    private static final int BACKLOG_LOOKS = 200;
    /** A stream that has not ended by then was alive: keepalive finds a dead one in 20 s. */
    private static final Duration STREAM_PROOF = Duration.ofSeconds(25);

    /** A batch of so many costs nearly as little for each as the largest. */
    private static final int EAGER_FROM = 100;

    private static final String CONNECTING = "The Lightning node is not connected yet";

    private final NodeId id;
    private final LightningNode node;
    private final Clock clock;
    private final LightningRepository repository;
    private final SettleWriter writer;
    private final NodeAdmission admission;
    private final NodeTrust trust;
    private final BookAudit books;
    private final HtlcHints hints;
    private final SettleQueue queue = new SettleQueue();
    private final Backoff reconnects;
    private final Backoff rewrites;
    private @Nullable Subscription settles;
    private final AtomicBoolean waking = new AtomicBoolean();
    private final Rest rest = new Rest((ms, what) -> vertx.setTimer(ms, over -> what.run()), EAGER_FROM, this::write);
    private boolean writing;
    /** Grows with each connection and each loss: what began before then has no say any more. */
    private int generation;

    private boolean connected;
    private boolean audited;
    private boolean stopped;
    private volatile @Nullable String unavailable = CONNECTING;
    private volatile @Nullable Instant caughtUpAt;

    LightningStreams(Db db, Clock clock, Entropy entropy, NodeId id, LightningNode node, SettleSink sink, Fence fence) {
        this.clock = clock;
        this.id = id;
        this.node = node;
        this.repository = new LightningRepository(db);
        this.writer = new SettleWriter(db, repository, id, sink, fence, clock);
        this.admission = new NodeAdmission(db, repository, fence, id, node, writer);
        this.trust = new NodeTrust(node);
        this.books = new BookAudit(repository, id, trust, writer, clock);
        this.hints = new HtlcHints(id, node);
        this.reconnects = new Backoff(entropy, 200, 15_000);
        this.rewrites = new Backoff(entropy, 100, 5_000);
    }

    LightningNode node() {
        return node;
    }

    NodeTrust trust() {
        return trust;
    }

    Optional<String> unavailableReason() {
        return Optional.ofNullable(unavailable);
    }

    /** Why the node's word does not count now; empty from its admission on, also where it cannot receive. */
    Optional<String> untrustedReason() {
        return trust.isGiven()
                ? Optional.empty()
                : Optional.of(unavailableReason().orElse(CONNECTING));
    }

    Optional<Instant> caughtUpAt() {
        return Optional.ofNullable(caughtUpAt);
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(HEALTH_MS, tick -> checkHealth());
        vertx.setPeriodic(HINTS_MS, tick -> lookAtHints());
        vertx.setPeriodic(AUDIT_MS, tick -> auditDue());
        connect();
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        stopped = true;
        unsubscribe();
        trust.end("The Lightning node is not followed any more");
        return writer.submit(List.of());
    }

    private void connect() {
        if (stopped) {
            return;
        }
        int mine = ++generation;
        trust.begin();
        node.info()
                .compose(info -> admission.admit(info).onSuccess(cursor -> {
                    report(info);
                    if (mine == generation) {
                        trust.admit();
                    }
                }))
                .compose(cursor -> mine == generation ? follow(cursor) : Future.succeededFuture())
                .onSuccess(done -> log.info("lightning.stream.caught-up node={} at={}", id, caughtUpAt))
                .onFailure(cause -> {
                    if (mine == generation) {
                        lost(cause);
                    }
                });
    }

    /** Subscribes and reads the books; a fresh cursor reads first, since a stream from 0 has no backlog. */
    private Future<Void> follow(long cursor) {
        connected = true;
        if (cursor > 0) {
            subscribe(cursor);
            return backlogApplied(BACKLOG_LOOKS, false).compose(applied -> audit());
        }
        return audit().compose(read -> repository.find(id)).compose(known -> {
            subscribe(known.map(LightningRepository.KnownNode::cursor).orElse(0L));
            return audit();
        });
    }

    /**
     * Waits for what the stream replays to be applied, so that the node does not read the same invoices for the audit
     * at the same time: together they took twice as long. A busy stream ends the wait after a while; the audit is
     * complete in any case.
     */
    private Future<Void> backlogApplied(int looksLeft, boolean quietBefore) {
        boolean quiet = queue.isEmpty() && !writing;
        if (looksLeft == 0 || (quiet && quietBefore)) {
            return Future.succeededFuture();
        }
        return vertx.timer(BACKLOG_LOOK_MS, TimeUnit.MILLISECONDS)
                .compose(look -> backlogApplied(looksLeft - 1, quiet));
    }

    private void subscribe(long cursor) {
        unsubscribe();
        if (stopped) {
            return;
        }
        connected = true;
        StreamHandle handle = new StreamHandle();
        settles = handle.bind(node.subscribeSettles(cursor, handle::onSettle, handle::onEnd));
        hints.open(this::onContext);
        log.info("lightning.stream.open node={} settleIndex={}", id, cursor);
    }

    private void unsubscribe() {
        connected = false;
        audited = false;
        hints.close();
        if (settles != null) {
            settles.cancel();
            settles = null;
        }
    }

    /** One subscription's callbacks, which come on the stream's thread. */
    private final class StreamHandle {
        private volatile @Nullable Subscription stream;

        Subscription bind(Subscription started) {
            stream = started;
            return started;
        }

        void onSettle(Settle settle) {
            Subscription started = stream;
            if (queue.add(settle) && started != null) {
                started.pause();
            }
            if (waking.compareAndSet(false, true)) { // one call wakes for all that came meanwhile
                context.runOnContext(wake -> {
                    waking.set(false);
                    write();
                });
            }
        }

        void onEnd(@Nullable Throwable cause) {
            context.runOnContext(back -> {
                if (settles == stream) {
                    lost(
                            cause == null
                                    ? new Failure.Unavailable("lightning-stream-ended", "the stream ended", 1)
                                            .exception()
                                    : cause);
                }
            });
        }
    }

    private void lost(Throwable cause) {
        generation++;
        unsubscribe();
        if (stopped) {
            return;
        }
        String why = reason(cause);
        unavailable = why;
        trust.end(why);
        long waitMs = reconnects.nextMs();
        log.warn("lightning.stream.lost node={} retryMs={} cause={}", id, waitMs, cause.toString());
        vertx.setTimer(waitMs, retry -> connect());
    }

    private void write() {
        if (stopped || writing || queue.isEmpty() || rest.holds(queue.size())) {
            return;
        }
        writing = true;
        writeBatch(queue.take(settles), rest.began());
    }

    /** A batch that cannot be written now is kept and tried again: the stream has already moved on. */
    private void writeBatch(List<Settle> batch, long began) {
        writer.submit(batch).onComplete(written -> {
            if (written.succeeded()) {
                rewrites.reset();
                writing = false;
                rest.ended(began);
                write();
            } else if (!stopped) {
                log.warn(
                        "lightning.settles.unwritten node={} count={} cause={}",
                        id,
                        batch.size(),
                        written.cause().toString());
                vertx.setTimer(rewrites.nextMs(), retry -> writeBatch(batch, began));
            }
        });
    }

    /** An audit after the one that runs; from any thread. */
    Future<Void> auditNow() {
        return Future.future(done -> context.runOnContext(here -> audit().onComplete(done)));
    }

    /** What the timer does, from any thread: a reading of large books may outlast its period. */
    void auditDue() {
        context.runOnContext(here -> {
            if (connected && !books.isRunning()) {
                hints.open(this::onContext);
                audit();
            }
        });
    }

    private void onContext(Runnable work) {
        context.runOnContext(here -> work.run());
    }

    /** A busy stream is on its way to what was hinted. */
    private void lookAtHints() {
        if (queue.isEmpty() && !writing) {
            hints.look(
                    writer::hasApplied,
                    hash -> sweep(hash)
                            .onFailure(failure ->
                                    log.info("lightning.hint.unanswered node={} cause={}", id, failure.toString())));
        }
    }

    private Future<Void> audit() {
        int mine = generation;
        return books.next(() -> mine == generation)
                .onSuccess(began -> {
                    audited = mine == generation && settles != null;
                    reconnects.reset();
                    advanceCaughtUp(began);
                })
                .mapEmpty();
    }

    /** Applies what the node says of one hash now; from any thread. Fails while the node is not admitted. */
    Future<Void> sweep(PaymentHash hash) {
        return trust.ask(asked -> asked.lookup(hash))
                .compose(found -> Future.future(done -> context.runOnContext(
                        here -> writer.submit(found == null ? List.of() : BookAudit.settlesOf(List.of(found)))
                                .onComplete(done))));
    }

    private void checkHealth() {
        if (!connected) {
            return; // connecting says why
        }
        if (audited && queue.isEmpty() && !writing) {
            advanceCaughtUp(clock.now().minus(STREAM_PROOF));
        }
        node.info().onSuccess(this::report).onFailure(failure -> unavailable = reason(failure));
    }

    private void advanceCaughtUp(Instant moment) {
        Instant before = caughtUpAt;
        caughtUpAt = before == null || moment.isAfter(before) ? moment : before;
    }

    private void report(NodeInfo info) {
        if (!info.syncedToChain()) {
            unavailable = "The Lightning node is not synchronised to the chain";
        } else if (info.activeChannels() == 0) {
            unavailable = "The Lightning node has no active channel";
        } else if (info.receivable().equals(Msat.ZERO)) {
            unavailable = "The Lightning node's channels cannot receive anything now";
        } else {
            unavailable = null;
        }
    }

    private static String reason(Throwable failure) {
        return failure instanceof FailureException expected
                ? expected.failure().message()
                : "The Lightning node does not answer";
    }
}
