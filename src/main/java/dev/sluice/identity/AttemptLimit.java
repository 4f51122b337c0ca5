package dev.sluice.identity;

import dev.sluice.kernel.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts attempts by key in windows of fixed length; an attempt counts before its outcome is known. */
final class AttemptLimit {
    /** About 10 MB; when this many keys are inside their window, new keys wait rather than old ones be forgotten. */
    private static final int KEYS_MAX = 50_000;

    private record Count(int attempts, Instant until) {}

    private final Clock clock;
    private final int attemptsMax;
    private final Duration window;
    private final Map<String, Count> counts = new ConcurrentHashMap<>();

    AttemptLimit(Clock clock, int attemptsMax, Duration window) {
        this.clock = clock;
        this.attemptsMax = attemptsMax;
        this.window = window;
    }

    /** Counts an attempt; false where it is one too many. */
    boolean take(String key) {
        Instant now = clock.now();
        if (counts.size() >= KEYS_MAX && !counts.containsKey(key)) {
            counts.values().removeIf(count -> !now.isBefore(count.until()));
            if (counts.size() >= KEYS_MAX) {
                return false;
            }
        }
        Count count = counts.merge(
                key,
                new Count(1, now.plus(window)),
                (old, first) -> now.isBefore(old.until()) ? new Count(old.attempts() + 1, old.until()) : first);
        return count.attempts() <= attemptsMax;
    }

    /** Takes an attempt back that turned out right. */
    void giveBack(String key) {
        counts.computeIfPresent(
                key, (k, count) -> count.attempts() <= 1 ? null : new Count(count.attempts() - 1, count.until()));
    }
}
