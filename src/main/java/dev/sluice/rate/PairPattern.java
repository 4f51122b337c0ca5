package dev.sluice.rate;

import dev.sluice.kernel.Currency;
import org.jspecify.annotations.Nullable;

/**
 * A pair in a script, where {@code X} stands for any currency: {@code BTC_USD}, {@code BTC_X}, {@code X_USD} or
 * {@code X_X}.
 *
 * @param base null for X
 * @param quote null for X
 */
record PairPattern(@Nullable Currency base, @Nullable Currency quote) {
    boolean matches(CurrencyPair pair) {
        return (base == null || base.equals(pair.base())) && (quote == null || quote.equals(pair.quote()));
    }

    int wildcards() {
        return (base == null ? 1 : 0) + (quote == null ? 1 : 0);
    }

    /**
     * The pair meant where {@code this} stands in a rule for {@code target} that is applied to {@code pair}. An X means
     * the target's X on the same side, or its only one.
     */
    CurrencyPair bind(PairPattern target, CurrencyPair pair) {
        Currency anyBase = target.base == null ? pair.base() : pair.quote();
        Currency anyQuote = target.quote == null ? pair.quote() : pair.base();
        return new CurrencyPair(base == null ? anyBase : base, quote == null ? anyQuote : quote);
    }

    @Override
    public String toString() {
        return (base == null ? "X" : base.code()) + "_" + (quote == null ? "X" : quote.code());
    }
}
