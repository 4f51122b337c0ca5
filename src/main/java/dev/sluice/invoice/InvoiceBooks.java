package dev.sluice.invoice;

import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.ledger.Ledger;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Collection;

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

    PaymentLedger ledger() {
        return ledger;
    }

    EventLog eventLog() {
        return eventLog;
    }
}
