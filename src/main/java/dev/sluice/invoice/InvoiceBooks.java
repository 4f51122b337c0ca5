package dev.sluice.invoice;

import dev.sluice.chain.ChainSink;
import dev.sluice.db.SetAside;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Collection;
import java.util.List;

/** Opens {@link InvoiceBook}s. */
final class InvoiceBooks {
    private final InvoiceRepository repository;
    private final PaymentLedger ledger;
    private final EventLog eventLog;
    private final Clock clock;

    InvoiceBooks(InvoiceRepository repository, Ledger ledger, EventLog eventLog, Clock clock) {
        this.repository = repository;
        this.ledger = new PaymentLedger(ledger);
        this.eventLog = eventLog;
        this.clock = clock;
    }

    Future<InvoiceBook> open(SqlConnection tx, Collection<InvoiceId> ids) {
        return InvoiceBook.open(repository, ledger, eventLog, clock.now(), tx, ids);
    }

    InvoiceBook of(Invoice created) {
        return InvoiceBook.of(repository, ledger, eventLog, clock.now(), created);
    }

    /** Those whose payments are written as far as they were read; of the others we know less than we have seen. */
    Future<List<InvoiceId>> known(SqlConnection tx, List<InvoiceId> ids) {
        return SetAside.keys(tx, ChainSink.SET_ASIDE)
                .compose(chain -> repository
                        .withSettlesAside(tx, ids)
                        .map(settles -> ids.stream()
                                .filter(id -> !chain.contains(Invoice.subject(id)) && !settles.contains(id))
                                .toList()));
    }

    PaymentLedger ledger() {
        return ledger;
    }

    EventLog eventLog() {
        return eventLog;
    }
}
