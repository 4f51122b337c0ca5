package dev.sluice.webhook;

import dev.sluice.bus.Bus;
import dev.sluice.db.Db;
import dev.sluice.egress.EgressClient;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Ids;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The delivery engine: one instance a process; any number of processes share a database. */
public final class WebhookVerticle extends VerticleBase {
    private static final Logger log = LoggerFactory.getLogger(WebhookVerticle.class);

    private static final long SWEEP_MS = 1_000;
    private static final long HOUSEKEEPING_MS = TimeUnit.MINUTES.toMillis(10);
    /** Attempts still under way after this are made again by whoever runs next. */
    private static final long DRAIN_MS = 5_000;

    private final Db db;
    private final EventLog events;
    private final Bus bus;
    private final EgressClient egress;
    private final Clock clock;
    private final Entropy entropy;
    private final String version;

    private @Nullable FanOut fanOut;
    private @Nullable Dispatcher dispatcher;

    /** @param version what the {@code User-Agent} says after {@code Sluice/} */
    public WebhookVerticle(
            Db db, EventLog events, Bus bus, EgressClient egress, Clock clock, Entropy entropy, String version) {
        this.db = db;
        this.events = events;
        this.bus = bus;
        this.egress = egress;
        this.clock = clock;
        this.entropy = entropy;
        this.version = version;
    }

    @Override
    public Future<?> start() {
        QueueRepository queue = new QueueRepository(db, new Ids(clock, entropy).next(), Dispatcher.LEASE);
        ResultWriter results = new ResultWriter(
                vertx, db, queue, new EndpointRepository(db), events, clock, new RetrySchedule(entropy));
        Dispatcher sending = new Dispatcher(context, clock, queue, new Sender(egress, clock, version), results);
        FanOut reading = new FanOut(vertx, events, queue, sending, clock);
        Housekeeping housekeeping = new Housekeeping(db, clock);
        dispatcher = sending;
        fanOut = reading;
        bus.hear(EventLog.WRITTEN, hint -> reading.hint());
        bus.hear(WebhookMessages.DUE, hint -> sending.sweep());
        bus.hear(
                WebhookMessages.CHANGED, changed -> sending.changed(changed.id().value()));
        vertx.setPeriodic(SWEEP_MS, tick -> sending.sweep());
        vertx.setPeriodic(HOUSEKEEPING_MS, tick -> housekeeping.run());
        sending.sweep();
        return reading.start();
    }

    @Override
    public Future<?> stop() {
        FanOut reading = fanOut;
        Dispatcher sending = dispatcher;
        if (reading == null || sending == null) {
            return Future.succeededFuture();
        }
        reading.stop();
        return sending.stop().timeout(DRAIN_MS, TimeUnit.MILLISECONDS).otherwise(late -> {
            log.warn("webhook.stop.late cause={}", late.toString());
            return null;
        });
    }
}
