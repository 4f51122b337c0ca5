package dev.sluice.invoice;

import dev.sluice.http.Conditional;
import dev.sluice.kernel.InvoiceId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rendered invoice statuses by id, so that polling costs a map look-up. Writers commit first, then say which version is
 * current; an older rendering never replaces a newer one. It serves only while the event tail is fresh, because only
 * then has every other process's change been heard. It is for display: nothing is decided by it.
 */
final class InvoiceBoard {
    /** About 2 KiB each. */
    private static final int ENTRIES_MAX = 50_000;

    /**
     * A rendering.
     *
     * @param version of the invoice; the entity tag is made of it
     */
    record Rendered(long version, Buffer json, String etag) {
        static Rendered of(InvoiceView.Whole whole) {
            Invoice invoice = whole.invoice();
            return new Rendered(
                    invoice.version(),
                    InvoiceView.status(whole).toBuffer(),
                    Conditional.tag(invoice.id().value(), invoice.version()));
        }
    }

    /** {@code rendered} is null where the version is known to be out of date. */
    private record Entry(long version, @Nullable Rendered rendered) {}

    private final ConcurrentHashMap<InvoiceId, Entry> entries = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<InvoiceId> order = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    private final BooleanSupplier tailIsFresh;

    InvoiceBoard(BooleanSupplier tailIsFresh) {
        this.tailIsFresh = tailIsFresh;
    }

    /** The rendering of an invoice, or empty where it must be read. */
    Optional<Rendered> find(InvoiceId id) {
        if (!tailIsFresh.getAsBoolean()) {
            return Optional.empty();
        }
        Entry entry = entries.get(id);
        return entry == null ? Optional.empty() : Optional.ofNullable(entry.rendered());
    }

    /** Offers a rendering; it is kept unless a newer version is known. */
    Rendered offer(InvoiceId id, Rendered rendered) {
        put(id, new Entry(rendered.version(), rendered));
        return rendered;
    }

    /** Says that a version has been committed: renderings of older ones are dropped, also those still being read. */
    void outdate(InvoiceId id, long version) {
        put(id, new Entry(version, null));
    }

    /** From the board, or read and offered. */
    Future<Rendered> get(InvoiceId id, java.util.function.Supplier<Future<InvoiceView.Whole>> read) {
        Optional<Rendered> found = find(id);
        return found.isPresent()
                ? Future.succeededFuture(found.get())
                : read.get().map(whole -> offer(id, Rendered.of(whole)));
    }

    private void put(InvoiceId id, Entry next) {
        Entry now = entries.merge(id, next, (old, fresh) -> {
            boolean newer = fresh.version() > old.version()
                    || (fresh.version() == old.version() && old.rendered() == null && fresh.rendered() != null);
            return newer ? fresh : old;
        });
        if (now == next) {
            order.add(id);
            if (size.incrementAndGet() > ENTRIES_MAX) {
                evict();
            }
        }
    }

    private void evict() {
        InvoiceId oldest = order.poll();
        if (oldest != null) {
            size.decrementAndGet();
            entries.remove(oldest);
        }
    }
}
