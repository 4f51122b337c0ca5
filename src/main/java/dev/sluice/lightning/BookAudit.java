package dev.sluice.lightning;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.LightningNode.Settle;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Reads a node's invoices from the oldest open one to the end and applies every settle among them, and what was set
 * aside before. One reading at a time: the next waits for its end, since two would only take twice as long. Used on one
 * context.
 */
final class BookAudit {
    private final LightningRepository repository;
    private final NodeId id;
    private final NodeTrust trust;
    private final SettleWriter writer;
    private final Clock clock;
    private Future<Instant> last = Future.succeededFuture(Instant.EPOCH);

    BookAudit(LightningRepository repository, NodeId id, NodeTrust trust, SettleWriter writer, Clock clock) {
        this.repository = repository;
        this.id = id;
        this.trust = trust;
        this.writer = writer;
        this.clock = clock;
    }

    boolean isRunning() {
        return !last.isComplete();
    }

    /**
     * Reads after what is being read; when it began.
     *
     * @param current whether the connection that it is for still stands: after it the node may be another
     */
    Future<Instant> next(BooleanSupplier current) {
        last = last.transform(before -> read(current));
        return last;
    }

    private Future<Instant> read(BooleanSupplier current) {
        Instant began = clock.now();
        return trust.ask(node -> repository
                        .find(id)
                        .map(known -> known.map(LightningRepository.KnownNode::auditedIndex)
                                .orElse(0L))
                        .compose(from -> read(node, from, current)))
                .compose(writer::audited)
                .compose(read -> writer.again())
                .map(began);
    }

    /** Reads the node's invoices from an add index on; the one up to which everything is final. */
    private Future<Long> read(LightningNode node, long from, BooleanSupplier current) {
        Floor floor = new Floor(from);
        return InvoicePages.each(node, from, page -> {
                    if (!current.getAsBoolean()) {
                        return Future.failedFuture(
                                new Failure.Unavailable("lightning-stream-ended", "the stream ended", 1).exception());
                    }
                    page.invoices().forEach(floor::see);
                    return writer.submit(settlesOf(page.invoices())).mapEmpty();
                })
                .map(read -> floor.index);
    }

    /** Grows until the first invoice that may still be paid. */
    private static final class Floor {
        private long index;
        private boolean unbroken = true;

        Floor(long index) {
            this.index = index;
        }

        void see(NodeInvoice invoice) {
            unbroken = unbroken && isFinal(invoice);
            index = unbroken ? invoice.addIndex() : index;
        }
    }

    private static boolean isFinal(NodeInvoice invoice) {
        return switch (invoice.state()) {
            case SETTLED, CANCELED -> true;
            case OPEN, ACCEPTED -> false;
        };
    }

    static List<Settle> settlesOf(List<NodeInvoice> invoices) {
        return invoices.stream()
                .filter(invoice -> invoice.state() == NodeInvoice.State.SETTLED)
                .map(BookAudit::settleOf)
                .toList();
    }

    private static Settle settleOf(NodeInvoice invoice) {
        Instant at = invoice.settledAt() == null ? Instant.EPOCH : invoice.settledAt();
        return new Settle(invoice.hash(), invoice.received(), invoice.settleIndex(), at);
    }
}
