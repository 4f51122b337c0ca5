package dev.sluice.rate;

import dev.sluice.kernel.Clock;
import dev.sluice.rate.Plausibility.Verdict;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source and what it said last. Readers take immutable snapshots on any thread; only the one refresh in flight
 * writes.
 */
final class SourceFeed {
    private static final Logger log = LoggerFactory.getLogger(SourceFeed.class);

    /** Tickers answer within a second; whoever needs longer is asked again later. */
    private static final long DEADLINE_MS = 5_000;
    /** A jump that a source repeats as often, about two minutes long, is believed. */
    private static final int CONFIRMATIONS = 3;
    /** After a day a price may have moved by any amount: there is nothing to compare with. */
    private static final Duration COMPARABLE = Duration.ofDays(1);
    /** Longest pause after failures; shorter than a reading stays fresh, so that one success heals in time. */
    private static final Duration RETRY_MAX = Duration.ofMinutes(4);

    private static final Duration RETRY = Duration.ofSeconds(30);
    private static final int DOUBLINGS_MAX = 10;

    /** A reading that is not believed, why, and how often it was heard in a row. */
    private record Held(Reading reading, Verdict verdict, int heard) {}

    private record State(Map<CurrencyPair, Reading> good, Map<CurrencyPair, Held> held, int failures) {}

    private final RateSource source;
    private final Clock clock;
    private final AtomicReference<@Nullable Future<Void>> inFlight = new AtomicReference<>();
    private volatile State state = new State(Map.of(), Map.of(), 0);
    private volatile Instant attemptedAt = Instant.MIN;
    private volatile Instant usedAt = Instant.MIN;

    SourceFeed(RateSource source, Clock clock) {
        this.source = source;
        this.clock = clock;
    }

    RateSource source() {
        return source;
    }

    Map<CurrencyPair, Reading> good() {
        return state.good();
    }

    /** The last good reading of a pair, turned round where the source quotes the inverse. */
    Optional<Reading> good(CurrencyPair pair) {
        Map<CurrencyPair, Reading> good = state.good();
        Reading direct = good.get(pair);
        return direct != null
                ? Optional.of(direct)
                : Optional.ofNullable(good.get(pair.inverse()))
                        .map(r -> new Reading(r.quote().inverse(), r.at()));
    }

    /** What waits for somebody else to say the same. */
    Optional<BidAsk> heldSince(CurrencyPair pair, Instant since) {
        return Optional.ofNullable(state.held().get(pair))
                .filter(held -> held.verdict() != Verdict.ABSURD)
                .map(Held::reading)
                .filter(reading -> !reading.at().isBefore(since))
                .map(Reading::quote);
    }

    void use(Instant now) {
        usedAt = now;
    }

    boolean isUsedSince(Instant since) {
        return !usedAt.isBefore(since);
    }

    boolean isAttemptedSince(Instant since) {
        return !attemptedAt.isBefore(since) && !attemptedAt.isAfter(clock.now()); // the clock may be set back
    }

    boolean isFailing() {
        return state.failures() > 0;
    }

    /** What an earlier process heard; anything newer stays. */
    void restore(Map<CurrencyPair, Reading> readings) {
        Map<CurrencyPair, Reading> merged = new HashMap<>(readings);
        merged.putAll(state.good());
        state = new State(Map.copyOf(merged), state.held(), state.failures());
        readings.values().stream().map(Reading::at).max(Instant::compareTo).ifPresent(newest -> {
            attemptedAt = newest;
            usedAt = newest;
        });
    }

    /** Time from an attempt to the next: the period; after failures half a minute, doubled with each in a row. */
    Duration pause() {
        int failures = state.failures();
        if (failures == 0) {
            return source.period();
        }
        Duration doubled = RETRY.multipliedBy(1L << Math.min(failures, DOUBLINGS_MAX));
        return doubled.compareTo(RETRY_MAX) > 0 ? RETRY_MAX : doubled;
    }

