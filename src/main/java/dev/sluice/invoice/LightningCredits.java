package dev.sluice.invoice;

import dev.sluice.db.Db;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Transfer;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Credits settled Lightning invoices: what a node received goes to the invoice whose payment hash it is. */
final class LightningCredits implements SettleSink {
    private static final Logger log = LoggerFactory.getLogger(LightningCredits.class);

    private final InvoiceRepository repository;
    private final InvoiceBooks books;
    private final Runnable afterCommit;

    LightningCredits(InvoiceRepository repository, InvoiceBooks books, Runnable afterCommit) {
        this.repository = repository;
        this.books = books;
        this.afterCommit = afterCommit;
    }

    @Override
    public Future<Void> apply(SqlConnection tx, NodeId node, List<Settle> settles, long baseline) {
        Map<PaymentHash, Settle> byHash = new LinkedHashMap<>();
        settles.stream().filter(s -> s.received().value() > 0).forEach(s -> byHash.putIfAbsent(s.hash(), s));
        return repository.promptsByHash(tx, byHash.keySet()).compose(prompts -> {
            Map<PaymentHash, Prompt> known = prompts.stream()
                    .filter(p -> p.source().equals(node.value()))
                    .collect(Collectors.toMap(
                            p -> java.util.Objects.requireNonNull(p.paymentHash()), Function.identity()));
            List<Settle> strangers = byHash.values().stream()
                    .filter(s -> !known.containsKey(s.hash()) && s.settleIndex() > baseline)
                    .toList();
            return unclaimed(tx, node, strangers).compose(booked -> credit(tx, known, byHash));
        });
    }

    @Override
    public void committed() {
        afterCommit.run();
    }

    private Future<Void> credit(SqlConnection tx, Map<PaymentHash, Prompt> known, Map<PaymentHash, Settle> settles) {
        if (known.isEmpty()) {
            return Future.succeededFuture();
        }
        List<dev.sluice.kernel.InvoiceId> ids =
                known.values().stream().map(Prompt::invoice).distinct().toList();
        Future<InvoiceBook> opened = books.open(tx, ids);
        // Behind the lock, and before the flush: what is still open of a changed invoice is marked for the keeper.
        Future<Void> closed = repository.closePaid(tx, known.keySet());
        return opened.compose(book -> {
            known.forEach((hash, prompt) -> receive(book, prompt, java.util.Objects.requireNonNull(settles.get(hash))));
            ids.forEach(book::evaluate);
            return Db.together(closed, book.flush(tx, null));
        });
    }

    private static void receive(InvoiceBook book, Prompt prompt, Settle settle) {
        if (book.payment(prompt.invoice(), settle.hash().hex()).isPresent()) {
            return;
        }
        Invoice invoice = book.invoice(prompt.invoice()).orElseThrow();
        // The node's clock may run ahead: what we have heard of was not paid later than now.
        Instant received = settle.settledAt().isBefore(book.now()) ? settle.settledAt() : book.now();
        book.receive(new Payment(
                settle.hash().hex(),
                prompt.invoice(),
                Rail.LIGHTNING,
                prompt.holder(),
                java.util.Objects.requireNonNullElse(
                        prompt.destination(), settle.hash().hex()),
                settle.received(),
                Msat.ZERO,
                Payment.Status.SETTLED,
                received,
                received.isAfter(invoice.expiresAt()),
                0,
                null,
                null,
                null,
                0,
                false));
    }

    /** Only the operator's node holds money that is ours to account for. */
    private Future<Void> unclaimed(SqlConnection tx, NodeId node, List<Settle> strangers) {
        if (strangers.isEmpty() || !node.equals(NodeId.OPERATOR)) {
            return Future.succeededFuture();
        }
        strangers.forEach(s -> log.warn("lightning.unclaimed node={} hash={} amount={}", node, s.hash(), s.received()));
        List<Transfer> transfers = strangers.stream()
                .map(s -> PaymentLedger.unclaimedLightning(
                        s.hash().hex(), s.received().value()))
                .toList();
        return books.ledger().unclaimed(tx, transfers);
    }
}
