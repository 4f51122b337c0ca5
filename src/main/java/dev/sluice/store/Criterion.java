package dev.sluice.store;

import dev.sluice.kernel.Currency;
import java.math.BigDecimal;

/**
 * For which invoices a store offers a rail.
 *
 * @param above whether {@code amount} is the least it takes; else it is the most
 */
public record Criterion(Rail rail, Currency currency, BigDecimal amount, boolean above) {
    /** Whether an invoice over as much of the currency may be paid on the rail. */
    public boolean admits(BigDecimal price) {
        return above ? price.compareTo(amount) >= 0 : price.compareTo(amount) <= 0;
    }
}
