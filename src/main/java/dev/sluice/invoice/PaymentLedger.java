package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Outcome;
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

    /** Posts what is missing and reverses what no longer holds; the payments with their new credit marks. */
    Future<List<Payment>> bring(
            SqlConnection tx,
            List<Payment> payments,
            Function<InvoiceId, StoreId> storeOf,
            @Nullable Integer tipHeight) {
        List<Transfer> credits = new ArrayList<>();
        List<Payment> after = new ArrayList<>(payments.size());
        Future<Void> reversals = Future.succeededFuture();
        for (Payment payment : payments) {
            StoreId store = storeOf.apply(payment.invoice());
            if (!payment.credited() && isDue(payment, tipHeight)) {
                credits.add(credit(payment, store));
                after.add(payment.withCredit(payment.credits() + 1, true));
            } else if (payment.credited() && isLost(payment)) {
                reversals = reversals.compose(done -> reverse(tx, payment, store));
                after.add(payment.withCredit(payment.credits(), false));
            } else {
                after.add(payment);
            }
        }
        return reversals
                .compose(reversed -> ledger.apply(tx, credits))
                .compose(outcomes -> mustHold(credits, outcomes))
                .map(held -> List.copyOf(after));
    }

    /** Books money that belongs to nothing we know. */
    Future<Void> unclaimed(SqlConnection tx, List<Transfer> transfers) {
        return ledger.apply(tx, transfers).compose(outcomes -> mustHold(transfers, outcomes));
    }

    static Transfer unclaimedLightning(String hash, long amountMsat) {
        return Transfer.single(
                "ln:" + hash,
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

    private static Transfer credit(Payment payment, StoreId store) {
        boolean owed = payment.holder() == Holder.OPERATOR;
        Account from = owed ? Account.custody(railName(payment)) : Account.outside(store);
        Account to = owed ? Account.store(store) : Account.received(store);
        return Transfer.single(
                creditId(payment, payment.credits()), from, to, payment.value().value(), RECEIVED, subject(payment));
    }

    /** A store that spent the money already is not driven below zero: the operator bears the rest. */
    private Future<Void> reverse(SqlConnection tx, Payment payment, StoreId store) {
        String id = creditId(payment, payment.credits() - 1) + ":reversal";
        long amount = payment.value().value();
        if (payment.holder() == Holder.STORE) {
            return post(
                    tx,
                    List.of(Transfer.single(
                            id, Account.received(store), Account.outside(store), amount, REVERSED, subject(payment))));
        }
        return ledger.available(tx, Account.store(store)).compose(available -> {
            long fromStore = Math.min(available, amount);
            Account custody = Account.custody(railName(payment));
            List<Transfer> parts = new ArrayList<>(2);
            if (fromStore > 0) {
                parts.add(Transfer.single(id, Account.store(store), custody, fromStore, REVERSED, subject(payment)));
            }
            if (fromStore < amount) {
                parts.add(Transfer.single(
                        id + "-loss", Account.reorgLoss(), custody, amount - fromStore, REVERSED, subject(payment)));
            }
            return post(tx, parts);
        });
    }

    private Future<Void> post(SqlConnection tx, List<Transfer> transfers) {
        return ledger.apply(tx, transfers).compose(outcomes -> mustHold(transfers, outcomes));
    }

    /** A credit that cannot be made means our own books contradict each other: nothing of the batch is written. */
    private static Future<Void> mustHold(List<Transfer> transfers, List<Outcome> outcomes) {
        for (int i = 0; i < outcomes.size(); i++) {
            if (outcomes.get(i) != Outcome.CREATED && outcomes.get(i) != Outcome.EXISTS) {
                return Future.failedFuture(new IllegalStateException(
                        "transfer " + transfers.get(i).id() + " was refused: " + outcomes.get(i)));
            }
        }
        return Future.succeededFuture();
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

    private static String subject(Payment payment) {
        return "invoice:" + payment.invoice();
    }
}
