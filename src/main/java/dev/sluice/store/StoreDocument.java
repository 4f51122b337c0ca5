package dev.sluice.store;

import dev.sluice.http.Colour;
import dev.sluice.http.Fields;
import dev.sluice.http.InlineImage;
import dev.sluice.kernel.Currency;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a store's settings as Greenfield's {@code StoreBaseData}: all fields, its defaults and bounds. What is not said
 * takes its default, what nobody knows is ignored.
 */
final class StoreDocument {
    private static final String MUST_BE = "This must be ";
    private static final int NAME_MAX = 50;
    private static final int TEXT_MAX = 500;
    private static final int URL_MAX = 2_000;
    private static final int LIST_MAX = 50;
    private static final long SECONDS_MAX = 2_073_600;
    private static final long MINUTE = 60;

    private static final Pattern LANGUAGE = Pattern.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}");
    private static final List<String> FEE_MODES = List.of("MultiplePaymentsOnly", "Always", "Never");

    private final Fields fields;
    private final JsonObject document = new JsonObject();

    private StoreDocument(Fields fields) {
        this.fields = fields;
    }

    /** The full document of a request body; throws {@link dev.sluice.kernel.Failure.Invalid}. */
    static JsonObject parse(JsonObject body) {
        StoreDocument parsed = new StoreDocument(new Fields(body));
        parsed.identity();
        parsed.money();
        parsed.times();
        parsed.checkout();
        parsed.appearance();
        parsed.fields.check();
        return parsed.document;
    }

    private void identity() {
        String name = fields.text("name", NAME_MAX);
        if (name == null || name.isBlank()) {
            fields.reject("name", "A store needs a name");
        }
        document.put("name", name);
        matching("website", URL_MAX, "This must be a web address", Links.WEB);
        matching("supportUrl", TEXT_MAX, "This must be an address with its scheme", Links.LINK);
        document.put("archived", fields.flag("archived", false));
        document.put("anyoneCanCreateInvoice", fields.flag("anyoneCanCreateInvoice", false));
    }

    private void money() {
        document.put("defaultCurrency", currency(fields, "defaultCurrency"));
        JsonArray tracked = new JsonArray();
        List<String> codes = fields.texts("additionalTrackedRates", LIST_MAX, 10);
        for (int i = 0; i < codes.size(); i++) {
            Optional<Currency> known = Currency.find(codes.get(i).strip());
            if (known.isEmpty()) {
                fields.reject("additionalTrackedRates[" + i + "]", "This is not a currency");
            } else if (!tracked.contains(known.get().code())) {
                tracked.add(known.get().code());
            }
        }
        document.put("additionalTrackedRates", tracked);
        BigDecimal tolerance = fields.decimal("paymentTolerance", BigDecimal.ZERO, BigDecimal.valueOf(100));
        document.put("paymentTolerance", tolerance == null ? BigDecimal.ZERO : tolerance);
        document.put("speedPolicy", choice("speedPolicy", names(SpeedPolicy.values()), SpeedPolicy.MEDIUM.apiName()));
        document.put("networkFeeMode", choice("networkFeeMode", FEE_MODES, FEE_MODES.getFirst()));
        document.put("defaultPaymentMethod", method(fields, "defaultPaymentMethod"));
        JsonArray criteria = new JsonArray();
        fields.objects("paymentMethodCriteria", LIST_MAX).forEach(item -> criteria.add(criterion(item)));
        document.put("paymentMethodCriteria", criteria);
    }

    private void times() {
        seconds("invoiceExpiration", MINUTE, 900);
        seconds("displayExpirationTimer", MINUTE, 300);
        seconds("monitoringExpiration", 10 * MINUTE, 86_400);
        document.put("refundBOLT11Expiration", fields.integer("refundBOLT11Expiration", 0, 3_650, 30));
        // A thousand blocks, a week, is as far as bitcoind estimates (estimatesmartfee: 1,008).
        document.put("recommendedFeeBlockTarget", fields.integer("recommendedFeeBlockTarget", 1, 1_008, 1));
    }

    private void checkout() {
        document.put("lightningDescriptionTemplate", fields.text("lightningDescriptionTemplate", TEXT_MAX));
        flags(
                false,
                "lightningAmountInSatoshi",
                "lightningPrivateRouteHints",
                "onChainWithLnInvoiceFallback",
                "redirectAutomatically",
                "payJoinEnabled",
                "autoDetectLanguage",
                "playSoundOnPayment",
                "lazyPaymentMethods");
        flags(true, "showRecommendedFee", "showPayInWalletButton", "showStoreHeader", "celebratePayment");
        String language = fields.text("defaultLang", 20);
        if (language != null && !LANGUAGE.matcher(language).matches()) {
            fields.reject("defaultLang", "This is not a language code");
        }
        document.put("defaultLang", language == null ? "en" : language);
        document.put("htmlTitle", fields.text("htmlTitle", TEXT_MAX));
        Fields receipt = fields.object("receipt");
        document.put(
                "receipt",
                new JsonObject()
                        .put("enabled", receipt.flag("enabled", true))
                        .put("showQR", receipt.flag("showQR", true))
                        .put("showPayments", receipt.flag("showPayments", true)));
    }

    private void appearance() {
        logo();
        for (String name : List.of("cssUrl", "paymentSoundUrl")) {
            matching(name, URL_MAX, "This must be a web address or fileid:ID", Links.WEB, Links.FILE);
        }
        colour();
        document.put("applyBrandColorToBackend", fields.flag("applyBrandColorToBackend", false));
    }

    /** A picture of its own, which the pages show; or an address, as clients of BTCPay send it, which is only kept. */
    private void logo() {
        String given = fields.text("logoUrl", InlineImage.LENGTH_MAX);
        if (given == null || !given.startsWith("data:")) {
            matching(
                    "logoUrl",
                    URL_MAX,
                    MUST_BE + "a web address, fileid:ID or " + InlineImage.EXPECTED,
                    Links.WEB,
                    Links.FILE);
        } else {
            boolean shown = InlineImage.isOne(given);
            document.put("logoUrl", shown ? given : fields.reject("logoUrl", MUST_BE + InlineImage.EXPECTED));
        }
    }

    private void colour() {
        String text = fields.text("brandColor", Colour.LENGTH_MAX);
        String given = text == null ? "" : text;
        if (!given.isEmpty() && !Colour.isOne(given)) {
            fields.reject("brandColor", MUST_BE + Colour.EXPECTED);
        }
        document.put("brandColor", Colour.isOne(given) ? given : null);
    }

    private void flags(boolean otherwise, String... names) {
        for (String name : names) {
            document.put(name, fields.flag(name, otherwise));
        }
    }

    /** Spans are kept in whole minutes, rounded down, as Greenfield says. */
    private void seconds(String name, long min, long otherwise) {
        long given = fields.integer(name, min, SECONDS_MAX, otherwise);
        document.put(name, given - given % MINUTE);
    }

    /** An empty text clears the field, as null does. */
    private void matching(String name, int lengthMax, String problem, Pattern... forms) {
        String text = fields.text(name, lengthMax);
        String given = text == null || text.isEmpty() ? null : text;
        boolean valid = given == null || Links.isOne(given, forms);
        document.put(name, valid ? given : fields.reject(name, problem));
    }

    private String choice(String name, List<String> choices, String otherwise) {
        String given = fields.text(name, TEXT_MAX);
        if (given == null) {
            return otherwise;
        }
        Optional<String> found =
                choices.stream().filter(given::equalsIgnoreCase).findFirst();
        if (found.isEmpty()) {
            fields.reject(name, "This must be one of " + String.join(", ", choices));
        }
        return found.orElse(otherwise);
    }

    private static JsonObject criterion(Fields item) {
        String method = method(item, "paymentMethodId");
        if (method == null) {
            item.reject("paymentMethodId", "A payment method is needed");
        }
        BigDecimal amount = item.decimal("amount", BigDecimal.ZERO, BigDecimal.TEN.pow(15));
        return new JsonObject()
                .put("paymentMethodId", method)
                .put("currencyCode", currency(item, "currencyCode"))
                .put("amount", (amount == null ? BigDecimal.ZERO : amount).toPlainString())
                .put("above", item.flag("above", false));
    }

    private static String currency(Fields fields, String name) {
        String code = fields.text(name, 10);
        Optional<Currency> known = Currency.find(code == null ? "USD" : code.strip());
        if (known.isEmpty()) {
            fields.reject(name, "This is not a currency");
        }
        return known.orElse(Currency.USD).code();
    }

    private static @Nullable String method(Fields fields, String name) {
        String given = fields.text(name, 64);
        if (given == null || given.isEmpty()) {
            return null;
        }
        String known = Rail.isLnurl(given)
                ? "BTC-LNURL"
                : Rail.find(given).map(Rail::methodId).orElse(null);
        return known != null ? known : fields.reject(name, "This is not a payment method");
    }

    private static List<String> names(SpeedPolicy[] policies) {
        List<String> names = new ArrayList<>();
        for (SpeedPolicy policy : policies) {
            names.add(policy.apiName());
        }
        return names;
    }
}
