package dev.sluice.webhook;

import dev.sluice.bus.Bus;
import dev.sluice.db.Db;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRequest;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Check;
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
    private final Sending sending;

    private @Nullable FanOut fanOut;
    private @Nullable Dispatcher dispatcher;

    /**
     * How deliveries are sent.
     *
     * @param version what the {@code User-Agent} says after {@code Sluice/}
     * @param timeoutMs for an endpoint to answer, up to {@link EgressRequest#DEADLINE_MS}: a claim outlasts that
     * @param concurrency attempts at the same time; 1,024 are about 20 MB of connections and bodies at worst
     */
    public record Sending(String version, int timeoutMs, int concurrency) {
        public Sending {
            Check.require(timeoutMs > 0 && timeoutMs <= EgressRequest.DEADLINE_MS, "webhook timeout");
            Check.require(concurrency >= 2, "webhook concurrency"); // half of it, never none, is for the unproven
        }
    }

    public WebhookVerticle(
            Db db, EventLog events, Bus bus, EgressClient egress, Clock clock, Entropy entropy, Sending sending) {
        this.db = db;
        this.events = events;
        this.bus = bus;
        this.egress = egress;
        this.clock = clock;
        this.entropy = entropy;
        this.sending = sending;
    }

    @Override
    public Future<?> start() {
        QueueRepository queue = new QueueRepository(db, new Ids(clock, entropy).next(), Dispatcher.LEASE);
        ResultWriter results = new ResultWriter(
                vertx, db, queue, new EndpointRepository(db), events, clock, new RetrySchedule(entropy));
        Sender sender = new Sender(egress, clock, sending.version(), sending.timeoutMs());
        Dispatcher sends = new Dispatcher(context, clock, queue, sender, results, sending.concurrency());
        FanOut reading = new FanOut(vertx, events, queue, sends, clock);
        Housekeeping housekeeping = new Housekeeping(db, clock);
        dispatcher = sends;
        fanOut = reading;
        bus.hear(EventLog.WRITTEN, hint -> reading.hint());
        bus.hear(WebhookMessages.DUE, hint -> sends.sweep());
        bus.hear(WebhookMessages.CHANGED, changed -> sends.changed(changed.id().value()));
        vertx.setPeriodic(SWEEP_MS, tick -> sends.sweep());
        vertx.setPeriodic(HOUSEKEEPING_MS, tick -> housekeeping.run());
        sends.sweep();
        return reading.start();
    }

    @Override
    public Future<?> stop() {
        FanOut reading = fanOut;
        Dispatcher sends = dispatcher;
        if (reading == null || sends == null) {
            return Future.succeededFuture();
        }
        reading.stop();
        return sends.stop().timeout(DRAIN_MS, TimeUnit.MILLISECONDS).otherwise(late -> {
            log.warn("webhook.stop.late cause={}", late.toString());
            return null;
        });
    }
}
