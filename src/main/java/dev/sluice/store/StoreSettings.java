package dev.sluice.store;

import dev.sluice.http.Colour;
import dev.sluice.http.InlineImage;
import dev.sluice.kernel.Currency;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

    /** The shop's own pages, http or https. */
    public Optional<String> website() {
        return Optional.ofNullable(document.getString("website"));
    }

    /** Where buyers ask for help, with the placeholders {@code {InvoiceId}} and {@code {OrderId}}. */
    public Optional<String> supportUrl() {
        return Optional.ofNullable(document.getString("supportUrl"));
    }

    /** Whether what is to be paid over Lightning is shown in satoshi. */
    public boolean lightningAmountInSatoshi() {
        return document.getBoolean("lightningAmountInSatoshi", false);
    }

    /** The picture that pages show; empty where the store has none, or one that lies elsewhere. */
    public Optional<String> logo() {
        return Optional.ofNullable(document.getString("logoUrl")).filter(InlineImage::isOne);
    }

    /** Whether the page goes to the shop's address by itself once an invoice is paid. */
    public boolean redirectAutomatically() {
        return document.getBoolean("redirectAutomatically", false);
    }

    /** The rail that a buyer sees first; empty where the store has no preference, or one that is no rail of ours. */
    public Optional<Rail> defaultRail() {
        return Optional.ofNullable(document.getString("defaultPaymentMethod")).flatMap(Rail::find);
    }

    /** What the store says of the rails that it offers; a criterion of a method that is no rail of ours is left out. */
    public List<Criterion> criteria() {
        List<Criterion> criteria = new ArrayList<>();
        for (Object item : document.getJsonArray("paymentMethodCriteria", new JsonArray())) {
            JsonObject given = (JsonObject) item;
            Rail.find(given.getString("paymentMethodId"))
                    .ifPresent(rail -> criteria.add(new Criterion(
                            rail,
                            Currency.of(given.getString("currencyCode")),
                            new BigDecimal(given.getString("amount")),
                            given.getBoolean("above"))));
        }
        return List.copyOf(criteria);
    }

    /** The description of Lightning invoices, with placeholders; empty where the store has none. */
    public String lightningDescriptionTemplate() {
        return Optional.ofNullable(document.getString("lightningDescriptionTemplate"))
                .orElse("");
    }

    /** Whether Lightning invoices tell the way through private channels. */
    public boolean lightningPrivateRouteHints() {
        return document.getBoolean("lightningPrivateRouteHints", false);
    }

    /** The checkout page counts down when no more than this is left. */
    public Duration displayExpirationTimer() {
        return Duration.ofSeconds(document.getLong("displayExpirationTimer", 300L));
    }

    public boolean showStoreHeader() {
        return document.getBoolean("showStoreHeader", true);
    }

    public boolean showPayInWalletButton() {
        return document.getBoolean("showPayInWalletButton", true);
    }

    /** Whether buyers read what a transaction should pay for its place in a block. */
    public boolean showRecommendedFee() {
        return document.getBoolean("showRecommendedFee", true);
    }

    /** Title of the checkout page, where the store chose one. */
    public Optional<String> htmlTitle() {
        return Optional.ofNullable(document.getString("htmlTitle")).filter(title -> !title.isBlank());
    }

    /** What receipts show where an invoice does not say otherwise. */
    public Receipt receipt() {
        return Receipt.WHOLE.with(document.getJsonObject("receipt", new JsonObject()));
    }

    /** Six digits of the store's colour; empty where it has none. */
    public Optional<String> brandColour() {
        return Colour.digits(document.getValue("brandColor"));
    }
}
