package dev.sluice.rate;

import dev.sluice.kernel.Check;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Rates from the configuration, for demonstrations and for operators who set their own. */
public record FixedRates(Map<CurrencyPair, BidAsk> rates) implements RateSource {
    private static final Duration PERIOD = Duration.ofSeconds(30);

    public FixedRates {
        rates = Map.copyOf(rates);
        rates.forEach(
                (pair, rate) -> Check.require(rate.bid().signum() > 0, "fixed rate of " + pair + " must be positive"));
    }

    /** One price for both sides of pairs such as {@code BTC_USD}; throws for unknown pairs and prices up to zero. */
    public static FixedRates of(Map<String, BigDecimal> prices) {
        Map<CurrencyPair, BidAsk> rates = new HashMap<>();
        prices.forEach((pair, price) -> rates.put(CurrencyPair.of(pair), BidAsk.of(price)));
        return new FixedRates(rates);
    }

    @Override
    public String id() {
        return "fixed";
    }

    @Override
    public String name() {
        return "Fixed rates";
    }

    @Override
    public Duration period() {
        return PERIOD;
    }

    @Override
    public boolean trusted() {
        return true;
    }

    @Override
    public Future<Map<CurrencyPair, BidAsk>> fetch() {
        return Future.succeededFuture(rates);
    }
}
