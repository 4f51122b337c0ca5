package dev.sluice.ledger;

/** What became of one transfer of a batch. */
public enum Outcome {
    /** Made now. */
    CREATED,
    /** Was made before with the same content: the same result, nothing moved. */
    EXISTS,
    /** Its id belongs to a transfer with other content; nothing moved. */
    EXISTS_DIFFERENT,
    /** The reservation it ends is missing or has ended otherwise; nothing moved. */
    STALE,
    /** A guarded account cannot bear it, or it posts more than was reserved; nothing moved. */
    INSUFFICIENT,
    /** An account exists with another asset; nothing moved. */
    ACCOUNT_MISSING
}
