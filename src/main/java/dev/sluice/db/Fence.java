package dev.sluice.db;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * Keeps a process that lost its lease from writing: checked inside each transaction of the work the lease guards, it
 * fails the transaction unless the caller still holds the newest token.
 */
@FunctionalInterface
public interface Fence {
    /** Nothing guards this work: a single process, or a test. */
    Fence NONE = tx -> Future.succeededFuture();

    /** Succeeds while the lease is ours; holds it for the rest of the transaction. */
    Future<Void> check(SqlConnection tx);
}
