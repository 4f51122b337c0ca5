package dev.sluice.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private static final Limits.Zone ZONE = new Limits.Zone("zone", 60, 3);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final RateLimiter limiter = new RateLimiter(now::get);

    @Test
    void admitsTheBurstThenOneForEachInterval() {
        assertThat(limiter.take(ZONE, "a")).isEqualTo(new RateLimiter.Decision(true, 2, 1, 0));
        assertThat(limiter.take(ZONE, "a")).isEqualTo(new RateLimiter.Decision(true, 1, 2, 0));
        assertThat(limiter.take(ZONE, "a")).isEqualTo(new RateLimiter.Decision(true, 0, 3, 0));
        assertThat(limiter.take(ZONE, "a")).isEqualTo(new RateLimiter.Decision(false, 0, 3, 1));
        pass(Duration.ofMillis(999));
        assertThat(limiter.take(ZONE, "a").admitted()).isFalse();
        pass(Duration.ofMillis(1));
        assertThat(limiter.take(ZONE, "a").admitted()).isTrue();
        assertThat(limiter.take(ZONE, "a").admitted()).isFalse();
    }

    @Test
    void refusedRequestsCostNothing() {
        exhaust("a");
        IntStream.range(0, 1_000).forEach(round -> limiter.take(ZONE, "a"));
        pass(Duration.ofSeconds(1));
        assertThat(limiter.take(ZONE, "a").admitted()).isTrue();
    }

    @Test
    void callersAndZonesDoNotShare() {
        exhaust("a");
        assertThat(limiter.take(ZONE, "b").admitted()).isTrue();
        assertThat(limiter.take(new Limits.Zone("other", 60, 3), "a").admitted())
                .isTrue();
    }

    @Test
    void aClockSetBackLocksNobodyOut() {
        exhaust("a");
        pass(Duration.ofHours(-1));
        assertThat(limiter.take(ZONE, "a").admitted()).isFalse();
        pass(Duration.ofSeconds(3));
        assertThat(limiter.take(ZONE, "a").admitted()).isTrue();
    }

    @Test
    void strangersShareOneBucketWhenMemoryIsFull() {
        RateLimiter small = new RateLimiter(now::get, 10);
        IntStream.range(0, 10).forEach(caller -> small.take(ZONE, "known" + caller));
        IntStream.range(0, 3)
                .forEach(caller -> assertThat(
                                small.take(ZONE, "stranger" + caller).admitted())
                        .isTrue());
        assertThat(small.take(ZONE, "stranger9").admitted()).isFalse();
        assertThat(small.take(ZONE, "known1").admitted()).isTrue();
        pass(Duration.ofMinutes(1));
        exhaust(small, "stranger9");
        assertThat(small.take(ZONE, "stranger10").admitted()).isTrue();
    }

    private void exhaust(String caller) {
        exhaust(limiter, caller);
    }

    private static void exhaust(RateLimiter limiter, String caller) {
        IntStream.range(0, 3).forEach(round -> limiter.take(ZONE, caller));
        assertThat(limiter.take(ZONE, caller).admitted()).isFalse();
    }

    private void pass(Duration time) {
        now.set(now.get().plus(time));
    }
}
