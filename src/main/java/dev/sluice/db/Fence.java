package dev.sluice.db;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Proof, inside a transaction, that this process still holds a lease: a former holder's step fails and rolls back. */
@FunctionalInterface
public interface Fence {
    /** For single-process set-ups and tests. */
    Fence NONE = tx -> Future.succeededFuture();

    /** Fails where the lease has passed to another process. */
    Future<Void> check(SqlConnection tx);
}
