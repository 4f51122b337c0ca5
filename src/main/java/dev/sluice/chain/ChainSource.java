package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bitcoin node as the watcher needs it. Truth comes from the calls; {@link #onHint} may be late, repeated or silent.
 * Every future fails with {@link dev.sluice.kernel.FailureException} ({@code Unavailable}) where the node cannot
 * answer.
 */
public interface ChainSource {
    /** {@code main}, {@code test}, {@code signet} or {@code regtest}, and the tip. */
    Future<Status> status();

    /**
     * State of the node.
     *
     * @param synced past initial block download, which a node that was off for less than a day does not go back to
     * @param headers height of the best header it knows; above {@code height} while it fetches the blocks
     */
    record Status(String chain, int height, String tipHash, boolean synced, int headers, String genesisHash) {}

    /** The hash at a height of the active chain, or null above the tip. */
    Future<@Nullable String> hashAt(int height);

    /** A header by hash, whether or not it is on the active chain. {@code active}: it is. */
    Future<Header> header(String hash);

    /** A block header; {@code time}, as its miner said, and {@code medianTime} in Unix seconds. */
    record Header(String hash, @Nullable String previousHash, int height, long time, long medianTime, boolean active) {}

    /** A whole block, serialised as on the wire. */
    Future<Buffer> block(String hash);

    /** All transaction ids of the mempool. */
    Future<List<String>> mempool();

    /** A transaction of the mempool, serialised; null where the node does not hold it unconfirmed. */
    Future<@Nullable Buffer> mempoolTransaction(String txid);

    /** Sends a transaction; its txid. Already known is success. */
    Future<String> broadcast(Buffer transaction);

    /**
     * Fee rate for confirmation within {@code blocks}, in sat per 1,000 vbytes, or null where the node has no
     * estimate.
     */
    Future<@Nullable Long> feeRateSatPerKvb(int blocks);

    /** Something may have happened: look now. Called on any thread; carries nothing. */
    void onHint(Runnable hint);

    void close();
}
