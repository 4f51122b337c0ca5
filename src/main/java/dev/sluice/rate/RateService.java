package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;

/** What other features may ask about rates. */
public interface RateService {
    /**
     * The price of one bitcoin by a store's rules, after its spread. BTC and SATS always answer at once. Fails with
     * {@code Rejected("rate-unavailable")} and a message naming the reason where no fresh rate within bounds exists;
     * never waits for a source longer than its deadline.
     */
    Future<Rate> rate(StoreId store, Currency currency);
}
