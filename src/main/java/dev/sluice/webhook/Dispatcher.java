package dev.sluice.webhook;

import dev.sluice.kernel.Clock;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends claimed jobs through the endpoints' lanes and claims more when they run low. Everything here happens on one
 * context.
 */
final class Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

    /** How long a claim holds. */
    static final Duration LEASE = Duration.ofSeconds(60);
    /** No attempt starts when its claim could end before the attempt: the request's deadline and time to write. */
    private static final Duration SEND_WITHIN = LEASE.minusSeconds(30);

    private static final int CLAIM_PER_LANE = Lane.QUEUE_MAX / 2;
    private static final int CLAIM_MAX = 1_024;

    private final Context context;
    private final Clock clock;
    private final QueueRepository queue;
    private final Sender sender;
    private final ResultWriter results;
    private final int inFlightMax;
    private final int unprovenMax;

    private final Map<String, Lane> lanes = new HashMap<>();
    private final Set<Lane> hungry = new LinkedHashSet<>();
    private final Promise<Void> empty = Promise.promise();
    private int inFlight;
    private int unproven;
    private boolean sweeping;
    private boolean sweepAgain;
    private boolean moreWaits;
    private boolean stopping;

    /**
     * @param inFlightMax attempts at the same time, unwritten results included; endpoints whose last delivery was no
     *     success may use half of them, so that the others always find room
     */
    Dispatcher(
            Context context, Clock clock, QueueRepository queue, Sender sender, ResultWriter results, int inFlightMax) {
        this.context = context;
        this.clock = clock;
        this.queue = queue;
        this.sender = sender;
        this.results = results;
        this.inFlightMax = inFlightMax;
        this.unprovenMax = inFlightMax / 2;
    }

    /** Takes in jobs that were claimed at {@code claimedAt} or later; what finds no room is given back. */
    void accept(List<Job> jobs, Instant claimedAt) {
        Instant now = clock.now();
        List<Job> rejected = new ArrayList<>();
        Set<Lane> touched = new LinkedHashSet<>();
        for (Job job : jobs) {
            Lane lane = lanes.computeIfAbsent(job.webhookId(), id -> new Lane());
            if (!stopping && lane.offer(job, claimedAt.plus(SEND_WITHIN), now)) {
                touched.add(lane);
            } else {
                rejected.add(job);
                moreWaits |= lane.isOpen(now);
            }
        }
        release(rejected, Instant.EPOCH);
        touched.forEach(this::pump);
    }

    /** Claims what is due. Calls during a sweep make one more follow it. */
    void sweep() {
        if (sweeping || stopping) {
            sweepAgain = sweeping;
            return;
        }
        sweeping = true;
        sweepAgain = false;
        moreWaits = false;
        Instant now = clock.now();
        lanes.values().removeIf(lane -> lane.isForgettable(now));
        queue.claim(now, shut(), CLAIM_PER_LANE, CLAIM_MAX).onComplete(claimed -> {
            sweeping = false;
            if (claimed.failed()) {
                log.warn("webhook.sweep.failed cause={}", claimed.cause().toString());
                return;
            }
            moreWaits |= claimed.result().size() >= CLAIM_PER_LANE;
            accept(claimed.result(), now);
            if (sweepAgain) {
                sweep();
            }
        });
    }

    /** Endpoints that should be given nothing now: closed, or with enough in memory; what full lanes miss is noted. */
    List<String> shut() {
        Instant now = clock.now();
        List<String> shut = new ArrayList<>();
        lanes.forEach((id, lane) -> {
            if (!lane.isOpen(now) || lane.isHalfFull()) {
                shut.add(id);
                moreWaits |= lane.isHalfFull();
            }
        });
        return shut;
    }

    /** Forgets what memory holds for an endpoint whose settings changed; it is claimed again with the new ones. */
    void changed(String webhookId) {
        Lane lane = lanes.get(webhookId);
        if (lane != null) {
            lanes.remove(webhookId);
            hungry.remove(lane);
            release(lane.drain(), Instant.EPOCH).onComplete(released -> sweep());
        }
    }

    /** Starts nothing more; completes when the attempts under way are written down. */
    Future<Void> stop() {
        stopping = true;
        List<Job> waiting =
                lanes.values().stream().flatMap(lane -> lane.drain().stream()).toList();
        Future<Void> released = release(waiting, Instant.EPOCH);
        if (inFlight == 0) {
            empty.tryComplete();
        }
        return Future.join(released, empty.future()).mapEmpty();
    }

    private void pump(Lane lane) {
        Instant now = clock.now();
        while (hasRoom(lane)) {
            var job = lane.next(now);
            if (job.isEmpty()) {
                return;
            }
            start(lane, job.get());
        }
        if (lane.hasWork()) {
            hungry.add(lane);
        }
    }

    private boolean hasRoom(Lane lane) {
        return !stopping && inFlight < inFlightMax && (lane.isProven() || unproven < unprovenMax);
    }

    private void start(Lane lane, Job job) {
        boolean trial = !lane.isProven();
        inFlight++;
        unproven += trial ? 1 : 0;
        sender.send(job).onSuccess(attempt -> context.runOnContext(back -> ended(lane, trial, attempt)));
    }

    private void ended(Lane lane, boolean trial, Attempt attempt) {
        Instant now = clock.now();
        unproven -= trial ? 1 : 0;
        lane.ended(attempt, now);
        if (!lane.isOpen(now)) {
            hungry.remove(lane);
            release(lane.drain(), lane.closedUntil());
        }
        results.add(attempt).onComplete(written -> written());
        pump(lane);
        if (moreWaits && lane.isLow() && !sweeping) {
            sweep();
        }
    }

    private void written() {
        inFlight--;
        if (stopping && inFlight == 0) {
            empty.tryComplete();
        }
        if (!hungry.isEmpty()) {
            Lane next = hungry.iterator().next();
            hungry.remove(next);
            pump(next);
        }
    }

    private Future<Void> release(List<Job> jobs, Instant dueAt) {
        if (jobs.isEmpty()) {
            return Future.succeededFuture();
        }
        return queue.release(jobs, dueAt)
                .onFailure(failure ->
                        log.warn("webhook.release.failed count={} cause={}", jobs.size(), failure.toString()));
    }
}
