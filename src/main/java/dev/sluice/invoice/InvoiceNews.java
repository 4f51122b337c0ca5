package dev.sluice.invoice;

import dev.sluice.http.Changes;
import dev.sluice.http.Listeners;
import dev.sluice.kernel.InvoiceId;

/** Who wants to know when an invoice changes: requests that wait, event streams, sockets. Bounded by those. */
final class InvoiceNews {
    /** With the streams nine tenths of the connections: the rest can always ask. */
    private static final int WAITERS_MAX = 4_000;
    /** A backend's open orders, or everyone who pays behind one address. */
    private static final int WAITERS_OF_ONE_MAX = 400;

    private final Changes<InvoiceId> changes = new Changes<>(WAITERS_MAX, WAITERS_OF_ONE_MAX);
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
