package dev.sluice.db;

import dev.sluice.kernel.Check;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.Optional;

/** Hands out leases of the table {@code lease}; who holds one is decided by the database and its clock. */
public final class Leases {
    private static final String FORFEIT = "update lease set expires_at = '-infinity' where name = $1";

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

    /**
     * Ends whoever's turn it is at once, instead of waiting for its term. Only where no other process can have the
     * database open: its holder is known to be dead. The next holder's token fences it off all the same.
     */
    public Future<Void> forfeit(String name) {
        return db.write(FORFEIT, Tuple.of(name)).mapEmpty();
    }
}
