package dev.sluice.http;

import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a request body and gathers what is wrong with them under Greenfield's paths ({@code
 * paymentTolerance} is {@code PaymentTolerance}). A field that is missing or null takes its default; a wrong one too,
 * until {@link #check()} throws. Names are matched without regard to case, as BTCPay Server does: its .NET client sends
 * {@code Amount}. A name that is there in two spellings is wrong.
 */
public final class Fields {
    /** Enough for any number the API takes; longer texts cost time to parse. */
    private static final int DIGITS_MAX = 40;
    /** Plain digits of ASCII, no exponent, sign only in front: what a person can read without doubt. */
    private static final Pattern PLAIN_DECIMAL = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");

    private static final String OBJECT = "This must be an object";
    /** The end of the year 9999. */
    private static final long SECONDS_MAX = 253_402_300_799L;

    private static final int CURRENCY_MAX = 10;

    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> doubled = new HashSet<>();
    private final String prefix;
    private final List<FieldError> errors;
    private final boolean capitalises;

    public Fields(JsonObject body) {
        this(body, "", new ArrayList<>(), true);
    }

    private Fields(JsonObject body, String prefix, List<FieldError> errors, boolean capitalises) {
        this.prefix = prefix;
        this.errors = errors;
        this.capitalises = capitalises;
        for (Map.Entry<String, Object> entry : body) {
            String key = key(entry.getKey());
            if (values.containsKey(key)) {
                doubled.add(key);
            }
            values.put(key, entry.getValue());
        }
    }

    private static String key(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private @Nullable Object value(String name) {
        String key = key(name);
        return doubled.contains(key) ? reject(name, "This is given twice") : values.get(key);
    }

    /** Parameters of a request's query, blank ones left out; their errors are told under the names as they are. */
    public static Fields ofQuery(Call call, String... names) {
        JsonObject given = new JsonObject();
        for (String name : names) {
            call.query(name).filter(text -> !text.isBlank()).ifPresent(text -> given.put(name, text));
        }
        return new Fields(given, "", new ArrayList<>(), false);
    }

    /** Whether the field is there with a value other than null. */
    public boolean has(String name) {
        return value(name) != null;
    }

    /** Whether the field is there and null, where that is not the same as nothing. */
    public boolean isNull(String name) {
        return values.containsKey(key(name)) && value(name) == null;
    }

    /** Text of at most {@code lengthMax} characters, or null. */
    public @Nullable String text(String name, int lengthMax) {
        Object value = value(name);
        if (value == null) {
            return null;
        }
        if (!(value instanceof String text)) {
            return reject(name, "This must be a text");
        }
        if (text.length() > lengthMax) {
            return reject(name, "This must have at most " + lengthMax + " characters");
        }
        return text.indexOf('\0') >= 0 ? reject(name, "This must not contain a null character") : text;
    }

    public boolean flag(String name, boolean otherwise) {
        Boolean value = flag(name);
        return value == null ? otherwise : value;
    }

    /** True, false, or null where nothing is said. */
    public @Nullable Boolean flag(String name) {
        Object value = value(name);
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        return reject(name, "This must be true or false");
    }

    /** A number, or a text that is a plain decimal, within bounds; or null. */
    public @Nullable BigDecimal decimal(String name, BigDecimal min, BigDecimal max) {
        Object value = value(name);
        if (value == null) {
            return null;
        }
        boolean readable = value instanceof Number
                || value instanceof String text && PLAIN_DECIMAL.matcher(text).matches();
        if (!readable || value.toString().length() > 2 * DIGITS_MAX + 2) {
            return reject(name, "This must be a number");
        }
        BigDecimal number = new BigDecimal(value.toString());
        if (Math.abs(number.scale()) > DIGITS_MAX) {
            return reject(name, "This has too many digits");
        }
        if (number.compareTo(min) < 0 || number.compareTo(max) > 0) {
            return reject(name, "This must be between " + min.toPlainString() + " and " + max.toPlainString());
        }
        return number;
    }

    /** A whole number, or a text that is one, within bounds; or null. */
    public @Nullable Long integer(String name, long min, long max) {
        BigDecimal number = decimal(name, BigDecimal.valueOf(min), BigDecimal.valueOf(max));
        if (number == null) {
            return null;
        }
        return number.stripTrailingZeros().scale() > 0
                ? reject(name, "This must be a whole number")
                : number.longValue();
    }

    public long integer(String name, long min, long max, long otherwise) {
        Long value = integer(name, min, max);
        return value == null ? otherwise : value;
    }

    /** A Unix time in whole seconds, up to the end of the year 9999; or null. */
    public @Nullable Instant time(String name) {
        Long seconds = integer(name, 0, SECONDS_MAX);
        return seconds == null ? null : Instant.ofEpochSecond(seconds);
    }

    /** A currency by its code; {@code otherwise} for none. */
    public Currency currency(String name, Currency otherwise) {
        String code = text(name, CURRENCY_MAX);
        if (code == null || code.isBlank()) {
            return otherwise;
        }
        return Currency.find(code).orElseGet(() -> {
            reject(name, "Unknown currency");
            return otherwise;
        });
    }

    /** Texts of at most {@code lengthMax} characters; empty for none. */
    public List<String> texts(String name, int itemsMax, int lengthMax) {
        List<String> texts = new ArrayList<>();
        JsonArray array = array(name, itemsMax);
        for (int i = 0; i < array.size(); i++) {
            if (array.getValue(i) instanceof String text && text.length() <= lengthMax && text.indexOf('\0') < 0) {
                texts.add(text);
            } else {
                reject(name + "[" + i + "]", "This must be a text of at most " + lengthMax + " characters");
            }
        }
        return texts;
    }

    /** An object as it is, for what has no fields of its own (metadata); or null. */
    public @Nullable JsonObject json(String name) {
        Object value = value(name);
        return value == null || value instanceof JsonObject ? (JsonObject) value : reject(name, OBJECT);
    }

    /** Objects in an array; empty for none. Their errors are gathered with ours. */
    public List<Fields> objects(String name, int itemsMax) {
        List<Fields> objects = new ArrayList<>();
        JsonArray array = array(name, itemsMax);
        for (int i = 0; i < array.size(); i++) {
            String path = name + "[" + i + "]";
            if (array.getValue(i) instanceof JsonObject object) {
                objects.add(new Fields(object, path(path) + ".", errors, capitalises));
            } else {
                reject(path, OBJECT);
            }
        }
        return objects;
    }

    /** An object's fields; empty ones for none. */
    public Fields object(String name) {
        JsonObject object = json(name);
        return new Fields(object == null ? new JsonObject() : object, path(name) + ".", errors, capitalises);
    }

    /** An object's fields; a text in its place stands for the one field {@code main}. */
    public Fields object(String name, String main) {
        return value(name) instanceof String text
                ? new Fields(new JsonObject().put(main, text), path(name) + ".", errors, capitalises)
                : object(name);
    }

    /** Notes an error, the first of its field; null, to take the default with. */
    public <T> @Nullable T reject(String name, String message) {
        String path = path(name);
        if (errors.stream().noneMatch(error -> error.path().equals(path))) {
            errors.add(new FieldError(path, message));
        }
        return null;
    }

    /** Throws {@link Failure.Invalid} with all that was wrong. */
    public void check() {
        if (!errors.isEmpty()) {
            throw new Failure.Invalid(errors).exception();
        }
    }

    private JsonArray array(String name, int itemsMax) {
        Object value = value(name);
        if (value == null) {
            return new JsonArray();
        }
        if (!(value instanceof JsonArray array) || array.size() > itemsMax) {
            reject(name, "This must be an array of at most " + itemsMax);
            return new JsonArray();
        }
        return array;
    }

    private String path(String name) {
        return capitalises ? prefix + name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1) : name;
    }
}
