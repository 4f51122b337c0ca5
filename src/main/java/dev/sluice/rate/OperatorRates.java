package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Rate;
import io.vertx.core.Future;

/** Prices for money that the operator owes: by its own sources, whatever stores made their rules. */
public interface OperatorRates {
    /** The price of one bitcoin. Fails with {@code Rejected("rate-unavailable")} as {@link RateService#rate} does. */
    Future<Rate> operatorRate(Currency currency);
}
