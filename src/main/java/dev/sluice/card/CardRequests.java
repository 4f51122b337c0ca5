package dev.sluice.card;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Money;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the requests of the card routes. */
final class CardRequests {
    static final int TEXT_MAX = 200;
    static final int LINK_MAX = 512;
    private static final int PIN_MAX = 12;
    private static final int LIST_MAX = 200;
    private static final int LIST_DEFAULT = 50;
    static final BigDecimal AMOUNT_MAX = BigDecimal.TEN.pow(15);

    private CardRequests() {}

    /** Cards to make. */
    record Issue(
            String programme, List<String> labels, @Nullable String holder, boolean links, Duration life) {}

    static Issue issue(JsonObject body) {
        Fields fields = new Fields(body);
        String programme = required(fields, "programmeId", TEXT_MAX);
        long count = fields.integer("count", 1, CardService.BATCH_MAX, 1);
        String label = fields.text("label", TEXT_MAX);
        String holder = fields.text("holder", TEXT_MAX);
        boolean links = fields.flag("programmingLinks", false);
        Duration life = life(fields);
        fields.check();
        List<String> labels = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            labels.add(label == null ? "" : count == 1 ? label : label + "-" + i);
        }
        return new Issue(programme, labels, holder, links, life);
    }

    /** How long a link to keys works. */
    static Duration life(Fields fields) {
        long most = KeyRelease.LIFE_MAX.toMinutes();
        return Duration.ofMinutes(fields.integer("validMinutes", 1, most, KeyRelease.LIFE.toMinutes()));
    }

    /** A tap, given whole as {@code tap} or as its two parameters. */
    static Tap tap(JsonObject body) {
        Fields fields = new Fields(body);
        String link = fields.text("tap", LINK_MAX);
        String p = fields.text("p", LINK_MAX);
        String c = fields.text("c", LINK_MAX);
        fields.check();
        if (link != null) {
            return Tap.ofLink(link);
        }
        if (p == null || c == null) {
            throw Failure.invalid("Tap", "The link that the card showed is needed")
                    .exception();
        }
        return Tap.of(p, c);
    }

    /** What a terminal asks for; {@code request} names it. */
    static TerminalCharge charge(Call call, Currency storeCurrency, boolean capture, RequestNames names) {
        JsonObject body = call.body();
        Fields fields = new Fields(body);
        Currency currency = fields.currency("currency", storeCurrency);
        BigDecimal amount = fields.decimal("amount", BigDecimal.ZERO, AMOUNT_MAX);
        String pin = fields.text("pin", PIN_MAX);
        if (pin != null && !pin.isEmpty() && !Pins.isPin(pin)) {
            fields.reject("pin", "A PIN has 4 to 12 digits");
        }
        String invoice = fields.text("invoiceId", TEXT_MAX);
        if (amount == null && invoice == null) {
            fields.reject("amount", "An amount is needed");
        }
        if (invoice != null && !capture) {
            fields.reject("invoiceId", "An invoice is paid at once");
        }
        fields.check();
        Tap tap = tap(body);
        Optional<Money> price = amount == null || invoice != null
                ? Optional.empty()
                : Optional.of(ChargeService.price(amount, currency));
        String terminal = call.path("terminalId");
        return new TerminalCharge(
                call.store(),
                terminal,
                price,
                tap,
                Optional.ofNullable(pin).filter(text -> !text.isEmpty()),
                capture,
                names.of(
                        call,
                        terminal,
                        price.map(Money::toString).orElse("") + " " + capture + " " + tap.p() + tap.c() + " " + pin
                                + " " + invoice),
                Optional.ofNullable(invoice).map(InvoiceService::id));
    }

    /** A part of a charge's price; empty for all of it. */
    static Optional<BigDecimal> part(JsonObject body) {
        Fields fields = new Fields(body);
        BigDecimal amount = fields.decimal("amount", BigDecimal.ZERO, AMOUNT_MAX);
        if (fields.isNull("amount")) { // what JavaScript makes of a number that is none
            fields.reject("amount", "An amount is needed, or no such field for all of it");
        }
        fields.check();
        return Optional.ofNullable(amount);
    }

    static BigDecimal amount(Fields fields) {
        BigDecimal amount = fields.decimal("amount", BigDecimal.ZERO, AMOUNT_MAX);
        if (amount == null) {
            fields.reject("amount", "An amount is needed");
        }
        fields.check();
        return java.util.Objects.requireNonNull(amount);
    }

    static String required(Fields fields, String name, int lengthMax) {
        String text = fields.text(name, lengthMax);
        if (text == null || text.isBlank()) {
            fields.reject(name, "This is needed");
            return "";
        }
        return text.strip();
    }

    static int limit(Call call) {
        Fields fields = Fields.ofQuery(call, "take");
        int limit = (int) fields.integer("take", 1, LIST_MAX, LIST_DEFAULT);
        fields.check();
        return limit;
    }

    static @Nullable Instant before(Call call) {
        Fields fields = Fields.ofQuery(call, "before");
        Instant before = fields.time("before");
        fields.check();
        return before;
    }

    /** The last card of the page before; what is none would be answered with the first page, for ever. */
    static Optional<CardId> after(Call call) {
        return call.query("after").filter(text -> !text.isBlank()).map(text -> {
            if (!Ids.isId(text)) {
                throw Failure.invalid("after", "This must be the id of a card").exception();
            }
            return new CardId(text);
        });
    }

    static Optional<CardState> state(Call call) {
        return call.query("state").filter(text -> !text.isBlank()).map(text -> {
            for (CardState state : CardState.values()) {
                if (state.apiName().equalsIgnoreCase(text)) {
                    return state;
                }
            }
            throw Failure.invalid("state", "Unknown state").exception();
        });
    }
}
