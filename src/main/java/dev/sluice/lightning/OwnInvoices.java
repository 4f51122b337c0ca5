package dev.sluice.lightning;

import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Optional;

/** Invoices of the node that is to pay them. It refuses to pay itself, so they are settled in the books. */
public interface OwnInvoices {
    /** Knows none. */
    OwnInvoices NONE = new OwnInvoices() {
        @Override
        public Future<Optional<Preimage>> waiting(PaymentHash hash) {
            return Future.succeededFuture(Optional.empty());
        }

        @Override
        public Future<Void> withdraw(PaymentHash hash) {
            return Future.failedFuture(new IllegalStateException("no invoice of ours"));
        }

        @Override
        public Future<Void> settle(SqlConnection tx, PaymentHash hash, Msat amount, Instant now) {
            return Future.failedFuture(new IllegalStateException("no invoice of ours"));
        }
    };

    /** The preimage of one that waits to be paid; empty for any other hash. */
    Future<Optional<Preimage>> waiting(PaymentHash hash);

    /** Lets the node take no payment of it any more; {@code Rejected} where it has taken one. */
    Future<Void> withdraw(PaymentHash hash);

    /** Credits one that was withdrawn, in the transaction that takes the money; fails where it was paid. */
    Future<Void> settle(SqlConnection tx, PaymentHash hash, Msat amount, Instant now);
}
