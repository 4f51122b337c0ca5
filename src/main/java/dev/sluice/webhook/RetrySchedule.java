package dev.sluice.webhook;

import dev.sluice.kernel.Entropy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When a failed delivery is tried again: eleven more times over three days, each wait lengthened by up to a tenth so
 * that the failures of one outage do not all come back together (reliability rule WH-01).
 */
final class RetrySchedule {
    static final List<Duration> WAITS = List.of(
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofHours(2),
            Duration.ofHours(5),
            Duration.ofHours(10),
            Duration.ofHours(14),
            Duration.ofHours(20),
            Duration.ofHours(24));

    /** A receiver may ask for patience, not for oblivion. */
    static final Duration RETRY_AFTER_MAX = Duration.ofHours(1);

    private static final int JITTER_PARTS = 1_000;
    private static final int JITTER_DIVISOR = 10;

    private final Entropy entropy;

    RetrySchedule(Entropy entropy) {
        this.entropy = entropy;
    }

    /** The wait after the attempt of a number (1 is the first), or empty after the last. */
    Optional<Duration> after(int attempt, Optional<Duration> retryAfter) {
        if (attempt > WAITS.size()) {
            return Optional.empty();
        }
        Duration wait = WAITS.get(attempt - 1);
        int part = Math.floorMod(ByteBuffer.wrap(entropy.bytes(Integer.BYTES)).getInt(), JITTER_PARTS);
        Duration jittered = wait.plus(wait.multipliedBy(part).dividedBy((long) JITTER_PARTS * JITTER_DIVISOR));
        return Optional.of(
                retryAfter.filter(asked -> asked.compareTo(jittered) > 0).orElse(jittered));
    }
}
