package dev.sluice.card;

import dev.sluice.http.Colour;
import dev.sluice.http.Fields;
import dev.sluice.http.InlineImage;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the terms of a programme. */
final class ProgrammeRequests {
    private static final int LIST_MAX = 200;
    private static final int NAME_MAX = 100;
    private static final int CATEGORY_MAX = 40;
    private static final int BRANDING_BYTES_MAX = 4_096;
    private static final int TAPS_MAX = 1_000;
    private static final int MINUTES_MAX = 43_200;
    private static final int DAYS_MAX = 36_500;
    private static final BigDecimal SPREAD_PERCENT_MAX = BigDecimal.valueOf(50);

    private final Fields fields;
    private final CardCurrency money;

    private ProgrammeRequests(Fields fields, CardCurrency money) {
        this.fields = fields;
        this.money = money;
    }

    /** The terms of a new programme. */
    static ProgrammeTerms create(JsonObject body, int spreadMinPpm) {
        Fields fields = new Fields(body);
        Currency currency = fields.currency("currency", Currency.SATS);
        return new ProgrammeRequests(fields, new CardCurrency(currency)).terms(spreadMinPpm);
    }

    /** New terms of a programme; what is left out takes its default. */
    static ProgrammeTerms update(JsonObject body, Programme programme, int spreadMinPpm) {
        Fields fields = new Fields(body);
        if (fields.has("currency")
                && !programme.money().currency().equals(fields.currency("currency", Currency.SATS))) {
            fields.reject("currency", "The currency of a programme cannot change");
        }
        return new ProgrammeRequests(fields, programme.money()).terms(spreadMinPpm);
    }

    private ProgrammeTerms terms(int spreadMinPpm) {
        String name = CardRequests.required(fields, "name", NAME_MAX);
        Limits limits = limits(fields.object("limits"), money);
        Long pinFrom = units(fields, "pinFrom", money, 0);
        BigDecimal percent = fields.decimal("spreadPercent", BigDecimal.ZERO, SPREAD_PERCENT_MAX);
        if (percent != null && percent.stripTrailingZeros().scale() > 4) {
            fields.reject("spreadPercent", "At most 4 decimals");
        }
        int spreadPpm = percent == null ? 0 : percent.movePointRight(4).intValue();
        if (spreadPpm < spreadMinPpm && !money.asset().equals(Account.BTC)) {
            BigDecimal least = BigDecimal.valueOf(spreadMinPpm, 4).stripTrailingZeros();
            fields.reject("spreadPercent", "This operator asks for " + least.toPlainString() + " at least");
        }
        Long validDays = fields.integer("validDays", 1, DAYS_MAX);
        Long start = units(fields, "startBalance", money, 0);
        ProgrammeTerms terms = new ProgrammeTerms(
                name,
                money,
                limits,
                pinFrom,
                spreadPpm,
                validDays == null ? null : validDays.intValue(),
                start == null ? 0 : start,
                choice("fundedBy", List.of("Store", "Programme")).equals("Programme")
                        ? Programme.Funding.PROGRAMME
                        : Programme.Funding.STORE,
                choice("activation", List.of("Automatic", "Manual")).equals("Manual")
                        ? Programme.Activation.MANUAL
                        : Programme.Activation.AUTOMATIC,
                fields.flag("showsBalance", false),
                rules(fields.object("rules")),
                branding());
        fields.check();
        return terms;
    }

    private String choice(String name, List<String> choices) {
        String text = fields.text(name, NAME_MAX);
        if (text == null) {
            return choices.getFirst();
        }
        return choices.stream().filter(text::equalsIgnoreCase).findFirst().orElseGet(() -> {
            fields.reject(name, "This must be one of " + String.join(", ", choices));
            return choices.getFirst();
        });
    }

