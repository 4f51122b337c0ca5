package dev.sluice.store;

import dev.sluice.http.InlineImage;
import dev.sluice.kernel.Currency;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * A store's settings: the document the API shows ({@code StoreBaseData} of Greenfield), validated when it was stored,
 * with typed views of what rules need.
 */
public record StoreSettings(JsonObject document) {
    public String name() {
        return document.getString("name");
    }

    public Currency defaultCurrency() {
        return Currency.of(document.getString("defaultCurrency", "USD"));
    }

    public Duration invoiceExpiration() {
        return Duration.ofSeconds(document.getLong("invoiceExpiration", 900L));
    }

    /** How long after its expiry an invoice is still watched for confirmations. */
    public Duration monitoringExpiration() {
        return Duration.ofSeconds(document.getLong("monitoringExpiration", 86_400L));
    }

    public SpeedPolicy speedPolicy() {
        return SpeedPolicy.find(document.getString("speedPolicy", "MediumSpeed"))
                .orElse(SpeedPolicy.MEDIUM);
    }

    /** Share of the price that may be missing, in percent, 0 to 100. */
    public BigDecimal paymentTolerance() {
        return new BigDecimal(document.getValue("paymentTolerance", "0").toString());
    }

    public boolean anyoneCanCreateInvoice() {
        return document.getBoolean("anyoneCanCreateInvoice", false);
    }

    public boolean lazyPaymentMethods() {
        return document.getBoolean("lazyPaymentMethods", false);
    }

    public String defaultLanguage() {
        return document.getString("defaultLang", "en");
    }

    /**
     * {@code MultiplePaymentsOnly}, {@code Always} or {@code Never}: when the payer bears the cost of spending its
     * output.
     */
    public String networkFeeMode() {
        return document.getString("networkFeeMode", "MultiplePaymentsOnly");
    }

    /** The picture that pages show; empty where the store has none, or one that lies elsewhere. */
    public Optional<String> logo() {
        return Optional.ofNullable(document.getString("logoUrl")).filter(InlineImage::isOne);
    }
}
