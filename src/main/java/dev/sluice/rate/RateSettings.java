package dev.sluice.rate;

import dev.sluice.http.Fields;
import dev.sluice.kernel.Failure;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a store prices: by its own script, or by the default script of a source ({@code StoreRateConfiguration} of
 * Greenfield). At most one of the two is set.
 *
 * @param spread percent, 0 to 100, by which the rate is worsened for the payer
 * @param preferredSource null for the recommended one
 * @param script null for the default script
 */
record RateSettings(
        BigDecimal spread,
        @Nullable String preferredSource,
        @Nullable String script) {
    static final RateSettings DEFAULT = new RateSettings(BigDecimal.ZERO, null, null);

    private static final BigDecimal SPREAD_MAX = BigDecimal.valueOf(100);
    private static final int SPREAD_DECIMALS_MAX = 5;
    private static final int SOURCE_MAX = 50;

    /**
     * Reads the API's document. Fails with {@link Failure.Invalid}. {@code effectiveScript} without {@code
     * isCustomScript} is ignored, so that what GET answered can be PUT back.
     */
    static RateSettings parse(JsonObject json, RateBook book) {
        Fields fields = new Fields(json);
        BigDecimal spread = spread(fields);
        boolean custom = fields.flag("isCustomScript", false);
        String source = custom ? null : source(fields, book);
        String script = custom ? script(fields, book) : null;
        fields.check();
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

    private static BigDecimal spread(Fields fields) {
        BigDecimal given = fields.decimal("spread", BigDecimal.ZERO, SPREAD_MAX);
        BigDecimal spread = given == null ? BigDecimal.ZERO : given.stripTrailingZeros();
        if (spread.scale() > SPREAD_DECIMALS_MAX) {
            fields.reject("spread", "A spread has up to 5 decimals");
        }
        return spread;
    }

    private static @Nullable String source(Fields fields, RateBook book) {
        String source = fields.text("preferredSource", SOURCE_MAX);
        if (source == null || source.isEmpty()) {
            return null;
        }
        return book.knows(source) ? source : fields.reject("preferredSource", "Unknown source; see /misc/rate-sources");
    }

    private static String script(Fields fields, RateBook book) {
        String text = fields.text("effectiveScript", RateScript.LENGTH_MAX);
        if (text == null || text.isBlank()) {
            fields.reject("effectiveScript", "A script is needed");
            return "";
        }
        problem(text, book).ifPresent(problem -> fields.reject("effectiveScript", problem));
        return text;
    }

    private static Optional<String> problem(String text, RateBook book) {
        return switch (ScriptParser.parse(text)) {
            case ScriptParser.Parsed.Bad bad -> Optional.of(bad.message());
            case ScriptParser.Parsed.Good good ->
                good.script().asks().stream()
                        .filter(ask -> !book.knows(ask.source()))
                        .findFirst()
                        .map(ask -> ScriptParser.position(text, ask.at()) + ": unknown source " + ask.source());
        };
    }
}
