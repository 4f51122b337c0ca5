package dev.sluice.http;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Colours that a shop chooses, as CSS writes them in hexadecimal: {@code #F7931A}, or {@code #F91} in short. */
public final class Colour {
    public static final int LENGTH_MAX = 7;
    /** What a field that takes one says of anything else. */
    public static final String EXPECTED = "a colour such as #F7931A";

    private static final Pattern FORM = Pattern.compile("#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})");

    private Colour() {}

    public static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    /** Its six digits, lower case, without the sign; empty where the text is no colour. */
    public static Optional<String> digits(@Nullable Object text) {
        if (!(text instanceof String colour) || !isOne(colour)) {
            return Optional.empty();
        }
        String given = colour.substring(1).toLowerCase(Locale.ROOT);
        return Optional.of(given.length() == 6 ? given : given.replaceAll("(.)", "$1$1"));
    }
}
