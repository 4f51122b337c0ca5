package dev.sluice.it;

import dev.sluice.kernel.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Time that passes when a test says so. It begins now, because the gateway compares it with the database's. */
final class StoppedClock implements Clock {
    private volatile Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @Override
    public Instant now() {
        return now;
    }

    void pass(Duration time) {
        now = now.plus(time);
    }
}
