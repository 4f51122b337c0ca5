package dev.sluice.db;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Keeps out a writer whose turn is over: checked first in each of its transactions. */
@FunctionalInterface
public interface Fence {
    /** Nobody else can be writing: tests, and processes that are alone by construction. */
    Fence NONE = tx -> Future.succeededFuture();

    /** Fails, and so rolls the transaction back, unless the turn is still the caller's; holds it until the commit. */
    Future<Void> check(SqlConnection tx);
}
