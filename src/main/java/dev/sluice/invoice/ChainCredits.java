package dev.sluice.invoice;

import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainUpdate;
import dev.sluice.chain.OutputChange;
import dev.sluice.chain.OutputChange.State;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Turns what happened to outputs into payments of invoices, and lets confirmations settle them. */
final class ChainCredits implements ChainSink {
    private final InvoiceRepository repository;
    private final InvoiceBooks books;
    private final Runnable afterCommit;

    ChainCredits(InvoiceRepository repository, InvoiceBooks books, Runnable afterCommit) {
        this.repository = repository;
        this.books = books;
        this.afterCommit = afterCommit;
    }

    @Override
    public Future<Void> apply(SqlConnection tx, ChainUpdate update, Set<String> aside) {
        List<InvoiceId> untouched = aside.stream().map(Invoice::idOf).toList();
        return repository
                .promptsByScript(tx, scripts(update), untouched)
                .compose(prompts -> repository
                        .confirming(tx, update.tipHeight())
                        .compose(confirming -> {
                            Set<InvoiceId> ids = new LinkedHashSet<>(confirming);
                            untouched.forEach(ids::remove);
                            prompts.forEach(p -> ids.add(p.invoice()));
                            return bring(tx, ids, prompts, update);
                        }));
    }

    @Override
    public Future<Set<String>> concerned(SqlConnection tx, ChainUpdate update) {
        return repository
                .invoicesByScript(tx, scripts(update))
                .compose(paid -> repository
                        .confirming(tx, update.tipHeight())
                        .map(confirming -> Stream.concat(paid.stream(), confirming.stream())
                                .map(Invoice::subject)
                                .collect(Collectors.toSet())));
    }

    @Override
    public Future<Void> bring(SqlConnection tx, String subject, ChainUpdate standing) {
        Set<InvoiceId> ids = Set.of(Invoice.idOf(subject));
        return repository
                .promptsByScript(tx, scripts(standing), List.of())
                .compose(prompts -> bring(tx, ids, prompts, standing));
    }

    @Override
    public void committed() {
        afterCommit.run();
    }

    private static Set<String> scripts(ChainUpdate update) {
        return update.changes().stream().map(OutputChange::script).collect(Collectors.toSet());
    }

    private Future<Void> bring(SqlConnection tx, Set<InvoiceId> ids, List<Prompt> prompts, ChainUpdate update) {
        Map<String, Prompt> byScript = prompts.stream()
                .collect(Collectors.toMap(p -> Objects.requireNonNull(p.script()), Function.identity()));
        return books.open(tx, ids).compose(book -> bring(tx, book, update, byScript, ids));
    }

    private static Future<Void> bring(
            SqlConnection tx, InvoiceBook book, ChainUpdate update, Map<String, Prompt> byScript, Set<InvoiceId> ids) {
        // A conflict makes room for what replaces it: losses first, so that a replacement is not taken for a second
        // payment.
        List<OutputChange> ordered = update.changes().stream()
                .sorted(Comparator.comparing((OutputChange c) -> c.state() instanceof State.Conflicted ? 0 : 1)
                        .thenComparing(OutputChange::seenAt))
                .toList();
        for (OutputChange change : ordered) {
            Prompt prompt = byScript.get(change.script());
            if (prompt != null) {
                record(book, prompt, change, update);
            }
        }
        for (InvoiceId id : ids) {
            book.payments(id).forEach(p -> book.update(withStatusAt(p, update.tipHeight())));
            book.evaluate(id);
        }
        return book.flush(tx, update.tipHeight());
    }

    private static void record(InvoiceBook book, Prompt prompt, OutputChange change, ChainUpdate update) {
        String id = change.outpoint().txid() + "-" + change.outpoint().vout();
        Payment known = book.payment(prompt.invoice(), id).orElse(null);
        if (known != null) {
            book.update(withStatusAt(moved(known, change.state()), update.tipHeight()));
        } else if (!(change.state() instanceof State.Conflicted)) {
            book.receive(withStatusAt(moved(first(book, prompt, id, change), change.state()), update.tipHeight()));
        }
    }

    private static Payment first(InvoiceBook book, Prompt prompt, String id, OutputChange change) {
        Invoice invoice = book.invoice(prompt.invoice()).orElseThrow();
        boolean paidBefore = book.payments(prompt.invoice()).stream().anyMatch(Payment::isAccounted);
        // Who pays more for the same payment has paid when it first did.
        Optional<Payment> replaced = book.payments(prompt.invoice()).stream()
                .filter(p -> change.outpoint().txid().equals(p.conflictTxid()))
                .min(Comparator.comparing(Payment::receivedAt));
        // What was found in a block is dated by it, by median time, which may lie before the invoice.
        Instant seen = change.seenAt().isBefore(invoice.createdAt()) ? invoice.createdAt() : change.seenAt();
        Instant received = replaced.map(Payment::receivedAt).orElse(seen);
        int needed = change.coinbase()
                ? OutputChange.COINBASE_MATURITY
                : invoice.speedPolicy().confirmations(change.replaceable());
        return new Payment(
                id,
                prompt.invoice(),
                Rail.CHAIN,
                prompt.holder(),
                Objects.requireNonNull(prompt.destination()),
                Msat.ofSat(change.valueSat()),
                invoice.feeMode().applies(paidBefore) ? invoice.chainFee() : Msat.ZERO,
                Payment.Status.PROCESSING,
                received,
                replaced.map(Payment::late).orElse(received.isAfter(invoice.expiresAt())),
                needed,
                null,
                null,
                null,
                0,
                false);
    }

    private static Payment moved(Payment payment, State state) {
        return switch (state) {
            case State.Unconfirmed unconfirmed ->
                payment.withBlock(null, null).withStatus(Payment.Status.PROCESSING, null);
            case State.Confirmed confirmed -> {
                Payment.Status status =
                        payment.status() == Payment.Status.SETTLED ? Payment.Status.SETTLED : Payment.Status.PROCESSING;
                yield payment.withBlock(confirmed.height(), confirmed.blockHash())
                        .withStatus(status, null);
            }
            case State.Conflicted conflicted ->
                payment.withBlock(null, null).withStatus(Payment.Status.INVALID, conflicted.byTxid());
        };
    }

    /** Settles what is deep enough; nothing becomes less settled by a tip alone. */
    private static Payment withStatusAt(Payment payment, int tipHeight) {
        boolean deep = payment.rail() == Rail.CHAIN
                && payment.status() == Payment.Status.PROCESSING
                && payment.confirmations(tipHeight) >= payment.confirmationsNeeded();
        return deep ? payment.withStatus(Payment.Status.SETTLED, null) : payment;
    }
}
