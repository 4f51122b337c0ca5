package dev.sluice.rate;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.rate.RateFakes.told;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.rate.RateFakes.Memory;
import dev.sluice.rate.RateFakes.TurnedClock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sources against a local server that answers in the public tickers' formats. */
class TickerTest {
    private static final String KRAKEN = """
            {"error":[],"result":{
             "XXBTZUSD":{"a":["64010.10000","1","1.000"],"b":["64010.00000","2","2.000"],
              "c":["64010.10000","0.00150000"],
              "v":["512.1","1830.2"],"p":["63900.1","63800.2"],"t":[12000,42000],"l":["63000.0","62800.0"],
              "h":["64500.0","64500.0"],"o":"63500.0"},
             "XXBTZEUR":{"a":["59000.2","1","1.0"],"b":["59000.1","1","1.0"],"c":["59000.1","0.1"]},
             "ZEURZUSD":{"a":["1.0851","1","1.0"],"b":["1.0850","1","1.0"],"c":["1.0850","0.1"]},
             "XETHXXBT":{"a":["0.05","1","1.0"],"b":["0.04","1","1.0"],"c":["0.05","0.1"]}}}""";
    private static final String COINBASE = """
            {"data":{"currency":"BTC","rates":{"USD":"64005.5","EUR":"59010","JMD":"10240880","BBD":"128011",
                "BTC":"1","DOGE":"400000","SATS":"100000000"}}}""";
    private static final String BITFINEX = """
            [["tBTCUSD",64000,3.2,64002,4.1,-120,-0.0019,64001,900.5,64500,62900],
             ["tBTCJPY",9600000,3.2,9601000,4.1,-120,-0.0019,9600500,9.5,9650000,9500000],
             ["tBTCUST",64000,3.2,64002,4.1,-120,-0.0019,64001,900.5,64500,62900],["fUSD",0.0003]]""";
    private static final String YADIO_BTC = """
            {"BTC":{"USD":64020.37,"ARS":76000000.5,"JMD":10241000,"KWD":19650.123,"JPY":9601000},"base":"BTC",
                "timestamp":1767225600000}""";
    private static final String YADIO_USD = """
            {"USD":{"BTC":0.0000156,"JMD":160.0,"TTD":6.79,"USD":1,"VES":300.1},"BTC":64020.37,"base":"USD",
                "timestamp":1767225600000}""";
    private static final String EXCHANGE = """
            {"result":"success","provider":"p","time_last_update_unix":1767225600,"base_code":"USD","rates":{"USD":1,
                "JMD":159.9,"TTD":6.78,"EUR":0.92}}""";

    private final Vertx vertx = Vertx.vertx();
    private final Map<String, String> answers = new ConcurrentHashMap<>(Map.of(
            "/0/public/Ticker", KRAKEN,
            "/v2/exchange-rates", COINBASE,
            "/v2/tickers", BITFINEX,
            "/exrates/BTC", YADIO_BTC,
            "/exrates/USD", YADIO_USD,
            "/v6/latest/USD", EXCHANGE));
    private final Map<String, Integer> statuses = new ConcurrentHashMap<>();
    private HttpServer server;
    private HttpClient client;

    @BeforeEach
    void start() {
        server = await(vertx.createHttpServer()
                .requestHandler(request -> request.response()
                        .setStatusCode(statuses.getOrDefault(request.path(), 200))
                        .end(answers.getOrDefault(request.path(), "{}")))
                .listen(0, "127.0.0.1"));
        client = vertx.createHttpClient();
    }

    @AfterEach
    void stop() {
        await(vertx.close());
    }

    /** The body is asked for on the client's own thread: a short answer may be over before another gets to it. */
    private Future<Buffer> get(URI uri) {
        return client.request(HttpMethod.GET, uri.getPort(), uri.getHost(), uri.getRawPath() + "?" + uri.getRawQuery())
                .compose(request -> request.send().compose(TickerTest::read));
    }

    private static Future<Buffer> read(HttpClientResponse response) {
        return response.statusCode() == 200
                ? response.body()
                : Future.failedFuture(new IllegalStateException("status " + response.statusCode()));
    }

    private Map<String, RateSource> sources() {
        URI base = URI.create("http://127.0.0.1:" + server.actualPort());
        Map<String, URI> bases = new HashMap<>();
        RateSources.BASE_URLS.keySet().forEach(id -> bases.put(id, base));
        return RateSources.all(this::get, bases).stream()
                .collect(Collectors.toMap(RateSource::id, Function.identity()));
    }

    private Map<String, String> fetched(String id) {
        return await(sources().get(id).fetch()).entrySet().stream()
                .collect(Collectors.toMap(
                        e -> e.getKey().toString(),
                        e -> e.getValue().bid().toPlainString() + " "
                                + e.getValue().ask().toPlainString()));
    }

    private RateBook market() {
        RateBook book =
                RateFakes.book(new TurnedClock(), new Memory(), sources().values());
        await(book.use(List.of(RateBook.MARKET)));
        return book;
    }

    private String byDefault(RateBook book, String pair) {
        RateScript script = ScriptParserTest.good(DefaultScript.of(RateBook.MARKET, book::knows));
        return told(Evaluation.of(script, book::quote, CurrencyPair.of(pair)));
    }

