package dev.sluice.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryScheduleTest {
    private final RetrySchedule exact = new RetrySchedule(byte[]::new);
    private final RetrySchedule late = new RetrySchedule(count -> new byte[] {0, 0, 3, (byte) 0xe7}); // 999

    @Test
    void elevenRetriesCoverThreeDaysThenItEnds() {
        Duration total = Duration.ZERO;
        for (int attempt = 1; attempt <= 11; attempt++) {
            total = total.plus(exact.after(attempt, Optional.empty()).orElseThrow());
        }
        assertThat(total).isBetween(Duration.ofDays(3), Duration.ofDays(4));
        assertThat(exact.after(12, Optional.empty())).isEmpty();
        assertThat(exact.after(12, Optional.of(Duration.ofMinutes(1)))).isEmpty();
    }

    @Test
    void jitterLengthensByUpToATenth() {
        assertThat(exact.after(1, Optional.empty())).contains(Duration.ofSeconds(5));
        assertThat(late.after(1, Optional.empty()).orElseThrow())
                .isBetween(Duration.ofMillis(5_499), Duration.ofMillis(5_500));
    }

    @Test
    void retryAfterLengthensButNeverShortens() {
        assertThat(exact.after(1, Optional.of(Duration.ofMinutes(7)))).contains(Duration.ofMinutes(7));
        assertThat(exact.after(4, Optional.of(Duration.ofSeconds(1)))).contains(Duration.ofMinutes(10));
    }
}
