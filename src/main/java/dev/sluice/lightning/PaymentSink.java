package dev.sluice.lightning;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Gives the end of an outgoing payment its meaning: posts or releases what was reserved for it. */
@FunctionalInterface
public interface PaymentSink {
    /** Called once for each payment, with its final state, inside the transaction that makes it final. */
    Future<Void> apply(SqlConnection tx, Outgoing outcome);
}
