package dev.sluice.rate;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.http.Access;
import dev.sluice.http.BareApi;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import dev.sluice.kernel.FailureException;
import dev.sluice.rate.RateFakes.Said;
import dev.sluice.rate.RateFakes.TurnedClock;
import dev.sluice.store.Store;
import dev.sluice.store.StoreSettings;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateRoutesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String RATES = "/api/v1/stores/{storeId}/rates";
    private static final String SLOT = RATES + "/configuration/{rateSource}";

    private final TurnedClock clock = new TurnedClock();
    private final String store = "store" + System.nanoTime();
    private final BareApi routes = new BareApi(DATABASE.db());

    RateRoutesTest() {
        RateBook book = RateFakes.book(
                clock,
                new Said("a").says("BTC_USD", "60000", "60010").says("BTC_EUR", "55000"),
                new Said("b").says("BTC_JMD", "9600000"));
        RateServiceLive service = new RateServiceLive(DATABASE.db(), book, clock);
        new RateRoutes(
                        service,
                        id -> Future.succeededFuture(Optional.of(new Store(
                                id, new StoreSettings(new JsonObject().put("defaultCurrency", "EUR")), List.of()))))
                .mount(routes);
    }

    private Request request() {
        return new Request(Map.of("storeId", store), List.of(), new JsonObject());
    }

    private Request slot(String slot, JsonObject body) {
        return new Request(Map.of("storeId", store, "rateSource", slot), List.of(), body);
    }

    private Future<Reply> call(String route, Request request) {
        return routes.call(route, request.paths(), Map.of("currencyPair", request.pairs()), request.body());
    }

    private JsonArray list(String route, Request request) {
        return new JsonArray(await(call(route, request)).body());
    }

    private JsonObject object(String route, Request request) {
        return new JsonObject(await(call(route, request)).body());
    }

    private Failure refused(String route, Request request) {
        return ((FailureException) failure(call(route, request))).failure();
    }

    @Test
    void permissionsAreThoseOfTheContract() {
        Access view = Access.needs("btcpay.store.canviewstoresettings");
        Access modify = Access.needs("btcpay.store.canmodifystoresettings");
        assertThat(routes.access())
                .isEqualTo(Map.of(
                        "GET /misc/rate-sources",
                        Access.ANYONE,
                        "GET " + RATES,
                        view,
                        "POST " + RATES + "/configuration/preview",
                        modify,
                        "GET " + SLOT,
                        view,
                        "PUT " + SLOT,
                        modify,
                        "GET " + RATES + "/configuration",
                        view,
                        "PUT " + RATES + "/configuration",
                        modify));
    }

    @Test
    void sourcesAreListed() {
        assertThat(list("GET /misc/rate-sources", request()).encode())
                .isEqualTo("[{\"id\":\"market\",\"name\":\"Market (median of all sources)\"},{\"id\":\"a\","
                        + "\"name\":\"a\"},{\"id\":\"b\",\"name\":\"b\"}]");
    }

    @Test
    void ratesNameEachPairsPriceOrErrors() {
        JsonArray results = list("GET " + RATES, request().asking("BTC_USD", "btc_jmd", "BTC_CHF"));
        assertThat(results.getJsonObject(0).encode())
                .isEqualTo("{\"currencyPair\":\"BTC_USD\",\"errors\":[],\"rate\":\"60000\"}");
        assertThat(results.getJsonObject(1).getString("rate")).isEqualTo("9600000");
        assertThat(results.getJsonObject(2).getString("rate")).isNull();
        assertThat(results.getJsonObject(2).getJsonArray("errors").getString(0)).contains("no source has a price");
    }

    @ParameterizedTest
    @CsvSource({"BTC-USD", "BTCUSD", "btcusd", "Btc_Usd"})
    void pairIsReadAsBtcpayReadsIt(String pair) {
        assertThat(list("GET " + RATES, request().asking(pair)).encode())
                .isEqualTo("[{\"currencyPair\":\"BTC_USD\",\"errors\":[],\"rate\":\"60000\"}]");
    }

    @Test
    void unknownCurrencyIsAnErrorOfItsPairAlone() {
        JsonArray results = list("GET " + RATES, request().asking("BTC_XAU", "BTC_USD", "ABC-BTC"));
        assertThat(results.getJsonObject(0).encode())
                .isEqualTo("{\"currencyPair\":\"BTC_XAU\",\"errors\":[\"one of the currencies is unknown\"],"
                        + "\"rate\":null}");
        assertThat(results.getJsonObject(1).getString("rate")).isEqualTo("60000");
        assertThat(results.getJsonObject(2).getString("currencyPair")).isEqualTo("ABC_BTC");
    }

    @Test
    void withoutPairsTheStoresCurrencyIsMeant() {
        assertThat(list("GET " + RATES, request()).encode())
                .isEqualTo("[{\"currencyPair\":\"BTC_EUR\",\"errors\":[],\"rate\":\"55000\"}]");
    }

    @ParameterizedTest
    @CsvSource({"BTCUSDX", "BTC_", "_", "BTC_USD_EUR", "BTC_X", "BTC USD", "''"})
    void whatIsNoPairIsRefused(String pair) {
        Failure refused = refused("GET " + RATES, request().asking("BTC_USD", pair));
        assertThat(((Failure.Invalid) refused).errors())
                .extracting(FieldError::path)
                .containsExactly("currencyPair");
    }

    @Test
    void defaultConfigurationIsShown() {
        JsonObject shown = object("GET " + SLOT, slot("primary", new JsonObject()));
        assertThat(shown.fieldNames())
                .containsExactlyInAnyOrder("spread", "preferredSource", "isCustomScript", "effectiveScript");
        assertThat(shown.getString("spread")).isEqualTo("0");
        assertThat(shown.getString("preferredSource")).isEqualTo("market");
        assertThat(shown.getBoolean("isCustomScript")).isFalse();
        assertThat(shown.getString("effectiveScript")).contains("USD_BBD = first(market(USD_BBD), 2);");
        assertThat(object("GET " + SLOT, slot("Fallback", new JsonObject()))).isEqualTo(shown);
        assertThat(refused("GET " + SLOT, slot("third", new JsonObject())).code())
                .isEqualTo("rate-source-not-found");
    }

    @Test
    void whatWasShownCanBePutBack() {
        JsonObject shown = object("GET " + SLOT, slot("primary", new JsonObject()));
        assertThat(object("PUT " + SLOT, slot("primary", shown))).isEqualTo(shown);
        assertThat(object("GET " + RATES + "/configuration", request())).isEqualTo(shown);
    }

    @Test
    void changeCountsAtOnce() {
        assertThat(list("GET " + RATES, request().asking("BTC_USD")).encode()).contains("60000");
        JsonObject script = new JsonObject()
                .put("spread", "1.5")
                .put("isCustomScript", true)
                .put("preferredSource", "ignored")
                .put("effectiveScript", "BTC_USD = a(BTC_USD) * 2;");
        JsonObject changed = object("PUT " + SLOT, slot("primary", script));
        assertThat(changed).isEqualTo(script.copy().putNull("preferredSource"));
        assertThat(list("GET " + RATES, request().asking("BTC_USD")).encode()).contains("118200");
        object(
                "PUT " + RATES + "/configuration",
                request()
                        .with(new JsonObject()
                                .put("spread", new BigDecimal("0.5"))
                                .put("preferredSource", "a")));
        assertThat(list("GET " + RATES, request().asking("BTC_USD")).encode()).contains("59700");
    }

    @Test
    void previewPricesWithoutStoring() {
        JsonObject script = new JsonObject().put("isCustomScript", true).put("effectiveScript", "BTC_X = 5;");
        JsonArray results = list(
                "POST " + RATES + "/configuration/preview",
                request().with(script).asking("BTC_USD", "EUR_USD"));
        assertThat(results.encode())
                .isEqualTo("[{\"currencyPair\":\"BTC_USD\",\"errors\":[],\"rate\":\"5\"},"
                        + "{\"currencyPair\":\"EUR_USD\",\"errors\":[\"no rule for EUR_USD\"],\"rate\":null}]");
        assertThat(object("GET " + SLOT, slot("primary", new JsonObject())).getBoolean("isCustomScript"))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"spread":"-1"}                                                    | Spread
            {"spread":"100.1"}                                                 | Spread
            {"spread":"1e1"}                                                   | Spread
            {"spread":"0.0000001"}                                             | Spread
            {"spread":"NaN"}                                                   | Spread
            {"spread":true}                                                    | Spread
            {"preferredSource":"nobody"}                                       | PreferredSource
            {"isCustomScript":"yes"}                                           | IsCustomScript
            {"preferredSource":7}                                              | PreferredSource
            {"isCustomScript":true}                                            | EffectiveScript
            {"isCustomScript":true,"effectiveScript":" "}                      | EffectiveScript
            {"isCustomScript":true,"effectiveScript":"BTC_USD = ;"}            | EffectiveScript
            {"isCustomScript":true,"effectiveScript":"BTC_USD = z(BTC_USD);"}  | EffectiveScript
            """)
    void badConfigurationIsRefusedAndNotStored(String body, String path) {
        for (String route : List.of("PUT " + SLOT, "POST " + RATES + "/configuration/preview")) {
            Failure refused = refused(route, slot("primary", new JsonObject(body)));
            assertThat(((Failure.Invalid) refused).errors())
                    .extracting(FieldError::path)
                    .containsExactly(path);
        }
        assertThat(await(DATABASE.db().read("select from store_rate where store_id = $1", store))
                        .size())
                .isZero();
    }

    @Test
    void unknownSourceOfAScriptIsNamedWithItsPlace() {
        JsonObject body =
                new JsonObject().put("isCustomScript", true).put("effectiveScript", "// one\nBTC_USD = z(BTC_USD);");
        assertThat(refused("PUT " + SLOT, slot("primary", body)).message())
                .isEqualTo("line 2, column 11: unknown source z");
    }

    /** What of a request these routes read. */
    private record Request(Map<String, String> paths, List<String> pairs, JsonObject body) {
        Request asking(String... asked) {
            return new Request(paths, List.of(asked), body);
        }

        Request with(JsonObject document) {
            return new Request(paths, pairs, document);
        }
    }
}
