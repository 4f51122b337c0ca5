package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Reversible;
import dev.sluice.ledger.Transfer;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings the ledger in line with payments. A payment is credited when it is settled and, on chain, at least one block
 * deep; it is reversed when a reorganisation takes it back. A credit's id is the payment's fact, with the count of
 * earlier credits behind it after a reversal.
 */
final class PaymentLedger {
    private static final String RECEIVED = "payment.received";
    private static final String REVERSED = "payment.reversed";

    private final Ledger ledger;

    PaymentLedger(Ledger ledger) {
        this.ledger = ledger;
    }

    /**
     * What the ledger is brought to.
     *
     * @param payments with their new credit marks
     * @param reversals of what no longer holds, one after the other
     * @param credits of what is due, each after what the operator bore of its last reversal is known
     */
    record Brought(List<Payment> payments, List<OfStore> reversals, List<OfStore> credits) {
        Brought {
            payments = List.copyOf(payments);
            reversals = List.copyOf(reversals);
            credits = List.copyOf(credits);
        }
    }

    /** A payment as it was, and whose money it is. */
    record OfStore(Payment payment, StoreId store) {}

    /** What is missing, and what no longer holds; nothing is posted. */
    Brought bring(List<Payment> payments, Function<InvoiceId, StoreId> storeOf, @Nullable Integer tipHeight) {
        List<Payment> after = new ArrayList<>(payments.size());
        List<OfStore> reversals = new ArrayList<>();
        List<OfStore> credits = new ArrayList<>();
        for (Payment payment : payments) {
            OfStore its = new OfStore(payment, storeOf.apply(payment.invoice()));
            if (!payment.credited() && isDue(payment, tipHeight)) {
                credits.add(its);
                after.add(payment.withCredit(payment.credits() + 1, true));
            } else if (payment.credited() && isLost(payment)) {
                reversals.add(its);
                after.add(payment.withCredit(payment.credits(), false));
            } else {
                after.add(payment);
            }
        }
        return new Brought(after, reversals, credits);
    }

    /** Posts it; fails where the ledger refuses one. */
    Future<Void> post(SqlConnection tx, Brought brought) {
        Future<Void> before = Future.succeededFuture();
        for (OfStore lost : brought.reversals()) {
            before = before.compose(done -> reverse(tx, lost.payment(), lost.store()));
        }
        List<Transfer> transfers = new ArrayList<>();
        for (OfStore due : brought.credits()) {
            before = before.compose(done -> loss(tx, due.payment(), due.store()))
                    .compose(loss -> {
                        transfers.addAll(credit(due.payment(), due.store(), loss));
                        return Future.succeededFuture();
                    });
        }
        return before.compose(done -> ledger.post(tx, transfers));
    }

    /** Books money that belongs to nothing we know. */
    Future<Void> unclaimed(SqlConnection tx, List<Transfer> transfers) {
        return ledger.post(tx, transfers);
    }

    /** Its own fact: a keysend may carry a hash that another node's prompt was paid under, and both are money. */
    static Transfer unclaimedLightning(String hash, long amountMsat) {
        return Transfer.single(
                "ln:" + hash + ":unclaimed",
                Account.custody("ln"),
                Account.unclaimed(),
                amountMsat,
                "payment.unclaimed",
                "ln:" + hash);
    }

    private static boolean isDue(Payment payment, @Nullable Integer tipHeight) {
        if (payment.status() != Payment.Status.SETTLED) {
            return false;
        }
        return payment.rail() == Rail.LIGHTNING
                || (tipHeight != null && payment.confirmations(tipHeight) >= payment.confirmationsToCredit());
    }

    private static boolean isLost(Payment payment) {
        return payment.rail() == Rail.CHAIN && payment.blockHeight() == null;
    }

    /** What the operator bore of the payment's last reversal, in msat. */
    private Future<Long> loss(SqlConnection tx, Payment payment, StoreId store) {
        return payment.holder() == Holder.STORE
                ? Future.succeededFuture(0L)
                : held(payment, store).loss(ledger, tx);
    }

    private static List<Transfer> credit(Payment payment, StoreId store, long loss) {
        return payment.holder() == Holder.OPERATOR
                ? held(payment, store).credit(loss)
                : List.of(Transfer.single(
                        creditId(payment, payment.credits()),
                        Account.outside(store),
                        Account.received(store),
                        payment.value().value(),
                        RECEIVED,
                        Invoice.subject(payment.invoice())));
    }

    private Future<Void> reverse(SqlConnection tx, Payment payment, StoreId store) {
        return payment.holder() == Holder.OPERATOR
                ? held(payment, store).reverse(ledger, tx)
                : ledger.post(
                        tx,
                        List.of(Transfer.single(
                                creditId(payment, payment.credits() - 1) + ":reversal",
                                Account.received(store),
                                Account.outside(store),
                                payment.value().value(),
                                REVERSED,
                                Invoice.subject(payment.invoice()))));
    }

    /** A payment whose money the operator holds, and owes the store. */
    private static Reversible held(Payment payment, StoreId store) {
        return new Reversible(
                creditId(payment, 0),
                payment.credits(),
                Account.custody(railName(payment)),
                Account.store(store),
                payment.value().value(),
                RECEIVED,
                Invoice.subject(payment.invoice()));
    }

    private static String creditId(Payment payment, int nth) {
        String fact = payment.rail() == Rail.LIGHTNING
                ? "ln:" + payment.id()
                : "onchain:" + payment.id().replace('-', ':');
        return nth == 0 ? fact : fact + "#" + nth;
    }

    private static String railName(Payment payment) {
        return payment.rail() == Rail.LIGHTNING ? "ln" : "chain";
    }
}
