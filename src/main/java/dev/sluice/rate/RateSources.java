package dev.sluice.rate;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The public sources that Sluice speaks to. */
public final class RateSources {
    /** Where each source is reached unless the configuration says otherwise. */
    public static final Map<String, URI> BASE_URLS = Map.of(
            "kraken", URI.create("https://api.kraken.com"),
            "coinbase", URI.create("https://api.coinbase.com"),
            "bitfinex", URI.create("https://api-pub.bitfinex.com"),
            "yadio", URI.create("https://api.yadio.io"),
            "exchangerate", URI.create("https://open.er-api.com"));

    private static final Duration MARKET = Duration.ofSeconds(30);
    private static final Duration SLOW_MARKET = Duration.ofMinutes(1);
    /** Its figures change once a day, and its terms ask for no more than one request an hour. */
    private static final Duration DAILY = Duration.ofHours(6);

    private static final String KRAKEN_PAIRS =
            "XBTUSD,XBTEUR,XBTGBP,XBTCAD,XBTJPY,XBTCHF,XBTAUD," + "EURUSD,GBPUSD,USDCAD,USDJPY,USDCHF,AUDUSD";
    private static final String BITFINEX_SYMBOLS = "tBTCUSD,tBTCEUR,tBTCGBP,tBTCJPY";

    private RateSources() {}

    /**
     * All of them.
     *
     * @param baseUrls by id, without a trailing slash; what is absent is reached at {@link #BASE_URLS}
     */
    public static List<RateSource> all(HttpGet http, Map<String, URI> baseUrls) {
        Urls urls = new Urls(baseUrls);
        return List.of(
                new Ticker(
                        "kraken",
                        "Kraken",
                        MARKET,
                        http,
                        urls.of("kraken", "/0/public/Ticker?pair=" + KRAKEN_PAIRS),
                        TickerFormats::kraken),
                new Ticker(
                        "coinbase",
                        "Coinbase",
                        MARKET,
                        http,
                        urls.of("coinbase", "/v2/exchange-rates?currency=BTC"),
                        TickerFormats::coinbase),
                new Ticker(
                        "bitfinex",
                        "Bitfinex",
                        MARKET,
                        http,
                        urls.of("bitfinex", "/v2/tickers?symbols=" + BITFINEX_SYMBOLS),
                        TickerFormats::bitfinex),
                new Ticker(
                        "yadio",
                        "Yadio",
                        SLOW_MARKET,
                        http,
                        urls.of("yadio", "/exrates/BTC", "/exrates/USD"),
                        TickerFormats::yadio),
                new Ticker(
                        "exchangerate",
                        "ExchangeRate-API (fiat)",
                        DAILY,
                        http,
                        urls.of("exchangerate", "/v6/latest/USD"),
                        TickerFormats::exchangeRate));
    }

    private record Urls(Map<String, URI> overrides) {
        List<URI> of(String id, String... paths) {
            URI base = overrides.getOrDefault(id, BASE_URLS.get(id));
            return Stream.of(paths).map(path -> URI.create(base + path)).toList();
        }
    }
}
