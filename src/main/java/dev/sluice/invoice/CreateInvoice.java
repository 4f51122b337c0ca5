package dev.sluice.invoice;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Money;
import dev.sluice.store.Rail;
import dev.sluice.store.SpeedPolicy;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request for an invoice, checked.
 *
 * @param amount the price, or null for a top-up invoice
 * @param metadata what the merchant keeps with it, up to 8 KiB
 * @param searchTerms further words under which it is found
 */
public record CreateInvoice(
        Currency currency,
        @Nullable Money amount,
        JsonObject metadata,
        Checkout checkout,
        JsonObject receipt,
        List<String> searchTerms) {

    /**
     * How it is to be paid; what is empty comes from the store.
     *
     * @param rails the rails to offer
     * @param tolerancePpm share of the price that may be missing, in millionths
     */
    public record Checkout(
            Optional<SpeedPolicy> speedPolicy,
            Optional<List<Rail>> rails,
            Optional<Rail> defaultRail,
            Optional<Boolean> lazy,
            Optional<Duration> expiration,
            Optional<Duration> monitoring,
            Optional<Integer> tolerancePpm,
            Optional<String> redirectUrl,
            Optional<Boolean> redirectAutomatically,
            Optional<String> language) {
        /** Everything from the store. */
        public static final Checkout STORE_DEFAULTS = new Checkout(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
