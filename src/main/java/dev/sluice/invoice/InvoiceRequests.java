package dev.sluice.invoice;

import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.Links;
import dev.sluice.store.Rail;
import dev.sluice.store.SpeedPolicy;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Reads the requests of the invoice routes; paths of errors are Greenfield's. */
final class InvoiceRequests {
    private static final int METADATA_MAX_BYTES = 8 * 1024;
    private static final int METADATA_DEPTH_MAX = 5;
    private static final int URL_MAX = 2_048;
    private static final int TEXT_MAX = 200;
    private static final int TERMS_MAX = 20;
    private static final int METHODS_MAX = 20;
    /** Longer than any word or id that the API knows. */
    private static final int WORD_MAX = 64;

    /** Far beyond what a store can list; PostgreSQL would count through that many rows. */
    private static final int SKIP_MAX = 10_000_000;

    /** Of the list, but for where the page begins and ends. */
    private static final List<String> PARAMETERS = List.of(
            "orderId", "status", "textSearch", "startDate", "endDate", "includeArchived", "includePaymentMethods");
    /** What fits is up to the currency; this bounds the digits to look at. */
    private static final BigDecimal AMOUNT_MAX = BigDecimal.TEN.pow(18);

    /** 24 days, BTCPay's maximum; half a minute is enough to pay. */
    private static final BigDecimal EXPIRATION_MINUTES_MAX = BigDecimal.valueOf(34_560);

    private static final BigDecimal SECONDS_PER_MINUTE = BigDecimal.valueOf(60);

    private InvoiceRequests() {}

    static CreateInvoice create(JsonObject body, Currency storeCurrency) {
        Fields fields = new Fields(body);
        Currency currency = fields.currency("currency", storeCurrency);
        Money price = money(fields, currency);
        JsonObject metadata = metadata(fields);
        CreateInvoice.Checkout checkout = checkout(fields.object("checkout"));
        JsonObject receipt = receipt(fields.object("receipt"));
        List<String> terms = fields.texts("additionalSearchTerms", TERMS_MAX, TEXT_MAX);
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
        Optional<InvoiceStatus> status = Optional.ofNullable(fields.text("status", WORD_MAX))
                .flatMap(InvoiceStatus::find)
                .filter(s -> s == InvoiceStatus.SETTLED || s == InvoiceStatus.INVALID);
        if (status.isEmpty()) {
            fields.reject("status", "Status can only be marked to Settled or Invalid");
        }
        fields.check();
        return status.orElseThrow();
    }

