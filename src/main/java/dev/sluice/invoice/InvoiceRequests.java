package dev.sluice.invoice;

import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.Rail;
import dev.sluice.store.SpeedPolicy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the requests of the invoice routes; paths of errors are Greenfield's. */
final class InvoiceRequests {
    private static final int METADATA_MAX_BYTES = 8 * 1024;
    private static final int METADATA_DEPTH_MAX = 5;
    private static final int URL_MAX = 2_048;
    /** 24 days, BTCPay's maximum; half a minute is enough to pay. */
    private static final BigDecimal EXPIRATION_MINUTES_MAX = BigDecimal.valueOf(34_560);

    private static final BigDecimal SECONDS_PER_MINUTE = BigDecimal.valueOf(60);

    private InvoiceRequests() {}

    static CreateInvoice create(JsonObject body, Currency storeCurrency) {
        Fields fields = new Fields(body);
        Currency currency = currency(fields, storeCurrency);
        Optional<BigDecimal> amount = fields.decimal("amount", "Amount");
        @Nullable
        Money price = amount.map(value -> money(fields, currency, value)).orElse(null);
        JsonObject metadata = metadata(fields);
        CreateInvoice.Checkout checkout = checkout(fields.nested("checkout", "Checkout"));
        JsonObject receipt = receipt(fields.nested("receipt", "Receipt"));
        List<String> terms = fields.strings("additionalSearchTerms", "AdditionalSearchTerms", 20, 200)
                .orElse(List.of());
        fields.check();
        return new CreateInvoice(currency, price, metadata, checkout, receipt, terms);
    }

    static JsonObject metadataUpdate(JsonObject body) {
        Fields fields = new Fields(body);
        JsonObject metadata = metadata(fields);
        fields.check();
        return metadata;
    }

    static InvoiceStatus mark(JsonObject body) {
        Fields fields = new Fields(body);
        Optional<InvoiceStatus> status = fields.string("status", "Status", 32)
                .flatMap(InvoiceStatus::find)
                .filter(s -> s == InvoiceStatus.SETTLED || s == InvoiceStatus.INVALID);
        if (status.isEmpty()) {
            fields.error("Status", "Status can only be marked to Settled or Invalid");
        }
        fields.check();
        return status.orElseThrow();
    }

    static InvoiceFilter filter(Call call, StoreId store) {
        Fields fields = new Fields(query(call, "skip", "take", "startDate", "endDate"));
        List<InvoiceStatus> statuses = new ArrayList<>();
        for (String text : call.queries("status")) {
            InvoiceStatus.find(text).ifPresentOrElse(statuses::add, () -> fields.error("status", "Unknown status"));
        }
        int skip = fields.smallInteger("skip", "skip", 0, 10_000_000).orElse(0);
        int take =
                fields.smallInteger("take", "take", 1, InvoiceFilter.TAKE_MAX).orElse(50);
        Optional<Instant> from = time(fields, "startDate");
        Optional<Instant> to = time(fields, "endDate");
        fields.check();
        return new InvoiceFilter(
                store,
                call.queries("orderId"),
                statuses,
                call.query("textSearch").filter(text -> !text.isBlank()).map(String::strip),
                from,
                to,
                flag(call, "includeArchived"),
                skip,
                take);
    }

    static boolean flag(Call call, String name) {
        return call.query(name).map(text -> text.equalsIgnoreCase("true")).orElse(false);
    }

    static InvoiceId invoiceId(Call call) {
        String text = call.path("invoiceId");
        if (!Ids.isId(text)) {
            throw new Failure.NotFound("invoice-not-found", "The invoice was not found").exception();
        }
        return new InvoiceId(text);
    }

    static Rail rail(Call call) {
        return Rail.find(call.path("paymentMethodId"))
                .orElseThrow(
                        () -> new Failure.NotFound("paymentmethod-not-found", "The invoice has no such payment method")
                                .exception());
    }

    private static JsonObject query(Call call, String... names) {
        JsonObject out = new JsonObject();
        for (String name : names) {
            call.query(name).filter(text -> !text.isBlank()).ifPresent(text -> out.put(name, text));
        }
        return out;
    }

    private static Optional<Instant> time(Fields fields, String name) {
        return fields.integer(name, name, 0, 253_402_300_799L).map(Instant::ofEpochSecond); // to the year 9999
    }

    private static Currency currency(Fields fields, Currency storeCurrency) {
        Optional<String> code = fields.string("currency", "Currency", 10).filter(text -> !text.isBlank());
        if (code.isEmpty()) {
            return storeCurrency;
        }
        return Currency.find(code.get()).orElseGet(() -> {
            fields.error("Currency", "Unknown currency");
            return storeCurrency;
        });
    }

    private static @Nullable Money money(Fields fields, Currency currency, BigDecimal amount) {
        try {
            return Money.of(currency, amount);
        } catch (IllegalArgumentException outOfRange) {
            fields.error("Amount", "The amount is too large");
            return null;
        }
    }

