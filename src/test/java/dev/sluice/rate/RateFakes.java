package dev.sluice.rate;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A clock that tests turn, sources that say what tests want, a memory without a database. */
final class RateFakes {
    private RateFakes() {}

    static final Entropy NO_JITTER = byte[]::new;

    static final class TurnedClock implements Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant now() {
            return now;
        }

        void turn(Duration by) {
            now = now.plus(by);
        }
    }

    /** Says what it is told, or fails. */
    static class Said implements RateSource {
        private final String id;
        private final Map<CurrencyPair, BidAsk> quotes = new HashMap<>();
        private boolean dead;
        int asked;

        Said(String id) {
            this.id = id;
        }

        Said says(String pair, String price) {
            return says(pair, price, price);
        }

        Said says(String pair, String bid, String ask) {
            quotes.put(CurrencyPair.of(pair), new BidAsk(new BigDecimal(bid), new BigDecimal(ask)));
            return this;
        }

        void dies() {
            dead = true;
        }

        void revives() {
            dead = false;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public String name() {
            return id;
        }

        @Override
        public Duration period() {
            return Duration.ofSeconds(30);
        }

        @Override
        public boolean trusted() {
            return false;
        }

        @Override
        public Future<Map<CurrencyPair, BidAsk>> fetch() {
            asked++;
            return dead
                    ? Future.failedFuture(new IllegalStateException("status 503"))
                    : Future.succeededFuture(Map.copyOf(quotes));
        }
    }

    static final class Memory implements LastGood {
        private final Map<String, Map<CurrencyPair, Reading>> saved = new HashMap<>();

        @Override
        public Future<Void> save(Map<String, Map<CurrencyPair, Reading>> heard) {
            saved.putAll(heard);
            return Future.succeededFuture();
        }

        @Override
        public Future<Map<String, Map<CurrencyPair, Reading>>> load() {
            return Future.succeededFuture(Map.copyOf(saved));
        }
    }

    static RateBook book(Clock clock, RateSource... sources) {
        return book(clock, new Memory(), List.of(sources));
    }

    static RateBook book(Clock clock, LastGood memory, Collection<RateSource> sources) {
        return new RateBook(new ArrayList<>(sources), RateLimits.STANDARD, clock, NO_JITTER, memory);
    }

    /** The bid as a plain text, or the reason why there is none. */
    static String told(Quote quote) {
        return switch (quote) {
            case Quote.Price price -> price.value().price().toPlainString();
            case Quote.None none -> "none: " + none.reason();
        };
    }
}
