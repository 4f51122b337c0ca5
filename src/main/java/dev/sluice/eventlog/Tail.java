package dev.sluice.eventlog;

import dev.sluice.bus.Bus;
import dev.sluice.kernel.Clock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the event log in order and hands it on in batches, one at a time: at every hint, and at every poll because
 * hints may be lost. A batch that fails is handed on again from where the reader stands, at the next poll.
 */
public final class Tail {
    private static final Logger log = LoggerFactory.getLogger(Tail.class);

    /** Events handed on at once. */
    public static final int PAGE_MAX = 500;

    /** What reads. */
    @FunctionalInterface
    public interface Consumer {
        /** Takes a batch, oldest first, never empty. */
        Future<Void> accept(List<EventHead> batch);
    }

    private final String name;
    private final Vertx vertx;
    private final Context context;
    private final EventLog events;
    private final Bus bus;
    private final Clock clock;
    private final long pollMs;
    private final Set<String> bodies;
    private final Consumer consumer;

    private final Promise<Void> idle = Promise.promise();
    private @Nullable MessageConsumer<?> hints;
    private @Nullable MessageConsumer<?> elsewhere;
    private @Nullable Position position;
    private long timer;
    private boolean reading;
    private boolean again;
    private boolean resting;
    private boolean stopped;
    private volatile @Nullable Instant freshAt;

    private Tail(String name, Reading with, Consumer consumer) {
        this.name = name;
        this.vertx = with.vertx();
        this.context = vertx.getOrCreateContext();
        this.events = with.events();
        this.bus = with.bus();
        this.clock = with.clock();
        this.pollMs = with.poll().toMillis();
        this.bodies = with.bodies();
        this.consumer = consumer;
    }

    /**
     * What every tail needs.
     *
     * @param poll how late an event may be seen whose hint was lost, usually 1 s
     * @param bodies kinds of events that are read with their bodies
     */
    public record Reading(Vertx vertx, EventLog events, Bus bus, Clock clock, Duration poll, Set<String> bodies) {}

    /** Reads what is written from now on; for boards and streams, which read through for anything older. */
    public static Tail fromHead(String name, Reading with, Consumer consumer) {
        return new Tail(name, with, consumer);
    }

    /** Starts reading; completes when its place is known, so that nothing committed afterwards can be missed. */
    public Future<Void> start() {
        Promise<Void> started = Promise.promise();
        context.runOnContext(go -> {
            hints = bus.hear(EventLog.WRITTEN, hint -> hinted());
            elsewhere = bus.hear(Relay.ELSEWHERE, hint -> hinted());
            timer = vertx.setPeriodic(pollMs, tick -> poll());
            events.head()
                    .onComplete(found -> context.runOnContext(back -> {
                        if (found.failed()) {
                            started.fail(found.cause());
                            return;
                        }
                        position = found.result();
                        started.complete();
                        look();
                    }));
        });
        return started.future();
    }

    /** Stops; completes when no batch is under way. */
    public Future<Void> stop() {
        context.runOnContext(go -> {
            stopped = true;
            vertx.cancelTimer(timer);
            if (hints != null && elsewhere != null) {
                hints.unregister();
                elsewhere.unregister();
            }
            if (!reading) {
                idle.tryComplete();
            }
        });
        return idle.future();
    }

    /**
     * When this reader had last handed on everything that could be read. An event is readable once no older
     * transaction is running, which statement and idle time-outs bound to seconds. Empty before the first time.
     */
    public Optional<Instant> freshAt() {
        return Optional.ofNullable(freshAt);
    }

    private void poll() {
        resting = false;
        look();
    }

    private void hinted() {
        if (!resting) {
            look();
        }
    }

    private void look() {
        if (reading) {
            again = true;
            return;
        }
        Position from = position;
        if (stopped || from == null) {
            return;
        }
        reading = true;
        again = false;
        page(from)
                .onComplete(done -> context.runOnContext(back -> {
                    reading = false;
                    if (stopped) {
                        idle.tryComplete();
                    } else if (done.failed()) {
                        log.warn("eventlog.tail.failed reader={}", name, done.cause());
                        resting = true;
                    } else if (done.result() || again) {
                        look();
                    }
                }));
    }

    /** Reads and hands on one page; whether it was full, so that there may be more. */
    private Future<Boolean> page(Position from) {
        Instant asked = clock.now();
        return events.heads(from, PAGE_MAX, bodies)
                .compose(batch -> batch.isEmpty()
                        ? Future.succeededFuture(batch)
                        : consumer.accept(batch).map(batch))
                .map(batch -> {
                    position = batch.isEmpty() ? from : batch.getLast().position();
                    boolean more = batch.size() == PAGE_MAX;
                    if (!more) {
                        freshAt = asked;
                    }
                    return more;
                });
    }
}
