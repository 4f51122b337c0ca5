package dev.sluice.chain;

import dev.sluice.kernel.Check;

/**
 * How the chain is watched.
 *
 * @param pollMs how often the node is asked when it gives no hint, 50 to 60,000
 * @param feeTargetBlocks confirmation target of the suggested fee rate, 1 to 1,008
 * @param feeMaxSatPerKvb upper bound of the suggested fee rate in sat per 1,000 vbytes
 */
public record ChainConfig(Network network, long pollMs, int feeTargetBlocks, long feeMaxSatPerKvb) {
    /** The node's own default for relaying: a lower rate is not heard. */
    static final long FEE_MIN_SAT_PER_KVB = 1_000;

    public ChainConfig {
        Check.require(pollMs >= 50 && pollMs <= 60_000, "chain poll interval is 50 to 60,000 ms");
        Check.require(feeTargetBlocks >= 1 && feeTargetBlocks <= 1_008, "fee target is 1 to 1,008 blocks");
        Check.require(feeMaxSatPerKvb >= FEE_MIN_SAT_PER_KVB, "fee limit is at least 1,000 sat per 1,000 vbytes");
    }

    /** Every 3 s, fees for 6 blocks, at most 500 sat a vbyte. */
    public static ChainConfig of(Network network) {
        return new ChainConfig(network, 3_000, 6, 500_000);
    }
}
