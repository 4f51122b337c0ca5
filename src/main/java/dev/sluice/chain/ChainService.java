package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Optional;

/** What other features may ask of the chain. */
public interface ChainService {
    /**
     * Hands out the next watched address of a wallet inside the caller's transaction; {@code subject}
     * ({@code invoice:<id>}) is stored with it. Fails with {@code Unavailable} where the pool is empty, and before the
     * node was read for the first time: what is mined until then is not looked for.
     */
    Future<ReservedAddress> reserve(SqlConnection tx, WalletId wallet, String subject);

    /** The highest first index: what lies below is not derived, but counted. */
    int START_INDEX_MAX = 1_000_000;

    /**
     * Makes sure a wallet exists for a descriptor (already checked) and that its pool is filled.
     *
     * @param startIndex the first address to hand out from now on, 0 to {@link #START_INDEX_MAX}: those below belong to
     *     whoever used the account before. Fails with {@code Rejected} above 0 where the account was another owner's
     *     before: its next payers would be asked to pay addresses that its wallet does not look for yet
     */
    Future<WalletId> openWallet(String owner, String descriptor, int startIndex);

    /** Of an account that nobody used before. */
    default Future<WalletId> openWallet(String owner, String descriptor) {
        return openWallet(owner, descriptor, 0);
    }

    /** The watcher's tip, if it has ever seen one. */
    Optional<Tip> tip();

    /**
     * The watcher's place. An expiry at time T may be decided once {@code caughtUpAt} is after T: everything the node
     * had accepted by then has been read, and the node was not, as far as can be seen, behind the network.
     */
    record Tip(int height, String hash, Instant medianTime, Instant caughtUpAt) {}

    /** Whether new addresses may be shown: the node answers, is synced and the watcher is at its tip; else a reason. */
    Optional<String> unavailableReason();

    /** Suggested fee rate in sat per 1,000 vbytes from the last poll, clamped to sane bounds. */
    long feeRateSatPerKvb();
}
