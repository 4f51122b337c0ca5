package dev.sluice.chain;

import dev.sluice.kernel.Check;
import java.util.regex.Pattern;

/** One output of one transaction. {@code txid} as people write it: 64 lower-case hex digits, byte-reversed hash. */
public record Outpoint(String txid, int vout) {
    private static final Pattern TXID = Pattern.compile("[0-9a-f]{64}");

    public Outpoint {
        Check.require(TXID.matcher(txid).matches(), "malformed txid");
        Check.require(vout >= 0, "negative output index");
    }

    @Override
    public String toString() {
        return txid + ":" + vout;
    }
}
