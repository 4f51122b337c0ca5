package dev.sluice.chain;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one node: a pass reads blocks, then the mempool, and starts on a timer or a hint. Deploy one instance while
 * holding the lease that {@code fence} checks. Passes never overlap; each begins from what is stored, so lost, repeated
 * and reordered hints, failures and restarts all lead to the same end state.
 */
public final class ChainWatcher extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(ChainWatcher.class);
    private static final String WORKER = "sluice-chain";
    /** A 4 MB block with ten million scripts takes well under a second; a minute means a stuck machine. */
    private static final long WORKER_NS_MAX = 60_000_000_000L;
    /**
     * A node whose tip is older may have missed blocks and not know it: one without peers hears of no header either.
     * On mainnet one block in 400 takes as long, about 130 a year, and until it comes only the expiry of invoices
     * waits. A longer bound would be a longer time in which a node without peers lets us call paid invoices expired.
     */
    private static final Duration TIP_AGE_MAX = Duration.ofHours(1);

    private final ChainConfig config;
    private final ChainSource source;
    private final ChainRepository repository;
    private final Scanner scanner;
    private final StepWriter steps;
    private final Clock clock;
    private volatile @Nullable String unavailable = "The chain has not been read yet";
    private volatile ChainService.@Nullable Tip tip;
    private volatile long feeRate = ChainConfig.FEE_MIN_SAT_PER_KVB;
    private @Nullable Following following;
    private boolean loaded;
    /** A step failed whose commit may have taken place: only the database knows the tip. */
    private boolean doubtful;
    /** The tip is so old that reading it is not reading to now. */
    private boolean stale;

    private boolean stopping;
    private @Nullable Future<Void> running;
    private @Nullable Promise<Void> queued;

    private record Following(Context context, WorkerExecutor worker, BlockFollower blocks, MempoolFollower mempool) {}

    public ChainWatcher(
            ChainConfig config, ChainSource source, Db db, ChainSink sink, Fence fence, Clock clock, Entropy entropy) {
        this.config = config;
        this.source = source;
        this.repository = new ChainRepository(db, clock);
        this.scanner =
                new Scanner(new WalletRepository(db), repository, new ScriptSet(entropy), new ScriptSet(entropy));
        this.steps = new StepWriter(db, fence, sink, clock);
        this.clock = clock;
    }

    @Override
    public Future<?> start() {
        Vertx vertx = this.vertx;
        WorkerExecutor worker = vertx.createSharedWorkerExecutor(WORKER, 1, WORKER_NS_MAX);
        following = new Following(
                context,
                worker,
                new BlockFollower(source, repository, scanner, steps, worker),
                new MempoolFollower(source, repository, scanner, steps, worker));
        source.onHint(this::look);
        vertx.setPeriodic(0, config.pollMs(), timer -> look());
        return Future.succeededFuture();
    }

    @Override
    public Future<?> stop() {
        stopping = true;
        Future<Void> last = running == null ? Future.succeededFuture() : running;
        return last.otherwiseEmpty()
                .compose(done -> following == null
                        ? Future.succeededFuture()
                        : following.worker().close());
    }

    /** Looks at the node now; done when a pass that began after this call has ended. Any thread. */
    public Future<Void> look() {
        Following with = following;
        if (with == null) {
            return Future.failedFuture(new IllegalStateException("not deployed"));
        }
        Promise<Void> looked = Promise.promise();
        with.context().runOnContext(go -> enqueue(with).onComplete(looked));
        return looked.future();
    }

    private Future<Void> enqueue(Following with) {
        if (stopping) {
            return Future.succeededFuture();
        }
        if (running == null) {
            return begin(with);
        }
        if (queued == null) {
            queued = Promise.promise();
        }
        return queued.future();
    }

    private Future<Void> begin(Following with) {
        Future<Void> pass = load(with).compose(ready -> pass(with)).onFailure(this::failed);
        running = pass;
        pass.onComplete(done -> {
            running = null;
            Promise<Void> next = queued;
            queued = null;
            if (next != null) {
                enqueue(with).onComplete(next);
            }
        });
        return pass;
    }

    private Future<Void> load(Following with) {
        if (loaded) {
            return doubtful ? with.blocks().load().onSuccess(ready -> doubtful = false) : Future.succeededFuture();
        }
        return scanner.load().compose(ready -> with.blocks().load()).onSuccess(ready -> {
            loaded = true;
            publish(with, Instant.EPOCH);
            log.info("chain.loaded scripts={}", scanner.scripts());
        });
    }

    /**
     * One pass. Whatever the node had when it began is read when it ends: mined before (blocks), waiting (mempool), or
     * mined in between, in which case the tip has moved and another pass follows before anything is called caught up.
     */
    private Future<Void> pass(Following with) {
        Instant began = clock.now();
        return source.status()
                .compose(this::admit)
                .compose(status -> with.blocks().follow(status).compose(left -> {
                    if (left) {
                        with.mempool().forget();
                    }
                    ChainRepository.Block top = with.blocks().tip();
                    return top == null
                            ? Future.succeededFuture()
                            : with.mempool().follow(top);
                }))
                .compose(read -> steps.again())
                .compose(tried -> source.status())
                .compose(status -> finish(with, status, began));
    }

    private Future<Void> finish(Following with, ChainSource.Status status, Instant began) {
        ChainRepository.Block top = with.blocks().tip();
        if (top == null || !top.hash().equals(status.tipHash())) {
            return stopping ? Future.succeededFuture() : pass(with);
        }
        return readTo(top, status, began).compose(moment -> {
            publish(with, moment);
            if (unavailable != null) {
                log.info("chain.available height={} tip={}", top.height(), top.hash());
                unavailable = null;
            }
            return source.feeRateSatPerKvb(config.feeTargetBlocks())
                    .onSuccess(this::suggest)
                    .<Void>mapEmpty()
                    .otherwiseEmpty(); // the last suggestion stands
        });
    }

    /**
     * Up to when everything is known: when the pass began, or a time of the tip where the node knows of blocks that it
     * has not, or may not know of them.
     */
    private Future<Instant> readTo(ChainRepository.Block top, ChainSource.Status status, Instant began) {
        if (status.headers() > status.height()) { // by the median: miners may say a time that is still to come
            Instant mined = Instant.ofEpochSecond(top.medianTime());
            return Future.succeededFuture(mined.isBefore(began) ? mined : began);
        }
        if (config.network() == Network.REGTEST) { // its blocks come when somebody wants one
            return Future.succeededFuture(began);
        }
        return source.header(top.hash()).map(header -> {
            Instant mined = Instant.ofEpochSecond(header.time());
            boolean old = mined.plus(TIP_AGE_MAX).isBefore(began);
            if (old && !stale) {
                log.warn("chain.tip.old height={} mined={}", top.height(), mined);
            }
            stale = old;
            return old ? mined : began;
        });
    }

    /** Refuses a node of another network and freezes while a node is not ready: nothing is concluded from its view. */
    private Future<ChainSource.Status> admit(ChainSource.Status status) {
        Network network = config.network();
        if (!status.chain().equals(network.id()) || !status.genesisHash().equals(network.genesisHash())) {
            return unavailable("wrong-network", "The bitcoin node is on another network than configured");
        }
        return status.synced()
                ? Future.succeededFuture(status)
                : unavailable("node-syncing", "The bitcoin node is still downloading the chain");
    }

    private void publish(Following with, Instant caughtUpAt) {
        ChainRepository.Block top = with.blocks().tip();
        if (top != null) {
            tip = new ChainService.Tip(top.height(), top.hash(), Instant.ofEpochSecond(top.medianTime()), caughtUpAt);
        }
    }

    private void suggest(@Nullable Long satPerKvb) {
        if (satPerKvb != null) {
            feeRate = Math.clamp(satPerKvb, ChainConfig.FEE_MIN_SAT_PER_KVB, config.feeMaxSatPerKvb());
        }
    }

    private void failed(Throwable failure) {
        doubtful = true;
        String reason = failure instanceof FailureException expected
                ? expected.failure().message()
                : "The chain cannot be read at the moment";
        boolean news = !reason.equals(unavailable);
        unavailable = reason;
        if (failure instanceof FailureException expected) {
            if (news) {
                log.warn("chain.unavailable reason={}", expected.failure().code());
            }
        } else {
            log.error("chain.pass.failed", failure);
        }
    }

    /** See {@link ChainService#tip()}; any thread. */
    Optional<ChainService.Tip> tip() {
        return Optional.ofNullable(tip);
    }

    /** See {@link ChainService#unavailableReason()}; any thread. */
    Optional<String> unavailableReason() {
        return Optional.ofNullable(unavailable);
    }

    /** See {@link ChainService#feeRateSatPerKvb()}; any thread. */
    long feeRateSatPerKvb() {
        return feeRate;
    }

    private static <T> Future<T> unavailable(String code, String message) {
        return Future.failedFuture(new Failure.Unavailable(code, message, 30).exception());
    }
}
