package dev.sluice.invoice;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.lightning.LightningService;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Closes invoices that nobody is to pay any more, unless somebody has, or may have. */
final class InvoiceCancel {
    private final InvoiceRepository repository;
    private final InvoiceBooks books;
    private final LightningService lightning;

    InvoiceCancel(InvoiceRepository repository, InvoiceBooks books, LightningService lightning) {
        this.repository = repository;
        this.books = books;
        this.lightning = lightning;
    }

    /**
     * Before it is cancelled: asks the nodes what became of it, and credits what they have settled. Fails with {@code
     * Unavailable} where one does not answer, because nobody knows then whether it was paid.
     */
    Future<Void> ask(InvoiceId id) {
        return repository
                .prompts(List.of(id))
                .compose(prompts -> sweep(prompts.stream()
                        .filter(p -> p.rail() == Rail.LIGHTNING && p.destination() != null)
                        .filter(p -> p.state() != Prompt.State.CLOSED)
                        .toList()));
    }

    private Future<Void> sweep(List<Prompt> prompts) {
        return Future.join(prompts.stream()
                        .map(p -> lightning.sweep(new NodeId(p.source()), Objects.requireNonNull(p.paymentHash())))
                        .toList())
                .timeout(PromptKeeper.DEADLINE.toMillis(), TimeUnit.MILLISECONDS)
                .recover(silent -> Future.failedFuture(new Failure.Unavailable(
                                "node-silent", "The Lightning node does not say whether the invoice was paid", 2)
                        .exception()))
                .mapEmpty();
    }

    /**
     * Makes an invoice that is New Invalid and Marked; its Lightning invoice is withdrawn from the node. One that is
     * Expired or Invalid stays as it is. Fails with {@code Conflict} {@code invoice-paid} where a payment was seen.
     */
    Future<Invoice> cancel(SqlConnection tx, InvoiceId id) {
        return books.open(tx, List.of(id))
                .compose(book -> books.known(tx, List.of(id)).compose(known -> {
                    Invoice invoice = book.invoice(id).orElseThrow(InvoiceService::notFound);
                    boolean paid = known.isEmpty() || book.payments(id).stream().anyMatch(Payment::isAccounted);
                    if (paid || !isOpenOrOver(invoice.state().status())) {
                        throw new Failure.Conflict("invoice-paid", "A payment of the invoice was seen").exception();
                    }
                    if (invoice.state().status() == InvoiceStatus.NEW) {
                        book.trigger(id, Trigger.MARK_INVALID);
                    }
                    return book.flush(tx, null).map(done -> book.invoice(id).orElseThrow());
                }));
    }

    private static boolean isOpenOrOver(InvoiceStatus status) {
        return switch (status) {
            case NEW, EXPIRED, INVALID -> true;
            case PROCESSING, SETTLED -> false;
        };
    }
}
