package dev.sluice.kernel;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bounded cache whose entries live for moments. Whoever loads takes the {@link #generation()} before reading: what
 * was read before an {@link #invalidate()} is never kept after it, so that a revocation in this process holds at once
 * and one in another process after {@code lifetime}.
 */
public final class ShortLived<K, V> {
    private record Entry<V>(V value, Instant until) {}

    private final Clock clock;
    private final Duration lifetime;
    private final int entriesMax;
    private final Map<K, Entry<V>> entries = new ConcurrentHashMap<>();
    private final AtomicLong generation = new AtomicLong();

    public ShortLived(Clock clock, Duration lifetime, int entriesMax) {
        this.clock = clock;
        this.lifetime = lifetime;
        this.entriesMax = entriesMax;
    }

    /** The value, unless it is unknown or too old. */
    public Optional<V> get(K key) {
        Entry<V> entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        Instant now = clock.now();
        Instant until = entry.until();
        boolean fresh = now.isBefore(until) && !now.isBefore(until.minus(lifetime)); // a clock set back ages nothing
        return fresh ? Optional.of(entry.value()) : Optional.empty();
    }

    /** Taken before reading what {@link #put} will keep. */
    public long generation() {
        return generation.get();
    }

    /** Keeps a value that was read after {@code readAt} was taken, unless something was invalidated since. */
    public void put(K key, V value, long readAt) {
        if (generation.get() != readAt) {
            return;
        }
        if (entries.size() >= entriesMax) {
            entries.clear();
        }
        Entry<V> entry = new Entry<>(value, clock.now().plus(lifetime));
        entries.put(key, entry);
        if (generation.get() != readAt) { // after the put, so that no invalidation slips between check and put
            entries.remove(key, entry);
        }
    }

    /** Forgets everything: misses are cheap, stale rights are not. */
    public void invalidate() {
        generation.incrementAndGet();
        entries.clear();
    }
}
