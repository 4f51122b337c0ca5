package dev.sluice.invoice;

import dev.sluice.http.Changes;
import dev.sluice.http.Listeners;
import dev.sluice.kernel.InvoiceId;

/** Who wants to know when an invoice changes: requests that wait, event streams, sockets. Bounded by those. */
final class InvoiceNews {
    private static final int WAITERS_MAX = 10_000;

    private final Changes<InvoiceId> changes = new Changes<>(WAITERS_MAX);
    private final Listeners<InvoiceId> listeners = new Listeners<>();

    Changes<InvoiceId> changes() {
        return changes;
    }

    /** Calls {@code listener}, on any thread, at each change; the returned action ends it. */
    Runnable hear(InvoiceId id, Runnable listener) {
        return listeners.hear(id, listener);
    }

    /** Tells everyone who listens. */
    void tell(InvoiceId id) {
        changes.signal(id);
        listeners.tell(id);
    }
}
