package dev.sluice.db;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;

/** Compares this machine's clock with the database's: expiries are written by one and judged by the other. */
public final class ClockSkew {
    /** An invoice lives minutes; a minute off decides about money. */
    private static final Duration SKEW_MAX = Duration.ofSeconds(60);

    private ClockSkew() {}

    /** Fails with {@code Unavailable} where the clocks are more than a minute apart. */
    public static Future<Void> check(Db db, Clock clock) {
        return db.read("select clock_timestamp() as now").compose(rows -> {
            Instant theirs = rows.iterator().next().getOffsetDateTime("now").toInstant();
            Duration skew = Duration.between(clock.now(), theirs);
            if (skew.abs().compareTo(SKEW_MAX) <= 0) {
                return Future.succeededFuture();
            }
            String message = "The database's clock is " + skew.toSeconds() + " s off ours; set both by NTP";
            return Future.failedFuture(new Failure.Unavailable("clock-skew", message, 60).exception());
        });
    }
}
