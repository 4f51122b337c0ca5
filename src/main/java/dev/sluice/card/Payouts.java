package dev.sluice.card;

import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.Outgoing;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Optional;

/** The way of money out of the ledger, over the operator's node. */
public interface Payouts {
    /** Whether a node is there that may spend. */
    boolean isAvailable();

    /** Whether it has as much to do as it may: what is ordered now would wait, perhaps for days. */
    boolean isFull();

    /** The prefix of invoices that it can pay: {@code bc}, {@code tb}, {@code tbs} or {@code bcrt}. */
    String network();

    /** Writes down what is to be paid, beside what reserves the money. */
    Future<Outgoing> intend(SqlConnection tx, Outgoing.Order order);

    /** What was ordered for a payment hash; empty for nothing. */
    Future<Optional<Outgoing>> find(PaymentHash hash);

    /** After the commit: pays now instead of with the next sweep. */
    void drive(PaymentHash hash);
}
