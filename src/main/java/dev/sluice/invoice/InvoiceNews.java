package dev.sluice.invoice;

import dev.sluice.http.Changes;
import dev.sluice.kernel.InvoiceId;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who wants to know when an invoice changes: requests that wait, event streams, sockets. Bounded by those. */
final class InvoiceNews {
    private static final int WAITERS_MAX = 10_000;

    private final Changes<InvoiceId> changes = new Changes<>(WAITERS_MAX);
    private final ConcurrentHashMap<InvoiceId, Set<Runnable>> listeners = new ConcurrentHashMap<>();

    Changes<InvoiceId> changes() {
        return changes;
    }

    /** Calls {@code listener}, on any thread, at each change; the returned action ends it. */
    Runnable hear(InvoiceId id, Runnable listener) {
        listeners.compute(id, (same, there) -> {
            Set<Runnable> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(listener);
            return all;
        });
        return () -> listeners.computeIfPresent(id, (same, there) -> {
            there.remove(listener);
            return there.isEmpty() ? null : there;
        });
    }

    /** Tells everyone who listens. */
    void tell(InvoiceId id) {
        changes.signal(id);
        Set<Runnable> all = listeners.get(id);
        if (all != null) {
            all.forEach(Runnable::run);
        }
    }
}
