package dev.sluice.chain;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Hex;

/** One output of one transaction. {@code txid} as people write it: 64 lower-case hex digits, byte-reversed hash. */
public record Outpoint(String txid, int vout) {
    public Outpoint {
        Check.require(Hex.isLower(txid, 64), "malformed txid");
        Check.require(vout >= 0, "negative output index");
    }

    @Override
    public String toString() {
        return txid + ":" + vout;
    }
}
