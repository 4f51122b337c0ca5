package dev.sluice.rate;

import java.math.BigDecimal;
import java.util.List;

/** Settings ready to price with. */
record Pricing(RateScript script, BigDecimal spread) {
    /** Stored scripts were checked when they were stored; one that a newer version cannot read prices nothing. */
    static Pricing of(RateSettings settings, RateBook book) {
        String text = settings.effectiveScript(book);
        RateScript script = switch (ScriptParser.parse(text)) {
            case ScriptParser.Parsed.Good good -> good.script();
            case ScriptParser.Parsed.Bad bad -> new RateScript(text, List.of());
        };
        return new Pricing(script, settings.spread());
    }

    /** The price after the spread, or why there is none. */
    Quote price(RateBook book, CurrencyPair pair) {
        return Evaluation.of(script, book::quote, pair)
                .map(value -> value.spread(spread))
                .then(value -> value.bid().signum() > 0
                        ? Quote.of(value)
                        : Quote.none("the spread leaves nothing of " + pair));
    }
}
