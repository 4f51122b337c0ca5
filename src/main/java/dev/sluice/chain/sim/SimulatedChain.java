package dev.sluice.chain.sim;

import dev.sluice.chain.Addresses;
import dev.sluice.chain.ChainSource;
import dev.sluice.chain.Network;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.Transaction;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A bitcoin node of our own on regtest's genesis. Every act and every question runs on its own context, so it may be
 * used from any thread; acts are done when they are in the journal. The same seed and acts, starts among them, give the
 * same chain.
 */
public final class SimulatedChain implements ChainSource {
    private static final long FEE_SAT_PER_KVB = 2_000;
    private static final byte[] NOBODY = new byte[0];

    private final Context context;
    private final Clock clock;
    private final Journal journal;
    private final SimulatedState state;
    private final Random faults;
    private final List<Runnable> hints = new CopyOnWriteArrayList<>();
    private boolean down;
    private boolean syncing;
    private int headersAhead;
    private int hintsLostPercent;
    private int hintCopies = 1;

    private SimulatedChain(Vertx vertx, Clock clock, long seed, @Nullable Path path) {
        this.context = vertx.getOrCreateContext();
        this.clock = clock;
        this.journal = new Journal(vertx, path);
        this.state = new SimulatedState(seed);
        this.faults = new Random(~seed);
    }

    /**
     * Starts at genesis, or where the journal ends.
     *
     * @param path the journal, or null to forget everything at the end
     */
    public static Future<SimulatedChain> open(Vertx vertx, Clock clock, long seed, @Nullable Path path) {
        SimulatedChain chain = new SimulatedChain(vertx, clock, seed, path);
        return chain.journal
                .read()
                .compose(lines -> chain.act(() -> {
                    chain.state.replay(lines);
                    return chain.state.history();
                }))
                .compose(chain.journal::rewrite)
                .map(chain);
    }

    /** Pays from fresh coins; the txid. */
    public Future<String> payTo(String address, long sat) {
        return payTo(address, sat, true);
    }

    /** As {@link #payTo(String, long)}; {@code replaceable} signals BIP 125. */
    public Future<String> payTo(String address, long sat, boolean replaceable) {
        return act(() -> accept(state.pay(script(address), sat, replaceable)));
    }

    /** Pays with the first output of a transaction that is still in the mempool; the txid. */
    public Future<String> payFrom(String parentTxid, String address, long sat) {
        return act(() -> accept(state.child(pooled(parentTxid), script(address), sat)));
    }

    /** Replaces a transaction of the mempool by one with the same inputs (BIP 125); the new txid. */
    public Future<String> replace(String txid, String address, long sat) {
        return act(() -> accept(state.rival(pooled(txid), script(address), sat)));
    }

    /** Mines everything in the mempool into the first of {@code blocks} blocks. */
    public Future<Void> mine(int blocks) {
        return act(() -> {
            for (int i = 0; i < blocks; i++) {
                state.mine(pool(), NOBODY, seconds());
            }
            return null;
        });
    }

    /** Mines one block whose new coins go to an address. */
    public Future<Void> mineTo(String address) {
        return act(() -> {
            state.mine(pool(), script(address), seconds());
            return null;
        });
    }

    /** Mines {@code blocks} blocks that leave the mempool waiting. */
    public Future<Void> mineEmpty(int blocks) {
        return act(() -> {
            for (int i = 0; i < blocks; i++) {
                state.mine(List.of(), NOBODY, seconds());
            }
            return null;
        });
    }

    /** Replaces the last {@code depth} blocks by {@code depth + 1} others, in one step as seen from outside. */
    public Future<Void> reorg(int depth, Fate fate) {
        return act(() -> {
            List<List<Transaction>> removed = new ArrayList<>();
            for (int i = 0; i < depth; i++) {
                removed.addFirst(state.removeTip());
            }
            List<Transaction> all = removed.stream().flatMap(List::stream).toList();
            for (int i = 0; i <= depth; i++) {
                boolean last = i == depth;
                state.mine(
                        switch (fate) {
                            case REMINED -> last ? List.of() : removed.get(i);
                            case DELAYED -> last ? all : List.<Transaction>of();
                            case DOUBLE_SPENT -> last ? rivals(all) : List.<Transaction>of();
                            case RETURNED, DROPPED -> List.<Transaction>of();
                        },
                        NOBODY,
                        seconds());
            }
            if (fate == Fate.RETURNED) {
                all.forEach(state::accept);
            }
            return null;
        });
    }

    private List<Transaction> rivals(List<Transaction> of) {
        return of.stream().map(tx -> state.rival(tx, new byte[] {0x51}, 1_000)).toList();
    }

    /** Forgets a transaction of the mempool without any contradiction, as a full node does. */
    public Future<Void> evict(String txid) {
        return act(() -> {
            state.evict(txid);
            return null;
        });
    }

    /** Loses its last blocks without having others, as a node does whose disk was restored. */
    public Future<Void> lose(int blocks) {
        return act(() -> {
            for (int i = 0; i < blocks; i++) {
                state.removeTip();
            }
            return null;
        });
    }

