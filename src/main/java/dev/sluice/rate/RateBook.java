package dev.sluice.rate;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.rate.SourceFeed.Others;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all sources say, refreshed in the background. Only sources that somebody used in the last day are asked. Reading
 * it takes memory lookups only.
 */
public final class RateBook {
    /** The name under which scripts ask for the median of all sources. */
    static final String MARKET = "market";

    private static final Logger log = LoggerFactory.getLogger(RateBook.class);
    private static final Duration IN_USE = Duration.ofDays(1);
    /** How long the first user of a source waits for it. */
    private static final long FIRST_USE_MS = 3_000;

    private static final long TICK_MS = 1_000;
    /** A restart finds readings at most that old; written oftener they would only bloat the database. */
    private static final Duration SAVE_EVERY = Duration.ofMinutes(5);

    private final Map<String, SourceFeed> feeds = new TreeMap<>();
    private final RateLimits limits;
    private final Clock clock;
    private final Entropy entropy;
    private final LastGood lastGood;
    private volatile Instant savedAt;

    public RateBook(
            Collection<RateSource> sources, RateLimits limits, Clock clock, Entropy entropy, LastGood lastGood) {
        for (RateSource source : sources) {
            Check.require(!source.id().equals(MARKET), "a source may not be called " + MARKET);
            Check.require(feeds.put(source.id(), new SourceFeed(source, clock)) == null, "two sources of one name");
        }
        this.limits = limits;
        this.clock = clock;
        this.entropy = entropy;
        this.lastGood = lastGood;
        this.savedAt = clock.now();
    }

    /** Recalls what an earlier process heard and begins to refresh; {@code stop} of the result ends it. */
    public Future<Running> start(Vertx vertx) {
        return load().map(loaded -> {
            long timer = vertx.setPeriodic(TICK_MS, tick -> tick());
            return () -> {
                vertx.cancelTimer(timer);
                return save();
            };
        });
    }

    /** A book that refreshes itself. */
    @FunctionalInterface
    public interface Running {
        /** Stops refreshing and saves what was heard. */
        Future<Void> stop();
    }

    /** Recalls what an earlier process heard. */
    Future<Void> load() {
        return lastGood.load().map(saved -> {
            saved.forEach(
                    (id, readings) -> Optional.ofNullable(feeds.get(id)).ifPresent(feed -> feed.restore(readings)));
            return null;
        });
    }

    /** Saves what was heard; a failure is logged and costs no more than the memory of it. */
    Future<Void> save() {
        savedAt = clock.now();
        Map<String, Map<CurrencyPair, Reading>> heard = new TreeMap<>();
        feeds.forEach((id, feed) -> {
            if (!feed.source().trusted() && !feed.good().isEmpty()) {
                heard.put(id, feed.good());
            }
        });
        return lastGood.save(heard).recover(failure -> {
            log.warn("rate.save_failed cause={}", failure.toString());
            return Future.succeededFuture();
        });
    }

    /** Asks the sources whose turn it is. */
    void tick() {
        Instant now = clock.now();
        for (SourceFeed feed : feeds.values()) {
            if (feed.isUsedSince(now.minus(IN_USE)) && !feed.isAttemptedSince(now.minus(jittered(feed.pause())))) {
                refresh(feed);
            }
        }
        if (savedAt.isBefore(now.minus(SAVE_EVERY))) {
            save();
        }
    }

    /** All sources, by id. */
    List<RateSource> sources() {
        return feeds.values().stream().map(SourceFeed::source).toList();
    }

    boolean knows(String source) {
        return source.equals(MARKET) || feeds.containsKey(source);
    }

    /**
     * Says that these sources are about to be read. Done at once unless one was out of use: it is then waited for, at
     * most three seconds, and never fails.
     */
    Future<Void> use(Collection<String> sources) {
        Instant now = clock.now();
        List<SourceFeed> meant = sources.contains(MARKET)
                ? List.copyOf(feeds.values())
                : sources.stream()
                        .flatMap(id -> Optional.ofNullable(feeds.get(id)).stream())
                        .toList();
        List<Future<Void>> cold = meant.stream()
                .filter(feed -> !feed.isAttemptedSince(now.minus(feed.pause().multipliedBy(2))))
                .map(this::refresh)
                .toList();
        meant.forEach(feed -> feed.use(now));
        return cold.isEmpty()
                ? Future.succeededFuture()
                : Future.all(cold)
                        .timeout(FIRST_USE_MS, TimeUnit.MILLISECONDS)
                        .<Void>mapEmpty()
                        .otherwiseEmpty();
    }

    /** The price of a pair by one source, or by all of them. */
    Quote quote(String source, CurrencyPair pair) {
        if (source.equals(MARKET)) {
            return market(pair);
        }
        SourceFeed feed = feeds.get(source);
        if (feed == null) {
            return Quote.none("there is no source " + source);
        }
        Optional<Reading> reading = feed.good(pair);
        if (reading.isEmpty()) {
            return Quote.none(source + (feed.isFailing() ? " cannot be reached" : " does not quote " + pair));
        }
        return usable(reading.get(), limits.lastGood(feed.source()))
                ? Quote.of(reading.get().quote())
                : Quote.none(source + "'s last price of " + pair + " is too old");
    }

    /** The median of the fresh; where nobody is fresh, of the last good. */
    private Quote market(CurrencyPair pair) {
        List<BidAsk> fresh = fresh(pair, null);
        List<BidAsk> values = fresh.isEmpty()
                ? feeds.values().stream()
                        .flatMap(feed ->
                                feed.good(pair).filter(r -> usable(r, limits.lastGood(feed.source()))).stream())
                        .map(Reading::quote)
                        .toList()
                : fresh;
        return switch (Median.of(values)) {
            case Quote.None none -> Quote.none("the market of " + pair + ": " + none.reason());
            case Quote.Price price -> price;
        };
    }

    private Future<Void> refresh(SourceFeed feed) {
        return feed.refresh(pair -> new Others(fresh(pair, feed), held(pair, feed)));
    }

    private List<BidAsk> fresh(CurrencyPair pair, @Nullable SourceFeed except) {
        return feeds.values().stream()
                .filter(feed -> feed != except)
                .flatMap(feed -> feed.good(pair).filter(r -> usable(r, limits.fresh(feed.source()))).stream())
                .map(Reading::quote)
                .toList();
    }

    private List<BidAsk> held(CurrencyPair pair, SourceFeed except) {
        Instant since = clock.now().minus(limits.fresh());
        return feeds.values().stream()
                .filter(feed -> feed != except)
                .flatMap(feed -> feed.heldSince(pair, since).stream())
                .toList();
    }

    private boolean usable(Reading reading, Duration age) {
        Instant now = clock.now();
        return !reading.at().isBefore(now.minus(age)) && !reading.at().isAfter(now); // nobody knows how old that one is
    }

    /** Up to a tenth longer, so that many gateways do not ask in step. */
    private Duration jittered(Duration pause) {
        return pause.plusMillis(pause.toMillis() * Byte.toUnsignedInt(entropy.bytes(1)[0]) / 2_560);
    }
}
