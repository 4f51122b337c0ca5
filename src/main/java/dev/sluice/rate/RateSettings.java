package dev.sluice.rate;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a store prices: by its own script, or by the default script of a source ({@code StoreRateConfiguration} of
 * Greenfield). At most one of the two is set.
 *
 * @param spread percent, 0 to 100, by which the rate is worsened for the payer
 * @param preferredSource null for the recommended one
 * @param script null for the default script
 */
record RateSettings(BigDecimal spread, @Nullable String preferredSource, @Nullable String script) {
    static final RateSettings DEFAULT = new RateSettings(BigDecimal.ZERO, null, null);

    private static final BigDecimal SPREAD_MAX = BigDecimal.valueOf(100);
    private static final int SPREAD_DECIMALS_MAX = 5;
    private static final int SPREAD_DIGITS_MAX = 12;

    /**
     * Reads the API's document. Fails with {@link Failure.Invalid}. {@code effectiveScript} without {@code
     * isCustomScript} is ignored, so that what GET answered can be PUT back.
     */
    static RateSettings parse(JsonObject json, RateBook book) {
        List<FieldError> errors = new ArrayList<>();
        BigDecimal spread = spread(json.getValue("spread"), errors);
        boolean custom = Boolean.TRUE.equals(json.getValue("isCustomScript"));
        String source = custom ? null : source(json.getValue("preferredSource"), book, errors);
        String script = custom ? script(json.getValue("effectiveScript"), book, errors) : null;
        if (!errors.isEmpty()) {
            throw new Failure.Invalid(errors).exception();
        }
        return new RateSettings(spread, source, script);
    }

    /** The API's document. */
    JsonObject render(RateBook book) {
        return new JsonObject()
                .put("spread", spread.stripTrailingZeros().toPlainString())
                .put("preferredSource", script == null ? effectiveSource() : null)
                .put("isCustomScript", script != null)
                .put("effectiveScript", effectiveScript(book));
    }

    String effectiveScript(RateBook book) {
        return script != null ? script : DefaultScript.of(effectiveSource(), book::knows);
    }

    private String effectiveSource() {
        return preferredSource == null ? RateBook.MARKET : preferredSource;
    }

    private static BigDecimal spread(@Nullable Object value, List<FieldError> errors) {
        String text = value == null ? "0" : value.toString();
        if (text.length() <= SPREAD_DIGITS_MAX && text.matches("[0-9]+(\\.[0-9]+)?")) {
            BigDecimal spread = new BigDecimal(text).stripTrailingZeros();
            if (spread.compareTo(SPREAD_MAX) <= 0 && spread.scale() <= SPREAD_DECIMALS_MAX) {
                return spread;
            }
        }
        errors.add(new FieldError("Spread", "Spread must be in percent, between 0 and 100, with up to 5 decimals"));
        return BigDecimal.ZERO;
    }

    private static @Nullable String source(@Nullable Object value, RateBook book, List<FieldError> errors) {
        if (value == null || value.equals("")) {
            return null;
        }
        if (!(value instanceof String source) || !book.knows(source)) {
            errors.add(new FieldError("PreferredSource", "Unknown source; see /misc/rate-sources"));
            return null;
        }
        return source;
    }

    private static @Nullable String script(@Nullable Object value, RateBook book, List<FieldError> errors) {
        if (!(value instanceof String text) || text.isBlank()) {
            errors.add(new FieldError("EffectiveScript", "A custom script must not be empty"));
            return null;
        }
        switch (ScriptParser.parse(text)) {
            case ScriptParser.Parsed.Bad bad -> errors.add(new FieldError("EffectiveScript", bad.message()));
            case ScriptParser.Parsed.Good good -> good.script().asks().stream()
                    .filter(ask -> !book.knows(ask.source()))
                    .findFirst()
                    .ifPresent(ask -> errors.add(new FieldError(
                            "EffectiveScript",
                            ScriptParser.position(text, ask.at()) + ": unknown source " + ask.source())));
        }
        return text;
    }
}
