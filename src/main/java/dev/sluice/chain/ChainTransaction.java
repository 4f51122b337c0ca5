package dev.sluice.chain;

import java.util.List;

/**
 * A transaction that concerns us.
 *
 * @param spends outpoints, none for a coinbase
 * @param replaceable whether an input signals BIP 125
 */
record ChainTransaction(
        String txid, List<Outpoint> spends, List<Output> outputs, boolean replaceable, boolean coinbase) {
    ChainTransaction {
        spends = List.copyOf(spends);
        outputs = List.copyOf(outputs);
    }

    /** {@code script} is shared, never changed. */
    @SuppressWarnings("ArrayRecordComponent")
    record Output(int vout, byte[] script, long valueSat) {}
}