    private JsonObject branding() {
        JsonObject given = fields.json("branding");
        if (given == null) {
            return new JsonObject();
        }
        Fields shown = fields.object("branding");
        String colour = shown.text("brandColor", Colour.LENGTH_MAX);
        if (colour != null && !Colour.isOne(colour)) {
            shown.reject("brandColor", "This must be " + Colour.EXPECTED);
        }
        String logo = shown.text("logoUrl", InlineImage.LENGTH_MAX);
        if (logo != null && !InlineImage.isOne(logo)) {
            shown.reject("logoUrl", "This must be " + InlineImage.EXPECTED);
        }
        JsonObject rest = given.copy();
        rest.remove("logoUrl"); // has a bound of its own
        if (rest.encode().length() > BRANDING_BYTES_MAX) {
            fields.reject("branding", "At most 4 KiB beside the logo");
        }
        return given;
    }

    /** Limits as decimals in the card's currency. */
    static Limits limits(Fields fields, CardCurrency money) {
        return new Limits(
                units(fields, "perTap", money, 1),
                units(fields, "daily", money, 1),
                units(fields, "weekly", money, 1),
                units(fields, "monthly", money, 1));
    }

    private static @Nullable Long units(Fields fields, String name, CardCurrency money, long least) {
        BigDecimal amount = fields.decimal(name, BigDecimal.ZERO, CardRequests.AMOUNT_MAX);
        if (amount == null) {
            return null;
        }
        int decimals = money.currency().exponent();
        if (amount.stripTrailingZeros().scale() > decimals) {
            return fields.reject(name, "At most " + decimals + " decimals");
        }
        try {
            long units = money.units(dev.sluice.kernel.Money.of(money.currency(), amount));
            return units < least ? fields.reject(name, "This must be above 0") : units;
        } catch (IllegalArgumentException | ArithmeticException outOfRange) {
            return fields.reject(name, "The amount is too large");
        }
    }

    private static ProgrammeRules rules(Fields fields) {
        List<String> stores = fields.texts("stores", LIST_MAX, CardRequests.TEXT_MAX);
        for (int i = 0; i < stores.size(); i++) {
            if (!Ids.isId(stores.get(i))) {
                fields.reject("stores[" + i + "]", "This is not a store's id");
            }
        }
        Set<StoreId> admitted =
                stores.stream().filter(Ids::isId).map(StoreId::new).collect(Collectors.toSet());
        Set<String> categories = Set.copyOf(fields.texts("categories", LIST_MAX, CATEGORY_MAX));
        return new ProgrammeRules(
                admitted,
                categories,
                fields.has("hours") ? hours(fields.object("hours")) : null,
                fields.has("velocity") ? velocity(fields.object("velocity")) : null);
    }

    private static ProgrammeRules.@Nullable Hours hours(Fields fields) {
        String zone = CardRequests.required(fields, "timeZone", NAME_MAX);
        Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
        for (String day : fields.texts("days", 7, NAME_MAX)) {
            try {
                days.add(DayOfWeek.valueOf(day.toUpperCase(Locale.ROOT)));
            } catch (IllegalArgumentException unknown) {
                fields.reject("days", "Days are monday to sunday");
            }
        }
        LocalTime from = time(fields, "from");
        LocalTime until = time(fields, "until");
        try {
            Set<DayOfWeek> on = days.isEmpty() ? EnumSet.allOf(DayOfWeek.class) : days;
            return new ProgrammeRules.Hours(ZoneId.of(zone), on, from, until);
        } catch (DateTimeException unknown) {
            return fields.reject("timeZone", "Unknown time zone");
        }
    }

    private static LocalTime time(Fields fields, String name) {
        try {
            return LocalTime.parse(CardRequests.required(fields, name, NAME_MAX));
        } catch (DateTimeException malformed) {
            fields.reject(name, "This must be a time as 08:30");
            return LocalTime.MIDNIGHT;
        }
    }

    private static ProgrammeRules.Velocity velocity(Fields fields) {
        return new ProgrammeRules.Velocity(
                (int) fields.integer("taps", 1, TAPS_MAX, 1), (int) fields.integer("minutes", 1, MINUTES_MAX, 1));
    }
}
