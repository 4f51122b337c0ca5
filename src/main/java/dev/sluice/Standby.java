package dev.sluice;

import dev.sluice.db.Lease;
import dev.sluice.kernel.Failure;
import dev.sluice.ops.Foundation;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for this process's turn as long as it takes, through a database that is away and comes back. */
final class Standby {
    private static final Logger log = LoggerFactory.getLogger(Standby.class);
    /** The next process takes over this long after the one before it died. */
    private static final Duration TERM = Duration.ofSeconds(10);

    private static final long LOOK_MS = 1_000;
    /** A database that is away is asked less often, and still twice within a term. */
    private static final long LOOK_MAX_MS = 5_000;

    private final Foundation f;
    private final Management management;
    private final Runnable onLost;
    private final Promise<Lease> turn = Promise.promise();
    private volatile boolean stopped;
    private boolean told;
    private boolean portless;
    private long waitMs = LOOK_MS;

    /** @param onLost called once when a turn that was taken is over without having been given back */
    Standby(Foundation foundation, Management management, Runnable onLost) {
        this.f = foundation;
        this.management = management;
        this.onLost = onLost;
    }

    /** Completes with the turn; fails when the process stops before it has one. */
    Future<Lease> turn() {
        f.shutdown().started("standby", this::stop);
        look();
        return turn.future();
    }

    private Future<Void> stop() {
        stopped = true;
        turn.tryFail(new Failure.Unavailable("stopping", "This process stops", 1).exception());
        return Future.succeededFuture();
    }

    private void look() {
        f.leases().acquire(Foundation.TURN, TERM, onLost).onComplete(answer -> {
            if (answer.succeeded() && answer.result().isPresent()) {
                taken(answer.result().get());
            } else if (!stopped) {
                note(answer);
                management.open().onFailure(this::withoutPort).onComplete(tried -> {
                    f.vertx().setTimer(waitMs, again -> look());
                });
            }
        });
    }

    private void taken(Lease lease) {
        f.shutdown().started("turn", lease::release);
        if (!turn.tryComplete(lease)) {
            lease.release();
        }
    }

    private void note(AsyncResult<Optional<Lease>> answer) {
        if (answer.failed()) {
            log.warn("standby.unsure wait={} cause={}", waitMs, answer.cause().toString());
            waitMs = Math.min(LOOK_MAX_MS, waitMs * 2);
            return;
        }
        waitMs = LOOK_MS;
        if (!told) {
            told = true;
            log.info("standby another process drives this database");
        }
    }

    /** The serving process may be on this machine and have the same port; it is free when that one is gone. */
    private void withoutPort(Throwable failure) {
        if (!portless) {
            portless = true;
            log.warn("standby.management.unbound cause={}", failure.toString());
        }
    }
}
