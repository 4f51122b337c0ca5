package dev.sluice.rate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sluice.kernel.Currency;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the documents of public tickers quote. Strict on figures (a text with separators is no figure), lenient on
 * everything else: unknown codes and unreadable figures are left out, not guessed.
 */
final class TickerFormats {
    private static final Pattern FIGURE = Pattern.compile("[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?");

    /** Kraken's own names of its markets; a closed table, because guessing a pair's direction from its name fails. */
    private static final Map<String, CurrencyPair> KRAKEN = Map.ofEntries(
            market("XXBTZUSD", "BTC_USD"),
            market("XXBTZEUR", "BTC_EUR"),
            market("XXBTZGBP", "BTC_GBP"),
            market("XXBTZCAD", "BTC_CAD"),
            market("XXBTZJPY", "BTC_JPY"),
            market("XBTCHF", "BTC_CHF"),
            market("XBTAUD", "BTC_AUD"),
            market("ZEURZUSD", "EUR_USD"),
            market("ZGBPZUSD", "GBP_USD"),
            market("ZUSDZCAD", "USD_CAD"),
            market("ZUSDZJPY", "USD_JPY"),
            market("USDCHF", "USD_CHF"),
            market("AUDUSD", "AUD_USD"));

    private TickerFormats() {}

    /** {@code {"error":[],"result":{"XXBTZUSD":{"a":[ask,..],"b":[bid,..],..}}}}; an error comes with status 200. */
    static Map<CurrencyPair, BidAsk> kraken(JsonNode root) {
        Map<CurrencyPair, BidAsk> quotes = new HashMap<>();
        root.path("result").properties().forEach(field -> {
            CurrencyPair pair = KRAKEN.get(field.getKey());
            if (pair != null) {
                put(
                        quotes,
                        pair,
                        field.getValue().path("b").path(0),
                        field.getValue().path("a").path(0));
            }
        });
        return quotes;
    }

    /** {@code {"data":{"currency":"BTC","rates":{"USD":"64000.5",..}}}}. */
    static Map<CurrencyPair, BidAsk> coinbase(JsonNode root) {
        JsonNode data = root.path("data");
        return table(data.path("currency").asText(), data.path("rates"));
    }

    /** {@code [["tBTCUSD",bid,bidSize,ask,askSize,..],..]}. */
    static Map<CurrencyPair, BidAsk> bitfinex(JsonNode root) {
        Map<CurrencyPair, BidAsk> quotes = new HashMap<>();
        for (JsonNode row : root) {
            String symbol = row.path(0).asText();
            if (symbol.length() == 7 && symbol.startsWith("t")) {
                CurrencyPair.find(symbol.substring(1, 4) + "_" + symbol.substring(4))
                        .ifPresent(pair -> put(quotes, pair, row.path(1), row.path(3)));
            }
        }
        return quotes;
    }

    /** {@code {"BTC":{"USD":64000.5,..},"base":"BTC","timestamp":..}}, and the same with another base. */
    static Map<CurrencyPair, BidAsk> yadio(JsonNode root) {
        Map<CurrencyPair, BidAsk> quotes = new HashMap<>();
        root.properties().forEach(field -> quotes.putAll(table(field.getKey(), field.getValue())));
        return quotes;
    }

    /** {@code {"result":"success","base_code":"USD","rates":{"JMD":160.1,..}}}. */
    static Map<CurrencyPair, BidAsk> exchangeRate(JsonNode root) {
        return table(root.path("base_code").asText(), root.path("rates"));
    }

    private static Map<CurrencyPair, BidAsk> table(String baseCode, JsonNode rates) {
        Map<CurrencyPair, BidAsk> quotes = new HashMap<>();
        Currency.find(baseCode)
                .ifPresent(base -> rates.properties()
                        .forEach(field -> Currency.find(field.getKey())
                                .filter(quote -> !quote.equals(base))
                                .ifPresent(quote -> put(
                                        quotes, new CurrencyPair(base, quote), field.getValue(), field.getValue()))));
        return quotes;
    }

    private static void put(Map<CurrencyPair, BidAsk> quotes, CurrencyPair pair, JsonNode bid, JsonNode ask) {
        Optional<BigDecimal> low = figure(bid);
        Optional<BigDecimal> high = figure(ask);
        if (low.isPresent() && high.isPresent() && low.get().compareTo(high.get()) <= 0) {
            quotes.put(pair, new BidAsk(low.get(), high.get()));
        }
    }

    private static Optional<BigDecimal> figure(JsonNode node) {
        String text = node.asText();
        return (node.isNumber() || node.isTextual()) && FIGURE.matcher(text).matches()
                ? Optional.of(new BigDecimal(text))
                : Optional.empty();
    }

    private static Map.Entry<String, CurrencyPair> market(String name, String pair) {
        return Map.entry(name, CurrencyPair.of(pair));
    }
}
