package dev.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LaneTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");
    private static final Instant LATER = NOW.plusSeconds(30);

    private final Lane lane = new Lane();

    @Test
    void widensWithSuccessUpToEightAndNarrowsWithFailure() {
        fill(100);
        int running = startable();
        assertThat(running).isEqualTo(1);
        int most = running;
        for (int i = 0; i < 30; i++) {
            lane.ended(attempt(200), NOW);
            running += startable() - 1;
            most = Math.max(most, running);
        }
        assertThat(most).isEqualTo(Lane.WIDTH_MAX);
        lane.ended(attempt(500), NOW);
        assertThat(lane.isProven()).isFalse();
        assertThat(startable()).isZero();
    }

    @Test
    void holdsABoundedQueue() {
        fill(Lane.QUEUE_MAX);
        assertThat(lane.offer(job(), LATER, NOW)).isFalse();
    }

    @Test
    void closesAfterFailuresInARowForLongerEachTimeUpToFiveMinutes() {
        fill(10);
        for (int i = 1; i < Lane.FAILURES_MAX; i++) {
            lane.next(NOW);
            lane.ended(attempt(null), NOW);
            assertThat(lane.isOpen(NOW)).isTrue();
        }
        lane.ended(attempt(null), NOW);
        assertThat(lane.isOpen(NOW)).isFalse();
        assertThat(lane.next(NOW)).isEmpty();
        assertThat(lane.offer(job(), LATER, NOW)).isFalse();
        assertThat(lane.closedUntil()).isEqualTo(NOW.plusSeconds(5));
        for (int i = 0; i < 20; i++) {
            lane.ended(attempt(null), NOW);
        }
        assertThat(lane.closedUntil()).isEqualTo(NOW.plus(Duration.ofMinutes(5)));
    }

    @Test
    void closesForAsLongAsTheReceiverAsks() {
        lane.ended(new Attempt(job(), NOW, 429, "busy", null, Optional.of(Duration.ofMinutes(9))), NOW);
        assertThat(lane.isOpen(NOW.plusSeconds(539))).isFalse();
        assertThat(lane.isOpen(NOW.plusSeconds(540))).isTrue();
    }

    @Test
    void jobWhoseClaimHasAgedIsNotSent() {
        fill(3);
        assertThat(lane.next(LATER)).isEmpty();
        assertThat(lane.hasWork()).isFalse();
    }

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            assertThat(lane.offer(job(), LATER, NOW)).isTrue();
        }
    }

    /** Starts what may be started now. */
    private int startable() {
        int started = 0;
        while (lane.next(NOW).isPresent()) {
            started++;
        }
        return started;
    }

    private static Attempt attempt(@Nullable Integer code) {
        return new Attempt(job(), NOW, code, null, null, Optional.empty());
    }

    private static Job job() {
        return new Job(
                "a", "w", "a", 1, "InvoiceSettled", NOW, "s", "{}", "https://x.example", new Secret("k"), null, true);
    }
}
