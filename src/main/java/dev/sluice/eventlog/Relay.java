package dev.sluice.eventlog;

import dev.sluice.bus.Bus;
import dev.sluice.bus.Topic;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.Tuple;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries hints between the processes of one database by LISTEN and NOTIFY, on a connection of its own: NOTIFY inside a
 * money transaction would take an instance-wide lock at its commit. Hints are thinned out and may be lost: readers
 * poll.
 */
public final class Relay {
    private static final Logger log = LoggerFactory.getLogger(Relay.class);

    /** Another process wrote, or may have while we could not hear. */
    public static final Topic<EventLog.Written> ELSEWHERE = new Topic<>("eventlog.elsewhere", EventLog.Written.class);

    private static final String CHANNEL = "sluice_event";
    private static final String NOTIFY = "select pg_notify('" + CHANNEL + "', $1)";
    /** At most 20 notifications a second, whatever is written. */
    private static final long PAUSE_MS = 50;

    private static final long RECONNECT_MAX_MS = 10_000;

    private final Vertx vertx;
    private final Context context;
    private final Bus bus;
    private final String process;
    private final PgSubscriber subscriber;
    private @Nullable MessageConsumer<?> hints;
    private boolean pausing;
    private boolean pending;

    /**
     * @param process names this process; its own notifications are not heard
     */
    public Relay(Vertx vertx, Bus bus, DbConfig database, String process) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.bus = bus;
        this.process = process;
        this.subscriber = PgSubscriber.subscriber(vertx, DbPools.connecting(database));
        // Without a policy a lost connection stays lost.
        subscriber.reconnectPolicy(retries -> Math.min(RECONNECT_MAX_MS, 100L << Math.min(retries, 7)));
    }

    /** Connects and listens. */
    public Future<Void> start() {
        Promise<Void> listening = Promise.promise();
        subscriber
                .channel(CHANNEL)
                .subscribeHandler(subscribed -> {
                    bus.publish(ELSEWHERE, new EventLog.Written()); // what was said meanwhile is gone
                    listening.tryComplete();
                })
                .handler(payload -> {
                    if (!payload.equals(process)) {
                        bus.publish(ELSEWHERE, new EventLog.Written());
                    }
                });
        context.runOnContext(go -> hints = bus.hear(EventLog.WRITTEN, hint -> hinted()));
        return subscriber.connect().compose(connected -> listening.future());
    }

    /** Disconnects. */
    public Future<Void> stop() {
        context.runOnContext(go -> {
            if (hints != null) {
                hints.unregister();
            }
        });
        return subscriber.close();
    }

    private void hinted() {
        if (pausing) {
            pending = true;
            return;
        }
        pausing = true;
        pending = false;
        vertx.setTimer(PAUSE_MS, rested -> {
            pausing = false;
            if (pending) {
                hinted();
            }
        });
        PgConnection connection = subscriber.actualConnection();
        if (connection != null) {
            connection
                    .preparedQuery(NOTIFY)
                    .execute(Tuple.of(process))
                    .onFailure(failure -> log.warn("eventlog.relay.failed reason={}", failure.getMessage()));
        }
    }
}