    private static JsonObject metadata(Fields fields) {
        JsonObject metadata = fields.object("metadata", "Metadata").orElseGet(JsonObject::new);
        if (metadata.encode().getBytes(StandardCharsets.UTF_8).length > METADATA_MAX_BYTES) {
            fields.error("Metadata", "At most 8 KiB");
        } else if (depth(metadata) > METADATA_DEPTH_MAX) {
            fields.error("Metadata", "At most 5 levels deep");
        }
        Object orderId = metadata.getValue("orderId");
        if (orderId != null && orderId.toString().length() > 200) {
            fields.error("Metadata.OrderId", "At most 200 characters");
        }
        return metadata;
    }

    private static int depth(Object value) {
        Iterable<?> children = switch (value) {
            case JsonObject object -> object.getMap().values();
            case JsonArray array -> array.getList();
            case java.util.Map<?, ?> map -> map.values();
            case List<?> list -> list;
            default -> null;
        };
        if (children == null) {
            return 0;
        }
        int deepest = 0;
        for (Object child : children) {
            deepest = child == null ? deepest : Math.max(deepest, depth(child));
        }
        return deepest + 1;
    }

    private static CreateInvoice.Checkout checkout(Fields fields) {
        return new CreateInvoice.Checkout(
                speedPolicy(fields),
                rails(fields),
                fields.string("defaultPaymentMethod", "Checkout.DefaultPaymentMethod", 64)
                        .flatMap(Rail::find),
                fields.bool("lazyPaymentMethods", "Checkout.LazyPaymentMethods"),
                minutes(fields, "expirationMinutes", "Checkout.ExpirationMinutes"),
                minutes(fields, "monitoringMinutes", "Checkout.MonitoringMinutes"),
                tolerance(fields),
                redirect(fields),
                fields.bool("redirectAutomatically", "Checkout.RedirectAutomatically"),
                fields.string("defaultLanguage", "Checkout.DefaultLanguage", 16));
    }

    private static Optional<SpeedPolicy> speedPolicy(Fields fields) {
        Optional<String> text = fields.string("speedPolicy", "Checkout.SpeedPolicy", 32);
        Optional<SpeedPolicy> policy = text.flatMap(SpeedPolicy::find);
        if (text.isPresent() && policy.isEmpty()) {
            fields.error("Checkout.SpeedPolicy", "Unknown speed policy");
        }
        return policy;
    }

    private static Optional<List<Rail>> rails(Fields fields) {
        Optional<List<String>> ids = fields.strings("paymentMethods", "Checkout.PaymentMethods", 20, 64);
        if (ids.isEmpty()) {
            return Optional.empty();
        }
        List<Rail> rails = new ArrayList<>();
        for (int i = 0; i < ids.get().size(); i++) {
            String path = "Checkout.PaymentMethods[" + i + "]";
            Rail.find(ids.get().get(i)).ifPresentOrElse(rails::add, () -> fields.error(path, "Invalid payment method"));
        }
        return Optional.of(rails);
    }

    private static Optional<Duration> minutes(Fields fields, String name, String path) {
        Optional<BigDecimal> value = fields.decimal(name, path);
        if (value.isPresent() && (value.get().signum() == 0 || value.get().compareTo(EXPIRATION_MINUTES_MAX) > 0)) {
            fields.error(path, "More than 0 and at most " + EXPIRATION_MINUTES_MAX + " minutes");
            return Optional.empty();
        }
        return value.map(v -> Duration.ofSeconds(v.multiply(SECONDS_PER_MINUTE).longValue()));
    }

    private static Optional<Integer> tolerance(Fields fields) {
        Optional<BigDecimal> percent = fields.decimal("paymentTolerance", "Checkout.PaymentTolerance");
        if (percent.isPresent() && percent.get().compareTo(BigDecimal.valueOf(100)) > 0) {
            fields.error("Checkout.PaymentTolerance", "PaymentTolerance can only be between 0 and 100 percent");
            return Optional.empty();
        }
        return percent.map(p -> p.movePointRight(4).intValue());
    }

    private static Optional<String> redirect(Fields fields) {
        Optional<String> text =
                fields.string("redirectURL", "Checkout.RedirectURL", URL_MAX).filter(t -> !t.isBlank());
        if (text.isPresent() && !isWebUrl(text.get())) {
            fields.error("Checkout.RedirectURL", "An http or https URL is expected");
        }
        return text;
    }

    private static boolean isWebUrl(String text) {
        try {
            URI uri = URI.create(
                    text.replace("{InvoiceId}", "x").replace("{OrderId}", "x").replace("{Status}", "x"));
            return uri.getHost() != null && ("https".equals(uri.getScheme()) || "http".equals(uri.getScheme()));
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static JsonObject receipt(Fields fields) {
        JsonObject receipt = new JsonObject();
        fields.bool("enabled", "Receipt.Enabled").ifPresent(v -> receipt.put("enabled", v));
        fields.bool("showQR", "Receipt.ShowQR").ifPresent(v -> receipt.put("showQR", v));
        fields.bool("showPayments", "Receipt.ShowPayments").ifPresent(v -> receipt.put("showPayments", v));
        return receipt;
    }
}
