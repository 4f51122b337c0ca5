package dev.sluice.db;

import dev.sluice.kernel.Check;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;

/** Hands out leases of the table {@code lease}; who holds one is decided by the database and its clock. */
public final class Leases {
    private final Vertx vertx;
    private final Db db;
    private final String holder;

    /**
     * @param holder names this process and run, and no other: a restarted process must not take its old turn for held
     */
    public Leases(Vertx vertx, Db db, String holder) {
        Check.require(!holder.isBlank() && holder.length() <= 200, "lease holder");
        this.vertx = vertx;
        this.db = db;
        this.holder = holder;
    }

    /**
     * Takes a lease if nobody holds it; empty when another does.
     *
     * @param term how long it lasts without renewal, at least 10 ms; 10 to 30 s suits a node that is driven
     * @param onLost called once, on an event loop, when the turn is over without having been released
     */
    public Future<Optional<Lease>> acquire(String name, Duration term, Runnable onLost) {
        Check.require(term.toMillis() >= 10, "lease term");
        Lease lease = new Lease(vertx, db, name, holder, term, onLost);
        return lease.take().map(taken -> taken ? Optional.of(lease) : Optional.empty());
    }

    /** Competes for a lease until stopped: drives while it is held, waits while another holds it. */
    public Candidate compete(String name, Duration term, Candidate.Driver driver) {
        Candidate candidate = new Candidate(vertx, this, name, term, driver);
        candidate.start();
        return candidate;
    }
}
