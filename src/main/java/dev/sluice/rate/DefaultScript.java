package dev.sluice.rate;

import java.util.List;
import java.util.function.Predicate;

/** The script of a store that wrote none. */
final class DefaultScript {
    /** Where the market of one source is the one that people use: its country has more than one rate of exchange. */
    private static final List<String> OWN_MARKET = List.of("ARS", "COP", "UGX");

    private DefaultScript() {}

    /**
     * Asks a source for every pair; a pair that it does not quote is crossed through the dollar.
     *
     * @param known tells which sources there are
     */
    static String of(String source, Predicate<String> known) {
        StringBuilder script = new StringBuilder();
        if (source.equals(RateBook.MARKET) && known.test("yadio")) {
            script.append("// The market that people use where a country has several rates of exchange.\n");
            OWN_MARKET.forEach(code -> script.append("BTC_%1$s = yadio(BTC_%1$s);\n".formatted(code)));
        }
        return script.append("""
                // What %1$s does not quote is crossed through the dollar.
                BTC_X = first(%1$s(BTC_X), %1$s(BTC_USD) * USD_X);
                // Fixed to the dollar by their central banks; the figure counts where no source quotes the pair.
                USD_BBD = first(market(USD_BBD), 2);
                USD_BSD = first(market(USD_BSD), 1);
                USD_X = market(USD_X);
                X_X = %1$s(X_X);
                """.formatted(source)).toString();
    }
}
