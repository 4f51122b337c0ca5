package dev.sluice.chain;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is now known of an output that pays a script of ours. A later change for the same outpoint replaces the earlier.
 *
 * @param script the script paid, lower-case hex
 * @param valueSat value in satoshi, above 0
 * @param replaceable whether a mempool transaction signals BIP 125 replacement (itself or by an ancestor)
 * @param coinbase whether it needs 100 confirmations before it can be spent
 * @param seenAt when it was first seen; for one that was found in a block, no later than the block's median time past
 */
public record OutputChange(
        Outpoint outpoint,
        String script,
        long valueSat,
        State state,
        boolean replaceable,
        boolean coinbase,
        Instant seenAt) {
    /** Confirmations after which a coinbase output can be spent, and so counts (consensus). */
    public static final int COINBASE_MATURITY = 100;

    /** Where the output stands. Nothing here is inferred from silence. */
    public sealed interface State {
        /** Seen in the mempool, or dropped from a block back to unknown whereabouts: unconfirmed, still possible. */
        record Unconfirmed() implements State {}

        /** In a block of the active chain. */
        record Confirmed(int height, String blockHash) implements State {}

        /** Its transaction can no longer happen unless the named one is undone: that one spends an input of it. */
        record Conflicted(String byTxid, @Nullable Integer byHeight) implements State {}
    }
}
