package dev.sluice.invoice;

import dev.sluice.kernel.StoreId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Which invoices to list, newest first.
 *
 * @param orderIds any of these, or all when empty
 * @param statuses any of these, or all when empty
 * @param from created at or after
 * @param to created before
 * @param take 1 to {@link #TAKE_MAX} for requests
 */
public record InvoiceFilter(
        StoreId store,
        List<String> orderIds,
        List<InvoiceStatus> statuses,
        Optional<String> text,
        Optional<Instant> from,
        Optional<Instant> to,
        boolean includeArchived,
        int skip,
        int take) {
    /** A page that answers in well under a second. */
    public static final int TAKE_MAX = 1_000;

    /** The same with one more, which tells whether there are more. */
    InvoiceFilter andOne() {
        return new InvoiceFilter(store, orderIds, statuses, text, from, to, includeArchived, skip, take + 1);
    }
}
