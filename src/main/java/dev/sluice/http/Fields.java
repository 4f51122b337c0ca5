package dev.sluice.http;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads typed fields of a request body and collects what is wrong with them. {@code null} is the same as absent. Each
 * method names the field as it is in the document ({@code speedPolicy}) and as errors call it ({@code
 * Checkout.SpeedPolicy}). A value that was refused reads as absent, or as a harmless stand-in where it is required;
 * nothing may be done before {@link #check()}.
 */
public final class Fields {
    /** Plain digits of ASCII, no exponent, sign only in front: what a person can read without doubt. */
    private static final Pattern PLAIN_DECIMAL = Pattern.compile("-?[0-9]{1,40}(\\.[0-9]{1,40})?");

    private static final String MISSING = "This field is required";

    private final JsonObject document;
    private final List<FieldError> errors;

    public Fields(JsonObject document) {
        this(document, new ArrayList<>());
    }

    private Fields(JsonObject document, List<FieldError> errors) {
        this.document = document;
        this.errors = errors;
    }

    /** Whether the document has the field with a value other than null. */
    public boolean has(String name) {
        return document.getValue(name) != null;
    }

    /** A text of at most {@code lengthMax} UTF-16 units, surrounding blanks kept. */
    public Optional<String> string(String name, String path, int lengthMax) {
        Object value = document.getValue(name);
        return switch (value) {
            case null -> Optional.empty();
            case String text when text.length() <= lengthMax -> Optional.of(text);
            case String tooLong -> refuse(path, "At most " + lengthMax + " characters");
            default -> refuse(path, "A text is expected");
        };
    }

    /** A text that is there and not blank; {@code ""} once refused. */
    public String requiredString(String name, String path, int lengthMax) {
        return required(path, string(name, path, lengthMax).filter(Predicate.not(String::isBlank)), "");
    }

    /** A decimal given as JSON number or plain decimal string; negative ones are refused. */
    public Optional<BigDecimal> decimal(String name, String path) {
        return signedDecimal(name, path).filter(value -> {
            if (value.signum() < 0) {
                error(path, "A negative number is not allowed");
            }
            return value.signum() >= 0;
        });
    }

    /** As {@link #decimal}; zero once refused. */
    public BigDecimal requiredDecimal(String name, String path) {
        return required(path, decimal(name, path), BigDecimal.ZERO);
    }

    /** A decimal of either sign, as JSON number or plain decimal string. */
    public Optional<BigDecimal> signedDecimal(String name, String path) {
        Object value = document.getValue(name);
        return switch (value) {
            case null -> Optional.empty();
            case Long number -> Optional.of(BigDecimal.valueOf(number));
            case Integer number -> Optional.of(BigDecimal.valueOf(number));
            case BigDecimal number -> Optional.of(number);
            case String text when PLAIN_DECIMAL.matcher(text).matches() -> Optional.of(new BigDecimal(text));
            default -> refuse(path, "A decimal number is expected");
        };
    }

    /** A whole number in {@code [min, max]}, given as JSON number or plain digits in a string. */
    public Optional<Long> integer(String name, String path, long min, long max) {
        Optional<BigDecimal> number = signedDecimal(name, path);
        if (number.isEmpty()) {
            return Optional.empty();
        }
        BigDecimal value = number.get();
        if (value.stripTrailingZeros().scale() > 0) {
            return refuse(path, "A whole number is expected");
        }
        boolean inside = value.compareTo(BigDecimal.valueOf(min)) >= 0 && value.compareTo(BigDecimal.valueOf(max)) <= 0;
        return inside ? Optional.of(value.longValueExact()) : refuse(path, "Expected " + min + " to " + max);
    }

    /** As {@link #integer} for an {@code int}. */
    public Optional<Integer> smallInteger(String name, String path, int min, int max) {
        return integer(name, path, min, max).map(Math::toIntExact);
    }

    /** {@code true} or {@code false}; no text and no number stands for one. */
    public Optional<Boolean> bool(String name, String path) {
        Object value = document.getValue(name);
        return switch (value) {
            case null -> Optional.empty();
            case Boolean flag -> Optional.of(flag);
            default -> refuse(path, "true or false is expected");
        };
    }

    /** A constant of {@code type} by its name, whatever the case. */
    public <E extends Enum<E>> Optional<E> constant(String name, String path, Class<E> type) {
        Optional<String> text = string(name, path, 64);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        String wanted = text.get().toUpperCase(Locale.ROOT);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().replace("_", "").toUpperCase(Locale.ROOT).equals(wanted.replace("_", ""))) {
                return Optional.of(constant);
            }
        }
        return refuse(path, "Unknown value");
    }

    /** A nested object as it is. */
    public Optional<JsonObject> object(String name, String path) {
        Object value = document.getValue(name);
        return switch (value) {
            case null -> Optional.empty();
            case JsonObject object -> Optional.of(object);
            default -> refuse(path, "An object is expected");
        };
    }

    /** The fields of a nested object, whose errors count here; empty where it is absent. */
    public Fields nested(String name, String path) {
        return new Fields(object(name, path).orElseGet(JsonObject::new), errors);
    }

    /** A list of at most {@code countMax} texts; errors name the element ({@code Permissions[2]}). */
    public Optional<List<String>> strings(String name, String path, int countMax, int lengthMax) {
        Object value = document.getValue(name);
        return switch (value) {
            case null -> Optional.empty();
            case JsonArray array when array.size() <= countMax -> Optional.of(texts(array, path, lengthMax));
            case JsonArray tooLong -> refuse(path, "At most " + countMax + " elements");
            default -> refuse(path, "A list is expected");
        };
    }

    private List<String> texts(JsonArray array, String path, int lengthMax) {
        List<String> texts = new ArrayList<>(array.size());
        for (int index = 0; index < array.size(); index++) {
            if (array.getValue(index) instanceof String text && text.length() <= lengthMax) {
                texts.add(text);
            } else {
                error(path + "[" + index + "]", "A text of at most " + lengthMax + " characters is expected");
            }
        }
        return List.copyOf(texts);
    }

    /** Adds an error found by the caller. */
    public void error(String path, String message) {
        errors.add(new FieldError(path, message));
    }

    /** Throws {@code Invalid} with everything that is wrong, where something is. */
    public void check() {
        if (!errors.isEmpty()) {
            throw new Failure.Invalid(errors).exception();
        }
    }

    private <T> Optional<T> refuse(String path, String message) {
        error(path, message);
        return Optional.empty();
    }

    private <T> T required(String path, Optional<T> value, T standIn) {
        if (value.isEmpty() && errors.stream().noneMatch(error -> error.path().equals(path))) {
            error(path, MISSING);
        }
        return value.orElse(standIn);
    }

    /** The document that is read, for what has no type of its own (metadata). */
    public @Nullable Object raw(String name) {
        return document.getValue(name);
    }
}
