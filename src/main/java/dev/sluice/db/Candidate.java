package dev.sluice.db;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes a lease whenever it is free and lets a driver work while it is held. */
public final class Candidate {
    private static final Logger log = LoggerFactory.getLogger(Candidate.class);

    /** What works while the lease is held. */
    public interface Driver {
        /** The turn began; every write checks the lease as its fence. Called on an event loop. */
        Future<Void> start(Lease lease);

        /** The turn is over, or about to be given back: stop. Completes when nothing is under way any more. */
        Future<Void> stop();
    }

    private final Vertx vertx;
    private final Context context;
    private final Leases leases;
    private final String name;
    private final Duration term;
    private final Driver driver;
    private @Nullable Lease lease;
    private Future<Void> turn = Future.succeededFuture();
    private boolean stopped;

    Candidate(Vertx vertx, Leases leases, String name, Duration term, Driver driver) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.leases = leases;
        this.name = name;
        this.term = term;
        this.driver = driver;
    }

    void start() {
        context.runOnContext(go -> compete());
    }

    /** Stops the driver, then gives the lease back. */
    public Future<Void> stop() {
        Promise<Void> done = Promise.promise();
        context.runOnContext(go -> {
            stopped = true;
            Lease ours = lease;
            lease = null;
            after(ours == null ? Future::succeededFuture : driver::stop)
                    .eventually(() -> ours == null ? Future.succeededFuture() : ours.release())
                    .onComplete(done);
        });
        return done.future();
    }

    private void compete() {
        if (stopped) {
            return;
        }
        leases.acquire(name, term, () -> context.runOnContext(go -> lost()))
                .onComplete(answer -> context.runOnContext(go -> {
                    Optional<Lease> taken = answer.succeeded() ? answer.result() : Optional.empty();
                    if (taken.isEmpty()) {
                        vertx.setTimer(Math.max(1, term.toMillis() / 3), again -> compete());
                    } else if (stopped) {
                        taken.get().release();
                    } else {
                        drive(taken.get());
                    }
                }));
    }

    private void drive(Lease taken) {
        lease = taken;
        after(() -> driver.start(taken)).onFailure(failure -> log.warn("lease.driver.failed name={}", name, failure));
    }

    private void lost() {
        if (lease != null) {
            lease = null;
            after(driver::stop).onComplete(done -> context.runOnContext(go -> compete()));
        }
    }

    /** One at a time: a driver is never stopped while it starts, nor started while it stops. */
    private Future<Void> after(Supplier<Future<Void>> step) {
        turn = turn.transform(before -> step.get());
        return turn;
    }
}