    static InvoiceFilter filter(Call call, StoreId store) {
        Fields fields = Fields.ofQuery(call, "skip", "take", "startDate", "endDate");
        List<InvoiceStatus> statuses = new ArrayList<>();
        for (String text : call.queries("status")) {
            InvoiceStatus.find(text).ifPresentOrElse(statuses::add, () -> fields.reject("status", "Unknown status"));
        }
        int skip = (int) fields.integer("skip", 0, SKIP_MAX, 0);
        int take = (int) fields.integer("take", 1, InvoiceFilter.TAKE_MAX, InvoiceFilter.TAKE_MAX);
        Optional<Instant> from = Optional.ofNullable(fields.time("startDate"));
        Optional<Instant> to = Optional.ofNullable(fields.time("endDate"));
        if (from.isPresent() && to.isPresent() && from.get().isAfter(to.get())) {
            fields.reject("startDate", "startDate cannot be after endDate");
            fields.reject("endDate", "endDate cannot be before startDate");
        }
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

    /** A link to what follows a page (RFC 8288). */
    static String next(Call call, InvoiceFilter page) {
        String list = call.publicUrl() + "/api/v1/stores/" + page.store() + "/invoices";
        StringJoiner query = new StringJoiner("&", "<" + list + "?", ">; rel=\"next\"");
        for (String name : PARAMETERS) {
            call.queries(name)
                    .forEach(value -> query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8)));
        }
        query.add("skip=" + (page.skip() + page.take())).add("take=" + page.take());
        return query.toString();
    }

    static boolean flag(Call call, String name) {
        return call.query(name).map(text -> text.equalsIgnoreCase("true")).orElse(false);
    }

    static InvoiceId invoiceId(Call call) {
        return InvoiceService.id(call.path("invoiceId"));
    }

    static Rail rail(Call call) {
        return Rail.find(call.path("paymentMethodId"))
                .orElseThrow(
                        () -> new Failure.NotFound("paymentmethod-not-found", "The invoice has no such payment method")
                                .exception());
    }

    private static @Nullable Money money(Fields fields, Currency currency) {
        BigDecimal amount = fields.decimal("amount", BigDecimal.ZERO, AMOUNT_MAX);
        if (amount == null) {
            return null;
        }
        try {
            Money price = Money.of(currency, amount);
            // Rounded as BTCPay rounds: clients send what their own rates gave. What costs something is not free.
            return price.minor() > 0 || amount.signum() == 0
                    ? price
                    : fields.reject("amount", "There is no smaller unit than " + Money.smallest(currency));
        } catch (IllegalArgumentException outOfRange) {
            return fields.reject("amount", "The amount is too large");
        }
    }

    private static JsonObject metadata(Fields fields) {
        JsonObject given = fields.json("metadata");
        JsonObject metadata = given == null ? new JsonObject() : given;
        if (metadata.encode().getBytes(StandardCharsets.UTF_8).length > METADATA_MAX_BYTES) {
            fields.reject("metadata", "At most 8 KiB");
        } else if (depth(metadata) > METADATA_DEPTH_MAX) {
            fields.reject("metadata", "At most 5 levels deep");
        }
        Object orderId = metadata.getValue("orderId");
        if (orderId != null && orderId.toString().length() > TEXT_MAX) {
            fields.object("metadata").reject("orderId", "At most " + TEXT_MAX + " characters");
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
                Optional.ofNullable(fields.text("defaultPaymentMethod", WORD_MAX))
                        .flatMap(Rail::find),
                Optional.ofNullable(fields.flag("lazyPaymentMethods")),
                minutes(fields, "expirationMinutes"),
                minutes(fields, "monitoringMinutes"),
                tolerance(fields),
                redirect(fields),
                Optional.ofNullable(fields.flag("redirectAutomatically")),
                Optional.ofNullable(fields.text("defaultLanguage", WORD_MAX)));
    }

    private static Optional<SpeedPolicy> speedPolicy(Fields fields) {
        Optional<String> text = Optional.ofNullable(fields.text("speedPolicy", WORD_MAX));
        Optional<SpeedPolicy> policy = text.flatMap(SpeedPolicy::find);
        if (text.isPresent() && policy.isEmpty()) {
            fields.reject("speedPolicy", "Unknown speed policy");
        }
        return policy;
    }

    private static Optional<List<Rail>> rails(Fields fields) {
        if (!fields.has("paymentMethods")) {
            return Optional.empty();
        }
        List<String> ids = fields.texts("paymentMethods", METHODS_MAX, WORD_MAX);
        List<Rail> rails = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            Optional<Rail> rail = Rail.find(ids.get(i));
            if (rail.isEmpty() && !Rail.isLnurl(ids.get(i))) {
                fields.reject("paymentMethods[" + i + "]", "Invalid payment method");
            }
            rail.ifPresent(rails::add);
        }
        if (rails.isEmpty() && !ids.isEmpty()) {
            fields.reject("paymentMethods", "LNURL alone is no way to pay here");
        }
        return Optional.of(rails);
    }

    private static Optional<Duration> minutes(Fields fields, String name) {
        BigDecimal value = fields.decimal(name, BigDecimal.ZERO, EXPIRATION_MINUTES_MAX);
        if (value != null && value.signum() == 0) {
            fields.reject(name, "More than 0 and at most " + EXPIRATION_MINUTES_MAX + " minutes");
            return Optional.empty();
        }
        return Optional.ofNullable(value)
                .map(v -> Duration.ofSeconds(v.multiply(SECONDS_PER_MINUTE).longValue()));
    }

    private static Optional<Integer> tolerance(Fields fields) {
        BigDecimal percent = fields.decimal("paymentTolerance", BigDecimal.ZERO, BigDecimal.valueOf(100));
        return Optional.ofNullable(percent).map(p -> p.movePointRight(4).intValue());
    }

    /** Blanks are written as browsers write them. */
    private static Optional<String> redirect(Fields fields) {
        Optional<String> link = Optional.ofNullable(fields.text("redirectURL", URL_MAX))
                .filter(text -> !text.isBlank())
                .map(text -> text.strip().replace(" ", "%20"));
        if (link.isPresent() && !Links.isLink(link.get())) {
            fields.reject("redirectURL", "A URL with its scheme is expected, and none that browsers run");
        }
        return link;
    }

    private static JsonObject receipt(Fields fields) {
        JsonObject receipt = new JsonObject();
        for (String name : List.of("enabled", "showQR", "showPayments")) {
            Boolean value = fields.flag(name);
            if (value != null) {
                receipt.put(name, value);
            }
        }
        return receipt;
    }
}
