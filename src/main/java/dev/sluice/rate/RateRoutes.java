package dev.sluice.rate;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Failure;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The stores' rates: {@code stores-rates} of Greenfield 2.4.1, and the list of sources. */
public final class RateRoutes implements Routes {
    private static final String CONFIGURATION = "/api/v1/stores/{storeId}/rates/configuration";
    private static final Access VIEW = Access.needs("btcpay.store.canviewstoresettings");
    private static final Access MODIFY = Access.needs("btcpay.store.canmodifystoresettings");
    /** More pairs than a store takes; bounds the work of one request. */
    private static final int PAIRS_MAX = 25;
    /** As BTCPay reads them: two codes with {@code _} or {@code -} between, or two of three letters together. */
    private static final Pattern PAIR =
            Pattern.compile("([A-Za-z0-9]{2,10})[_-]([A-Za-z0-9]{2,10})|([A-Za-z]{3})([A-Za-z]{3})");

    private static final Quote UNKNOWN = Quote.none("one of the currencies is unknown");

    /**
     * A pair that somebody asks for.
     *
     * @param pair empty where a currency is unknown: the others are answered all the same
     */
    private record Asked(String name, Optional<CurrencyPair> pair) {
        static Asked of(CurrencyPair pair) {
            return new Asked(pair.toString(), Optional.of(pair));
        }

        static Asked of(Matcher text) {
            int first = text.group(1) == null ? 3 : 1;
            String name = (text.group(first) + "_" + text.group(first + 1)).toUpperCase(Locale.ROOT);
            return CurrencyPair.find(name).map(Asked::of).orElseGet(() -> new Asked(name, Optional.empty()));
        }
    }

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
        return asked(call)
                .compose(asked -> rates.quotes(call.store(), known(asked)).map(quotes -> results(asked, quotes)));
    }

    private Future<Reply> preview(Call call) {
        RateSettings settings = RateSettings.parse(call.body(), rates.book());
        return asked(call)
                .compose(asked -> rates.preview(settings, known(asked)).map(quotes -> results(asked, quotes)));
    }

    private Future<Reply> show(Call call, RateSlot slot) {
        return rates.settings(call.store(), slot).map(settings -> Reply.json(settings.render(rates.book())));
    }

    private Future<Reply> change(Call call, RateSlot slot) {
        RateSettings settings = RateSettings.parse(call.body(), rates.book());
        return call.effect(tx -> rates.save(tx, call.store(), slot, settings)
                        .map(saved -> Reply.json(settings.render(rates.book()))))
                .onSuccess(done -> rates.forget(call.store()));
    }

    private static JsonObject source(String id, String name) {
        return new JsonObject().put("id", id).put("name", name);
    }

    private static RateSlot slot(Call call) {
        return RateSlot.find(call.path("rateSource"))
                .orElseThrow(() -> new Failure.NotFound(
                                "rate-source-not-found", "A store has a primary and a fallback rate source")
                        .exception());
    }

    /** What is asked for; without anything, bitcoin in the store's currency. */
    private Future<List<Asked>> asked(Call call) {
        List<String> texts = call.queries("currencyPair");
        if (texts.isEmpty()) {
            return stores.get(call.store())
                    .map(store -> List.of(
                            Asked.of(CurrencyPair.bitcoin(store.settings().defaultCurrency()))));
        }
        if (texts.size() > PAIRS_MAX) {
            return Future.failedFuture(Failure.invalid("currencyPair", "At most 25 pairs at a time")
                    .exception());
        }
        List<Asked> asked = new ArrayList<>();
        for (String text : texts) {
            Matcher pair = PAIR.matcher(text.strip());
            if (!pair.matches()) {
                return Future.failedFuture(Failure.invalid("currencyPair", "Not a pair of currencies, such as BTC_USD")
                        .exception());
            }
            asked.add(Asked.of(pair));
        }
        return Future.succeededFuture(asked);
    }

    private static List<CurrencyPair> known(List<Asked> asked) {
        return asked.stream().flatMap(one -> one.pair().stream()).toList();
    }

    /** @param quotes of those that are known, in their order */
    private static Reply results(List<Asked> asked, List<Quote> quotes) {
        JsonArray results = new JsonArray();
        Iterator<Quote> next = quotes.iterator();
        for (Asked one : asked) {
            results.add(result(one.name(), one.pair().isPresent() ? next.next() : UNKNOWN));
        }
        return Reply.json(results);
    }

    private static JsonObject result(String name, Quote quote) {
        JsonObject json = new JsonObject().put("currencyPair", name);
        return switch (quote) {
            case Quote.Price price ->
                json.put("errors", new JsonArray())
                        .put("rate", price.value().price().toPlainString());
            case Quote.None none ->
                json.put("errors", new JsonArray().add(none.reason())).putNull("rate");
        };
    }
}
