package dev.sluice.rate;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stores' rates: {@code stores-rates} of Greenfield 2.4.1, and the list of sources. */
public final class RateRoutes implements Routes {
    private static final String CONFIGURATION = "/api/v1/stores/{storeId}/rates/configuration";
    private static final Access VIEW = Access.needs("btcpay.store.canviewstoresettings");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifystoresettings");
    /** More pairs than a store takes; bounds the work of one request. */
    private static final int PAIRS_MAX = 25;

    private final RateServiceLive rates;
    private final StoreService stores;

    public RateRoutes(RateServiceLive rates, StoreService stores) {
        this.rates = rates;
        this.stores = stores;
    }

    @Override
    public void mount(Api api) {
        api.get("/misc/rate-sources", Access.ANYONE, call -> sources());
        api.get("/api/v1/stores/{storeId}/rates", VIEW, this::rates);
        api.post(CONFIGURATION + "/preview", MODIFY, this::preview);
        api.get(CONFIGURATION + "/{rateSource}", VIEW, call -> show(call, slot(call)));
        api.put(CONFIGURATION + "/{rateSource}", MODIFY, call -> change(call, slot(call)));
        api.get(CONFIGURATION, VIEW, call -> show(call, RateSlot.PRIMARY)); // the path before BTCPay 2.1
        api.put(CONFIGURATION, MODIFY, call -> change(call, RateSlot.PRIMARY));
    }

    private Future<Reply> sources() {
        JsonArray list = new JsonArray().add(source(RateBook.MARKET, "Market (median of all sources)"));
        rates.book().sources().forEach(source -> list.add(source(source.id(), source.name())));
        return Future.succeededFuture(Reply.json(list));
    }

    private Future<Reply> rates(Call call) {
        return pairs(call).compose(pairs -> rates.quotes(store(call), pairs).map(quotes -> results(pairs, quotes)));
    }

    private Future<Reply> preview(Call call) {
        RateSettings settings = RateSettings.parse(call.body(), rates.book());
        return pairs(call).compose(pairs -> rates.preview(settings, pairs).map(quotes -> results(pairs, quotes)));
    }

    private Future<Reply> show(Call call, RateSlot slot) {
        return rates.settings(store(call), slot).map(settings -> Reply.json(settings.render(rates.book())));
    }

    private Future<Reply> change(Call call, RateSlot slot) {
        RateSettings settings = RateSettings.parse(call.body(), rates.book());
        return call.effect(tx -> rates.save(tx, store(call), slot, settings)
                        .map(saved -> Reply.json(settings.render(rates.book()))))
                .onSuccess(done -> rates.forget(store(call)));
    }

    private static JsonObject source(String id, String name) {
        return new JsonObject().put("id", id).put("name", name);
    }

    private static StoreId store(Call call) {
        return new StoreId(call.path("storeId"));
    }

    private static RateSlot slot(Call call) {
        return RateSlot.find(call.path("rateSource"))
                .orElseThrow(() -> new Failure.NotFound(
                                "rate-source-not-found", "A store has a primary and a fallback rate source")
                        .exception());
    }

    /** The pairs that are asked for; without any, bitcoin in the store's currency. */
    private Future<List<CurrencyPair>> pairs(Call call) {
        List<String> asked = call.queries("currencyPair");
        if (asked.isEmpty()) {
            return stores.find(store(call))
                    .map(store -> List.of(CurrencyPair.bitcoin(store.orElseThrow(
                                    () -> new Failure.NotFound("store-not-found", "There is no such store").exception())
                            .settings()
                            .defaultCurrency())));
        }
        if (asked.size() > PAIRS_MAX) {
            return Future.failedFuture(Failure.invalid("currencyPair", "At most 25 pairs at a time")
                    .exception());
        }
        List<CurrencyPair> pairs = new ArrayList<>();
        List<FieldError> errors = new ArrayList<>();
        for (String text : asked) {
            Optional<CurrencyPair> pair = CurrencyPair.find(text);
            pair.ifPresentOrElse(
                    pairs::add,
                    () -> errors.add(
                            new FieldError("currencyPair", "Not a pair of known currencies, such as BTC_USD")));
        }
        return errors.isEmpty()
                ? Future.succeededFuture(List.copyOf(pairs))
                : Future.failedFuture(new Failure.Invalid(errors).exception());
    }

    private static Reply results(List<CurrencyPair> pairs, List<Quote> quotes) {
        JsonArray results = new JsonArray();
        for (int i = 0; i < pairs.size(); i++) {
            results.add(result(pairs.get(i), quotes.get(i)));
        }
        return Reply.json(results);
    }

    private static JsonObject result(CurrencyPair pair, Quote quote) {
        JsonObject json = new JsonObject().put("currencyPair", pair.toString());
        return switch (quote) {
            case Quote.Price price ->
                json.put("errors", new JsonArray())
                        .put("rate", price.value().price().toPlainString());
            case Quote.None none ->
                json.put("errors", new JsonArray().add(none.reason())).putNull("rate");
        };
    }
}
