package dev.sluice.webhook;

import dev.sluice.eventlog.EventLog;
import dev.sluice.eventlog.Position;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the event log and makes deliveries of it: rows and cursor in one statement, then straight to the lanes. After
 * a hint it looks again in quick succession, because an event becomes readable only when every older transaction has
 * ended; without news it slows down to a look each second.
 */
final class FanOut {
    private static final Logger log = LoggerFactory.getLogger(FanOut.class);

    /** With lanes half full at most, no page overflows one. */
    private static final int PAGE = Lane.QUEUE_MAX / 2;

    private static final long PAUSE_MIN_MS = 5;
    private static final long PAUSE_MAX_MS = 1_000;
    /** How often the cursor follows where nothing is told. */
    private static final Duration MOVES_EACH = Duration.ofSeconds(1);

    private final Vertx vertx;
    private final EventLog events;
    private final QueueRepository queue;
    private final Dispatcher dispatcher;
    private final Clock clock;

    /** As it is in the database. */
    private Position cursor = Position.START;
    /** How far was read: beyond the cursor are events that no endpoint hears. */
    private Position readTo = Position.START;

    private Instant movedAt = Instant.EPOCH;
    private long pauseMs = PAUSE_MIN_MS;
    private long timer = -1;
    private boolean reading;
    private boolean hinted;
    private boolean stopped;

    FanOut(Vertx vertx, EventLog events, QueueRepository queue, Dispatcher dispatcher, Clock clock) {
        this.vertx = vertx;
        this.events = events;
        this.queue = queue;
        this.dispatcher = dispatcher;
        this.clock = clock;
    }

    Future<Void> start() {
        return reload().onSuccess(loaded -> read());
    }

    /** Looks now. */
    void hint() {
        pauseMs = PAUSE_MIN_MS;
        hinted = reading;
        if (!reading && !stopped) {
            vertx.cancelTimer(timer);
            read();
        }
    }

    void stop() {
        stopped = true;
        vertx.cancelTimer(timer);
    }

    private void read() {
        reading = true;
        page().onComplete(page -> {
            reading = false;
            if (page.failed()) {
                log.warn("webhook.fanout.failed cause={}", page.cause().toString());
                pauseMs = PAUSE_MAX_MS;
            }
            rest(page.succeeded() && page.result());
        });
    }

    private void rest(boolean more) {
        if (stopped) {
            return;
        }
        if (more || hinted) {
            hinted = false;
            read();
            return;
        }
        timer = vertx.setTimer(pauseMs, tick -> read());
        pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    }

    /** One page; true where more may follow at once. */
    private Future<Boolean> page() {
        return queue.page(readTo, PAGE)
                .compose(page -> page.looked() == 0
                        ? Future.succeededFuture(false)
                        : deliver(page).map(moved -> !moved || page.looked() == PAGE));
    }

    private Future<Boolean> deliver(QueueRepository.Page page) {
        Position to = page.end();
        List<QueueRepository.Fact> told = page.facts().stream()
                .filter(fact -> WebhookEvents.DELIVERED.contains(fact.kind()))
                .toList();
        Instant now = clock.now();
        if (told.isEmpty() && now.isBefore(movedAt.plus(MOVES_EACH))) {
            readTo = to;
            return Future.succeededFuture(true);
        }
        return queue.fanOut(cursor, to, told, now, dispatcher.shut()).compose(jobs -> {
            if (jobs.isEmpty()) {
                return reload().map(false);
            }
            cursor = to;
            readTo = to;
            movedAt = now;
            pauseMs = PAUSE_MIN_MS;
            dispatcher.accept(jobs.get(), now);
            return Future.succeededFuture(true);
        });
    }

    private Future<Void> reload() {
        return events.cursor(QueueRepository.READER).map(position -> {
            cursor = position;
            readTo = position;
            return null;
        });
    }
}
