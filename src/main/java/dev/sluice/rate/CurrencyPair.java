package dev.sluice.rate;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Currency;
import java.util.Optional;

/** Two currencies; a rate of the pair says how many units of {@code quote} one unit of {@code base} costs. */
public record CurrencyPair(Currency base, Currency quote) {
    /** The price of one bitcoin in a currency. */
    public static CurrencyPair bitcoin(Currency quote) {
        return new CurrencyPair(Currency.BTC, quote);
    }

    /** {@code BTC_USD} in any case, or empty where the form is another or a code is unknown. */
    public static Optional<CurrencyPair> find(String text) {
        int cut = text.indexOf('_');
        if (cut < 0) {
            return Optional.empty();
        }
        return Currency.find(text.substring(0, cut))
                .flatMap(base -> Currency.find(text.substring(cut + 1)).map(quote -> new CurrencyPair(base, quote)));
    }

    static CurrencyPair of(String text) {
        Optional<CurrencyPair> pair = find(text);
        Check.require(pair.isPresent(), "not a currency pair");
        return pair.orElseThrow();
    }

    CurrencyPair inverse() {
        return new CurrencyPair(quote, base);
    }

    @Override
    public String toString() {
        return base.code() + "_" + quote.code();
    }
}