    /** Whether every question fails from now on. */
    public Future<Void> down(boolean down) {
        return act(() -> {
            this.down = down;
            return null;
        });
    }

    /** Whether it says that it is still downloading the chain. */
    public Future<Void> syncing(boolean syncing) {
        return act(() -> {
            this.syncing = syncing;
            return null;
        });
    }

    /** How many headers it knows whose blocks it has not fetched yet. */
    public Future<Void> headersAhead(int blocks) {
        return act(() -> {
            this.headersAhead = blocks;
            return null;
        });
    }

    /** How many hints of a hundred are lost, and how often each other one is given. */
    public Future<Void> hints(int lostPercent, int copies) {
        return act(() -> {
            hintsLostPercent = lostPercent;
            hintCopies = copies;
            return null;
        });
    }

    @Override
    public Future<Status> status() {
        return ask(() -> {
            Branch.Placed tip = state.branch().tip();
            return new Status(
                    Network.REGTEST.id(),
                    tip.height(),
                    tip.hash(),
                    !syncing,
                    tip.height() + headersAhead,
                    Network.REGTEST.genesisHash());
        });
    }

    @Override
    public Future<@Nullable String> hashAt(int height) {
        return ask(() -> {
            Branch.Placed placed = state.branch().at(height);
            return placed == null ? null : placed.hash();
        });
    }

    @Override
    public Future<Header> header(String hash) {
        return ask(() -> {
            Branch.Placed placed = placed(hash);
            return new Header(
                    hash,
                    placed.previous(),
                    placed.height(),
                    placed.block().header.time,
                    state.branch().medianTime(placed),
                    state.branch().isActive(placed));
        });
    }

    @Override
    public Future<Buffer> block(String hash) {
        return ask(() -> Buffer.buffer(Block.write(placed(hash).block())));
    }

    @Override
    public Future<List<String>> mempool() {
        return ask(state::mempool);
    }

    @Override
    public Future<@Nullable Buffer> mempoolTransaction(String txid) {
        return ask(() -> {
            Transaction transaction = state.pooled(txid);
            return transaction == null ? null : Buffer.buffer(Transaction.write(transaction));
        });
    }

    @Override
    public Future<String> broadcast(Buffer transaction) {
        return ask(() -> Transaction.read(transaction.getBytes()))
                .recover(failure -> failure instanceof FailureException
                        ? Future.failedFuture(failure)
                        : Future.failedFuture(rejected("This is not a transaction")))
                .compose(read -> act(() -> accept(read)));
    }

    @Override
    public Future<@Nullable Long> feeRateSatPerKvb(int blocks) {
        return ask(() -> FEE_SAT_PER_KVB);
    }

    @Override
    public void onHint(Runnable hint) {
        hints.add(hint);
    }

    @Override
    public void close() {
        hints.clear();
    }

    private String accept(Transaction transaction) {
        if (!state.accept(transaction)) {
            throw rejected("An input of the transaction is spent already");
        }
        return transaction.txid.toString();
    }

    private List<Transaction> pool() {
        return state.mempool().stream().map(this::pooled).toList();
    }

    private Transaction pooled(String txid) {
        Transaction transaction = state.pooled(txid);
        if (transaction == null) {
            throw rejected("The transaction is not in the mempool");
        }
        return transaction;
    }

    private Branch.Placed placed(String hash) {
        Branch.Placed placed = state.branch().find(hash);
        if (placed == null) {
            throw rejected("No such block");
        }
        return placed;
    }

    private static byte[] script(String address) {
        return HexFormat.of().parseHex(Addresses.parse(Network.REGTEST, address));
    }

    private long seconds() {
        return clock.now().getEpochSecond();
    }

    /** A question of the watcher: fails while the node is down. */
    private <T extends @Nullable Object> Future<T> ask(Supplier<T> question) {
        return onContext(() -> {
            if (down) {
                throw new Failure.Unavailable("bitcoind-unavailable", "The bitcoin node does not answer", 5)
                        .exception();
            }
            return question.get();
        });
    }

    /** An act on the network, which goes on while our node is down. */
    private <T extends @Nullable Object> Future<T> act(Supplier<T> act) {
        return onContext(act)
                .compose(result ->
                        journal.append(state.takeWritten()).map(result).onSuccess(done -> hint()));
    }

    private void hint() {
        if (down || faults.nextInt(100) < hintsLostPercent) {
            return;
        }
        for (int i = 0; i < hintCopies; i++) {
            hints.forEach(Runnable::run);
        }
    }

    private <T extends @Nullable Object> Future<T> onContext(Supplier<T> work) {
        Promise<T> promise = Promise.promise();
        context.runOnContext(go -> {
            try {
                promise.complete(work.get());
            } catch (RuntimeException failure) {
                promise.fail(failure);
            }
        });
        return promise.future();
    }

    private static RuntimeException rejected(String message) {
        return new Failure.Rejected("transaction-rejected", message).exception();
    }
}
