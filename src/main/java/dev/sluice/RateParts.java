package dev.sluice;

import dev.sluice.config.SluiceConfig;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRequest;
import dev.sluice.kernel.Failure;
import dev.sluice.ops.Foundation;
import dev.sluice.rate.FixedRates;
import dev.sluice.rate.HttpGet;
import dev.sluice.rate.LastGood;
import dev.sluice.rate.RateBook;
import dev.sluice.rate.RateLimits;
import dev.sluice.rate.RateServiceLive;
import dev.sluice.rate.RateSource;
import dev.sluice.rate.RateSources;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Rates as configured. */
final class RateParts {
    private static final String EXCHANGE_RATES = "exchangerate";

    private RateParts() {}

    static Future<RateServiceLive> start(Foundation f, EgressClient egress) {
        SluiceConfig.Rates config = f.config().rates();
        RateLimits limits = new RateLimits(
                RateLimits.STANDARD.fresh(),
                longer(Duration.ofSeconds(config.ageMaxSeconds()), RateLimits.STANDARD.fresh()));
        RateBook book = new RateBook(sources(config, egress), limits, f.clock(), f.entropy(), LastGood.in(f.db()));
        return book.start(f.vertx()).map(running -> {
            f.shutdown().started("rates", running::stop);
            return new RateServiceLive(f.db(), book, f.clock());
        });
    }

    private static List<RateSource> sources(SluiceConfig.Rates config, EgressClient egress) {
        Map<String, URI> urls = RateSources.BASE_URLS.entrySet().stream()
                .filter(e -> config.sources().contains(e.getKey()) || isCross(e.getKey(), config))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        List<RateSource> sources = new ArrayList<>();
        if (!urls.isEmpty()) {
            RateSources.all(get(egress), RateSources.BASE_URLS).stream()
                    .filter(source -> urls.containsKey(source.id()))
                    .forEach(sources::add);
        }
        if (!config.fixed().isEmpty()) {
            Map<String, BigDecimal> fixed = config.fixed().entrySet().stream()
                    .collect(Collectors.toMap(e -> "BTC_" + e.getKey(), Map.Entry::getValue));
            sources.add(FixedRates.of(fixed));
        }
        return sources;
    }

    /** Dollars into other currencies are needed wherever any ticker is. */
    private static boolean isCross(String id, SluiceConfig.Rates config) {
        return id.equals(EXCHANGE_RATES) && !config.sources().isEmpty();
    }

    private static HttpGet get(EgressClient egress) {
        return uri -> egress.send(EgressRequest.get(uri.toString(), Map.of("Accept", "application/json")))
                .compose(answer -> answer.status() == 200 && answer.complete()
                        ? Future.succeededFuture(answer.body())
                        : Future.failedFuture(new Failure.Unavailable(
                                        "rate-source", "The rate source answered " + answer.status(), 60)
                                .exception()));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) > 0 ? a : b;
    }
}
