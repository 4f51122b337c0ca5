package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Optional;

/**
 * Locked invoices that are paid with money which is in the ledger already. Whoever pays moves it in the same
 * transaction, to the store of the invoice; the invoice only learns of it.
 */
public final class Tenders {
    private final InvoiceBook book;
    private final Instant now;

    Tenders(InvoiceBook book, Instant now) {
        this.book = book;
        this.now = now;
    }

    /**
     * An invoice that can be paid now.
     *
     * @param price what is left in the invoice's currency, where nothing was paid yet
     */
    public record Open(StoreId store, Msat remaining, Optional<Money> price) {}

    /** What is left to pay of an invoice; empty where it cannot be paid now. */
    public Optional<Open> open(InvoiceId id) {
        return book.invoice(id).flatMap(invoice -> of(invoice, now));
    }

    /** Likewise of an invoice as it was read. */
    public static Optional<Open> of(Invoice invoice, Instant now) {
        boolean payable = invoice.state().status() == InvoiceStatus.NEW
                && invoice.due() != null
                && invoice.remaining().value() > 0
                && !now.isAfter(invoice.expiresAt());
        boolean fresh = invoice.paid().value() == 0;
        return payable
                ? Optional.of(new Open(
                        invoice.store(),
                        invoice.remaining(),
                        fresh ? Optional.ofNullable(invoice.amount()) : Optional.empty()))
                : Optional.empty();
    }

    /**
     * Records a payment that settles at once.
     *
     * @param paymentId unique among payments
     * @param by who paid, as people may see it
     */
    public void pay(InvoiceId id, String paymentId, Msat value, String by) {
        Invoice invoice = book.invoice(id).orElseThrow();
        book.receive(new Payment(
                paymentId,
                id,
                Rail.CARD,
                Holder.OPERATOR,
                by,
                value,
                Msat.ZERO,
                Payment.Status.SETTLED,
                now,
                now.isAfter(invoice.expiresAt()),
                0,
                null,
                null,
                null,
                1,
                true));
        book.evaluate(id);
    }

    /** Writes what was paid. */
    public Future<Void> flush(SqlConnection tx) {
        return book.flush(tx, null);
    }
}