    /**
     * Asks the source now, or joins the question in flight. Never fails: a source that does is marked.
     *
     * @param others what the other sources say of a pair
     */
    Future<Void> refresh(Function<CurrencyPair, Others> others) {
        Promise<Void> done = Promise.promise();
        Future<Void> running = inFlight.compareAndExchange(null, done.future());
        if (running != null) {
            return running;
        }
        attemptedAt = clock.now();
        Future.<Map<CurrencyPair, BidAsk>>future(answer -> source.fetch().onComplete(answer))
                .timeout(DEADLINE_MS, TimeUnit.MILLISECONDS)
                .<Void>map(quotes -> {
                    accept(quotes, others);
                    return null;
                })
                .otherwise(cause -> {
                    fail(cause);
                    return null;
                })
                .onComplete(settled -> {
                    inFlight.set(null);
                    done.complete();
                });
        return done.future();
    }

    /** What other sources say of a pair: what is believed, and what waits for confirmation. */
    record Others(List<BidAsk> good, List<BidAsk> held) {}

    private void accept(Map<CurrencyPair, BidAsk> quotes, Function<CurrencyPair, Others> others) {
        if (isFailing()) {
            log.info("rate.source_recovered source={} failures={}", source.id(), state.failures());
        }
        Map<CurrencyPair, Reading> good = new HashMap<>(state.good());
        Map<CurrencyPair, Held> held = new HashMap<>();
        quotes.forEach((pair, quote) -> judge(pair, new Reading(quote, clock.now()), others.apply(pair), good, held));
        state = new State(Map.copyOf(good), Map.copyOf(held), 0);
    }

    private void judge(
            CurrencyPair pair,
            Reading reading,
            Others others,
            Map<CurrencyPair, Reading> good,
            Map<CurrencyPair, Held> held) {
        BidAsk last = comparable(good.get(pair), reading.at());
        Verdict verdict =
                source.trusted() ? Verdict.GOOD : Plausibility.judge(pair, reading.quote(), last, others.good());
        Held now = new Held(reading, verdict, heardBefore(pair, verdict, reading.quote()) + 1);
        boolean believed = switch (verdict) {
            case GOOD -> true;
            case ABSURD -> false;
            case OUTLIER -> isShared(reading.quote(), others);
            case JUMP -> now.heard() >= CONFIRMATIONS || isShared(reading.quote(), others);
        };
        if (believed) {
            good.put(pair, reading);
        } else {
            held.put(pair, now);
            report(pair, now, last);
        }
    }

    private int heardBefore(CurrencyPair pair, Verdict verdict, BidAsk quote) {
        Held before = state.held().get(pair);
        if (before == null || before.verdict() != verdict) {
            return 0;
        }
        boolean other =
                verdict == Verdict.JUMP && quote.deviates(before.reading().quote(), Plausibility.AGREEMENT);
        return other ? 0 : before.heard();
    }

    private static boolean isShared(BidAsk quote, Others others) {
        return others.held().stream().anyMatch(other -> !quote.deviates(other, Plausibility.AGREEMENT));
    }

    private static @Nullable BidAsk comparable(@Nullable Reading last, Instant now) {
        return last == null || last.at().isBefore(now.minus(COMPARABLE)) ? null : last.quote();
    }

    private void report(CurrencyPair pair, Held held, @Nullable BidAsk last) {
        if (held.heard() == 1) { // the first of a row; the rest would only repeat it
            log.warn(
                    "rate.reading_refused source={} pair={} verdict={} bid={} last={}",
                    source.id(),
                    pair,
                    held.verdict(),
                    held.reading().quote().bid(),
                    last == null ? "none" : last.bid());
        }
    }

    private void fail(Throwable cause) {
        if (!isFailing()) {
            log.warn("rate.source_failed source={} cause={}", source.id(), cause.toString());
        }
        state = new State(state.good(), state.held(), state.failures() + 1);
    }
}
