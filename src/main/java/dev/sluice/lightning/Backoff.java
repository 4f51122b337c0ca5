package dev.sluice.lightning;

import dev.sluice.kernel.Entropy;
import java.nio.ByteBuffer;

/** Waits that double from {@code firstMs} to {@code lastMs}, each between half and all of its length. */
final class Backoff {
    private final Entropy entropy;
    private final long firstMs;
    private final long lastMs;
    private int attempt;

    Backoff(Entropy entropy, long firstMs, long lastMs) {
        this.entropy = entropy;
        this.firstMs = firstMs;
        this.lastMs = lastMs;
    }

    /** How long to wait before the next attempt, in milliseconds. */
    long nextMs() {
        long full = Math.min(lastMs, firstMs << Math.min(attempt++, 20));
        long half = Math.max(1, full / 2);
        return half + Math.floorMod(ByteBuffer.wrap(entropy.bytes(8)).getLong(), half);
    }

    /** It worked: the next wait is the first again. */
    void reset() {
        attempt = 0;
    }
}
