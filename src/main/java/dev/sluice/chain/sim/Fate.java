package dev.sluice.chain.sim;

/** What becomes of the transactions of blocks that a reorganisation throws out. */
public enum Fate {
    /** Mined again at the heights they had. */
    REMINED,
    /** Mined again together in the last block of the new branch. */
    DELAYED,
    /** Back in the mempool. */
    RETURNED,
    /** Forgotten by everyone. */
    DROPPED,
    /** Their inputs are spent to somebody else in the last block of the new branch. */
    DOUBLE_SPENT
}
