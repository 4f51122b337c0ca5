package dev.sluice.rate;

import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Prices by the stores' rules from what the {@link RateBook} holds. */
public final class RateServiceLive implements RateService, OperatorRates {
    /** Pricings kept at hand; when full all are dropped and read again. */
    private static final int STORES_MAX = 10_000;
    /** How long another process's change of a store's rules may stay unseen here. */
    private static final Duration KEPT = Duration.ofSeconds(30);

    private static final BigDecimal PRICE_MIN = new BigDecimal("1e-9");
    private static final BigDecimal PRICE_MAX = new BigDecimal("1e18");

    /** A store's rules as they were read, and the sources that they may ask. */
    private record Kept(Pricing primary, Pricing fallback, Set<String> sources, Instant readAt) {
        static Kept of(Pricing primary, Pricing fallback, Instant readAt) {
            Set<String> sources = Stream.of(primary, fallback)
                    .flatMap(pricing -> pricing.script().sources().stream())
                    .collect(Collectors.toUnmodifiableSet());
            return new Kept(primary, fallback, sources, readAt);
        }
    }

    private final RateRepository repository;
    private final RateBook book;
    private final Clock clock;
    private final Map<StoreId, Kept> kept = new ConcurrentHashMap<>();
    private volatile @Nullable Pricing operator;

    public RateServiceLive(Db db, RateBook book, Clock clock) {
        this.repository = new RateRepository(db);
        this.book = book;
        this.clock = clock;
    }

    @Override
    public Future<Rate> rate(StoreId store, Currency currency) {
        return currency.isBitcoin()
                ? Future.succeededFuture(Rate.bitcoin(currency))
                : quotes(store, List.of(CurrencyPair.bitcoin(currency)))
                        .compose(quotes -> rate(currency, quotes.getFirst()));
    }

    @Override
    public Future<Rate> operatorRate(Currency currency) {
        return currency.isBitcoin()
                ? Future.succeededFuture(Rate.bitcoin(currency))
                : book.use(operatorPricing().script().sources())
                        .compose(
                                ready -> rate(currency, operatorPricing().price(book, CurrencyPair.bitcoin(currency))));
    }

    private Pricing operatorPricing() {
        Pricing known = operator;
        if (known == null) {
            known = Pricing.of(RateSettings.DEFAULT, book);
            operator = known;
        }
        return known;
    }

    /** Prices by a store's rules, after its spread, in the order of the pairs. */
    Future<List<Quote>> quotes(StoreId store, List<CurrencyPair> pairs) {
        return rules(store)
                .compose(rules -> book.use(rules.sources())
                        .map(ready ->
                                pairs.stream().map(pair -> price(rules, pair)).toList()));
    }

    /** Prices by settings that are not stored, without a fallback. */
    Future<List<Quote>> preview(RateSettings settings, List<CurrencyPair> pairs) {
        Pricing pricing = Pricing.of(settings, book);
        return book.use(pricing.script().sources())
                .map(ready ->
                        pairs.stream().map(pair -> pricing.price(book, pair)).toList());
    }

    /** What a store set, or the default. */
    Future<RateSettings> settings(StoreId store, RateSlot slot) {
        return repository.find(store).map(found -> found.getOrDefault(slot, RateSettings.DEFAULT));
    }

    /** Stores settings in the caller's transaction; {@link #forget} follows its commit. */
    Future<Void> save(SqlClient tx, StoreId store, RateSlot slot, RateSettings settings) {
        return repository.save(tx, store, slot, settings);
    }

    /** Makes the next price of a store read its rules again. */
    void forget(StoreId store) {
        kept.remove(store);
    }

    RateBook book() {
        return book;
    }

    private Future<Kept> rules(StoreId store) {
        Instant now = clock.now();
        Kept known = kept.get(store);
        if (known != null && known.readAt().isAfter(now.minus(KEPT))) {
            return Future.succeededFuture(known);
        }
        return repository.find(store).map(found -> {
            Kept read = Kept.of(
                    Pricing.of(found.getOrDefault(RateSlot.PRIMARY, RateSettings.DEFAULT), book),
                    Pricing.of(found.getOrDefault(RateSlot.FALLBACK, RateSettings.DEFAULT), book),
                    now);
            if (kept.size() >= STORES_MAX) {
                kept.clear();
            }
            kept.put(store, read);
            return read;
        });
    }

    private Quote price(Kept rules, CurrencyPair pair) {
        return switch (rules.primary().price(book, pair)) {
            case Quote.Price price -> price;
            case Quote.None first ->
                switch (rules.fallback().price(book, pair)) {
                    case Quote.Price price -> price;
                    case Quote.None second -> first;
                };
        };
    }

    private static Future<Rate> rate(Currency currency, Quote quote) {
        return switch (quote) {
            case Quote.Price price -> {
                BigDecimal perBtc = price.value().price();
                yield perBtc.compareTo(PRICE_MIN) >= 0 && perBtc.compareTo(PRICE_MAX) <= 0
                        ? Future.succeededFuture(new Rate(currency, perBtc))
                        : unavailable(currency, "the price is out of bounds");
            }
            case Quote.None none -> unavailable(currency, none.reason());
        };
    }

    private static Future<Rate> unavailable(Currency currency, String reason) {
        return Future.failedFuture(
                new Failure.Rejected("rate-unavailable", "No rate for BTC_" + currency + ": " + reason).exception());
    }
}
