package dev.sluice.webhook;

import dev.sluice.db.Db;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes results down in batches: while one statement is under way the next batch gathers. Lives on the engine's
 * context; bounded by the engine, which counts what is unwritten as in flight.
 */
final class ResultWriter {
    private static final Logger log = LoggerFactory.getLogger(ResultWriter.class);

    private static final int BATCH_MAX = 500;
    private static final long RETRY_MS = 500;
    /** Tries of a batch that the database refuses; its claims then expire and the deliveries are made again. */
    private static final int TRIES_MAX = 5;

    private static final String GONE = "The endpoint answered 410 Gone";

    private final Vertx vertx;
    private final Db db;
    private final QueueRepository queue;
    private final EndpointRepository endpoints;
    private final EventLog events;
    private final Clock clock;
    private final RetrySchedule schedule;

    /** A result and whom to tell once it is written or given up. */
    private record Pending(Attempt attempt, Promise<Void> written) {}

    private final Deque<Pending> pending = new ArrayDeque<>();
    private boolean busy;

    ResultWriter(
            Vertx vertx,
            Db db,
            QueueRepository queue,
            EndpointRepository endpoints,
            EventLog events,
            Clock clock,
            RetrySchedule schedule) {
        this.vertx = vertx;
        this.db = db;
        this.queue = queue;
        this.endpoints = endpoints;
        this.events = events;
        this.clock = clock;
        this.schedule = schedule;
    }

    /** Completes when the result is written, or given up. */
    Future<Void> add(Attempt attempt) {
        Promise<Void> written = Promise.promise();
        pending.addLast(new Pending(attempt, written));
        flush();
        return written.future();
    }

    private void flush() {
        if (busy || pending.isEmpty()) {
            return;
        }
        busy = true;
        List<Pending> batch = new ArrayList<>();
        while (batch.size() < BATCH_MAX && !pending.isEmpty()) {
            batch.add(pending.removeFirst());
        }
        List<Result> results = batch.stream().map(one -> result(one.attempt())).toList();
        write(results, 1, () -> {
            busy = false;
            batch.forEach(one -> one.written().complete());
            flush();
        });
    }

    private Result result(Attempt attempt) {
        boolean again =
                !attempt.isSuccess() && !attempt.isGone() && attempt.job().retries();
        Duration wait = again
                ? schedule.after(attempt.job().attempt(), attempt.retryAfter()).orElse(null)
                : null;
        return new Result(attempt, wait == null ? null : clock.now().plus(wait));
    }

    /** As often as it takes; composed to a chain of futures, the tries of a long outage would nest too deep. */
    private void write(List<Result> results, int tries, Runnable end) {
        Future.succeededFuture().compose(go -> once(results)).onComplete(tried -> {
            Throwable failure = tried.cause();
            boolean away = failure instanceof FailureException known && known.failure() instanceof Failure.Unavailable;
            if (failure == null) {
                end.run();
            } else if (!away && tries >= TRIES_MAX) {
                log.error("webhook.results.lost count={}", results.size(), failure);
                end.run();
            } else {
                log.warn("webhook.results.late count={} cause={}", results.size(), failure.toString());
                vertx.setTimer(RETRY_MS, rested -> write(results, tries + 1, end));
            }
        });
    }

    private Future<Void> once(List<Result> results) {
        Set<String> gone = results.stream()
                .map(Result::attempt)
                .filter(Attempt::isGone)
                .map(attempt -> attempt.job().webhookId())
                .collect(Collectors.toSet());
        return gone.isEmpty()
                ? queue.record(results)
                : db.tx(tx -> queue.record(tx, results).compose(recorded -> disable(tx, gone)))
                        .onSuccess(disabled -> events.hint());
    }

    private Future<Void> disable(SqlClient tx, Set<String> gone) {
        return endpoints
                .disable(tx, gone, GONE)
                .compose(disabled -> events.append(
                        tx, disabled.stream().map(this::disabledEvent).toList()));
    }

    private Event disabledEvent(EndpointRepository.Disabled endpoint) {
        log.info("webhook.disabled webhook={} store={}", endpoint.id(), endpoint.store());
        JsonObject body =
                new JsonObject().put("webhookId", endpoint.id().value()).put("reason", GONE);
        return new Event(
                clock.now(),
                "webhook.disabled",
                endpoint.store(),
                "webhook:" + endpoint.id(),
                endpoint.version(),
                body);
    }
}
