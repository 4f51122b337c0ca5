package dev.sluice.http;

import dev.sluice.kernel.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Token buckets, one for each caller, in the form of the generic cell rate algorithm (ITU-T I.371): a bucket is the
 * one instant at which it will be full again. Shared by all event loops without locks.
 */
final class RateLimiter {
    /** Callers remembered at once, about 10 MiB; beyond it, unknown callers of a zone share one bucket. */
    private static final int BUCKETS_MAX = 100_000;
    /** Full buckets forgotten in one go when room is needed: some tens of microseconds. */
    private static final int SWEEP_MAX = 500;

    private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final ConcurrentHashMap<Bucket, AtomicLong> buckets = new ConcurrentHashMap<>();
    private final Clock clock;
    private final int bucketsMax;

    RateLimiter(Clock clock) {
        this(clock, BUCKETS_MAX);
    }

    RateLimiter(Clock clock, int bucketsMax) {
        this.clock = clock;
        this.bucketsMax = bucketsMax;
    }

    private record Bucket(String zone, String caller) {}

    /**
     * @param remaining requests that would be admitted at once now
     * @param resetSeconds until the bucket is full, rounded up
     * @param retryAfterSeconds until one is admitted; 0 where this one was
     */
    record Decision(boolean admitted, int remaining, int resetSeconds, int retryAfterSeconds) {}

    /** Takes one token of a caller, if there is one. */
    Decision take(Limits.Zone zone, String caller) {
        long now = nanos();
        long interval = MINUTE_NANOS / zone.perMinute();
        long capacity = interval * zone.burst();
        AtomicLong fullAt = bucket(new Bucket(zone.name(), caller), now);
        while (true) {
            long seen = fullAt.get();
            if (seen > now + capacity) {
                // The clock was set back: nobody is locked out for longer than an empty bucket would.
                fullAt.compareAndSet(seen, now + capacity);
                continue;
            }
            long from = Math.max(seen, now);
            long next = from + interval;
            if (next - now > capacity) {
                return new Decision(false, 0, seconds(from - now), seconds(next - now - capacity));
            }
            if (fullAt.compareAndSet(seen, next)) {
                return new Decision(true, (int) ((capacity - (next - now)) / interval), seconds(next - now), 0);
            }
        }
    }

    private AtomicLong bucket(Bucket bucket, long now) {
        AtomicLong known = buckets.get(bucket);
        if (known != null) {
            return known;
        }
        if (buckets.size() >= bucketsMax) {
            forgetFull(now);
        }
        Bucket admitted = buckets.size() < bucketsMax ? bucket : new Bucket(bucket.zone(), "*");
        return buckets.computeIfAbsent(admitted, fresh -> new AtomicLong());
    }

    private void forgetFull(long now) {
        Iterator<AtomicLong> all = buckets.values().iterator();
        for (int count = 0; count < SWEEP_MAX && all.hasNext(); count++) {
            if (all.next().get() <= now) {
                all.remove();
            }
        }
    }

    private long nanos() {
        Instant now = clock.now();
        return now.getEpochSecond() * SECOND_NANOS + now.getNano();
    }

    private static int seconds(long nanos) {
        return (int) Math.ceilDiv(nanos, SECOND_NANOS);
    }
}