    @Test
    void krakenIsReadByTheNamesOfItsMarkets() {
        assertThat(fetched("kraken"))
                .containsEntry("BTC_USD", "64010.00000 64010.10000")
                .containsEntry("EUR_USD", "1.0850 1.0851")
                .containsOnlyKeys("BTC_USD", "BTC_EUR", "EUR_USD");
    }

    @Test
    void coinbaseIsReadWithoutUnknownCodes() {
        assertThat(fetched("coinbase"))
                .containsEntry("BTC_USD", "64005.5 64005.5")
                .containsOnlyKeys("BTC_USD", "BTC_EUR", "BTC_JMD", "BTC_BBD", "BTC_SATS");
    }

    @Test
    void bitfinexIsReadBidAndAsk() {
        assertThat(fetched("bitfinex"))
                .containsEntry("BTC_USD", "64000 64002")
                .containsEntry("BTC_JPY", "9600000 9601000")
                .hasSize(2);
    }

    @Test
    void yadioIsReadInBothBases() {
        assertThat(fetched("yadio"))
                .containsEntry("BTC_USD", "64020.37 64020.37")
                .containsEntry("BTC_KWD", "19650.123 19650.123")
                .containsEntry("USD_JMD", "160 160")
                .containsEntry("USD_BTC", "0.0000156 0.0000156");
    }

    @Test
    void exchangeRateIsReadWithoutItsBase() {
        assertThat(fetched("exchangerate"))
                .containsOnlyKeys("USD_JMD", "USD_TTD", "USD_EUR")
                .containsEntry("USD_TTD", "6.78 6.78");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no json",
                "{}",
                "[]",
                "null",
                "42",
                "{\"data\":null}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"64,005.5\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"64.005,5\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"64 005\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"NaN\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"Infinity\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"-64005\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"0x10\"}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":true}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":[1]}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":NaN}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":1e99999}}}",
                "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"USD\":\"64005\"}}",
                "{\"data\":{\"currency\":\"ETH\",\"rates\":{\"USD\":\"3000\"}}}",
            })
    void answerThatQuotesNothingFails(String answer) {
        answers.put("/v2/exchange-rates", answer);
        assertThat(failure(sources().get("coinbase").fetch())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void krakensErrorIsAFailureDespiteItsStatus() {
        answers.put("/0/public/Ticker", "{\"error\":[\"EGeneral:Too many requests\"]}");
        assertThat(failure(sources().get("kraken").fetch())).hasMessageContaining("quotes nothing");
    }

    @Test
    void crossedBookIsLeftOut() {
        answers.put("/v2/tickers", "[[\"tBTCUSD\",64002,3.2,64000,4.1]]");
        assertThat(failure(sources().get("bitfinex").fetch())).hasMessageContaining("quotes nothing");
    }

    @Test
    void hugeFigureIsReadButNotBelieved() {
        answers.put("/v2/exchange-rates", "{\"data\":{\"currency\":\"BTC\",\"rates\":{\"GBP\":\"1e300\"}}}");
        assertThat(told(market().quote("coinbase", CurrencyPair.of("BTC_GBP")))).startsWith("none: ");
    }

    @ParameterizedTest
    @CsvSource({
        "BTC_USD, 64007.75", // middle of the four bids
        "BTC_JMD, 10240940", // coinbase and yadio
        "BTC_TTD, 434292.58375", // 64007.75 by the median of 6.79 and 6.78
        "BTC_BBD, 128011", // coinbase alone
        "BTC_BSD, 64007.75", // by the fixed rate of its central bank
        "BTC_ARS, 76000000.5", // yadio
        "BTC_JPY, 9600500",
        "BTC_KWD, 19650.123",
    })
    void defaultScriptPrices(String pair, String price) {
        assertThat(byDefault(market(), pair)).isEqualTo(price);
    }

    @Test
    void caribbeanCurrenciesLiveOnWhenOnlyOneMarketIsLeft() {
        statuses.putAll(
                Map.of("/v2/exchange-rates", 503, "/v2/tickers", 429, "/exrates/BTC", 500, "/v6/latest/USD", 200));
        RateBook book = market();
        assertThat(byDefault(book, "BTC_JMD")).isEqualTo("10235199"); // 64010 by 159.9
        assertThat(byDefault(book, "BTC_TTD")).isEqualTo("433987.8");
        assertThat(byDefault(book, "BTC_BBD")).isEqualTo("128020");
        assertThat(byDefault(book, "BTC_BSD")).isEqualTo("64010");
        assertThat(byDefault(book, "BTC_XCD")).startsWith("none: ");
    }

    @Test
    void ofAnOtherSourceFiatIsCrossedThroughItsDollar() {
        RateBook book = market();
        RateScript script = ScriptParserTest.good(DefaultScript.of("bitfinex", book::knows));
        assertThat(told(Evaluation.of(script, book::quote, CurrencyPair.of("BTC_BSD"))))
                .isEqualTo("64000");
        assertThat(told(Evaluation.of(script, book::quote, CurrencyPair.of("BTC_TTD"))))
                .isEqualTo("434240");
    }
}
