package dev.sluice.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint's queue in memory. It starts with one delivery at a time, widens with each success and narrows to one
 * with a failure; after several failures in a row it closes for a while, so that a dead endpoint costs next to nothing.
 * Not thread-safe: it lives on the engine's context.
 */
final class Lane {
    /** Deliveries to one endpoint at the same time. */
    static final int WIDTH_MAX = 8;
    /** Deliveries of one endpoint in memory; the others stay in the table. */
    static final int QUEUE_MAX = 512;
    /** Failures in a row after which the lane closes. */
    static final int FAILURES_MAX = 5;

    private static final Duration PAUSE_MIN = Duration.ofSeconds(5);
    private static final Duration PAUSE_MAX = Duration.ofMinutes(5);
    private static final int DOUBLINGS_MAX = 6;

    /** A job with the time until which this process may send it. */
    private record Waiting(Job job, Instant sendBefore) {}

    private final Deque<Waiting> queue = new ArrayDeque<>();
    private int inFlight;
    private int width = 1;
    private int failures;
    private Instant closedUntil = Instant.MIN;

    /** Takes a job in, unless full or closed. */
    boolean offer(Job job, Instant sendBefore, Instant now) {
        if (!isOpen(now) || queue.size() >= QUEUE_MAX) {
            return false;
        }
        queue.addLast(new Waiting(job, sendBefore));
        return true;
    }

    /** The next job to send now. Jobs whose claim has aged are dropped: the sweep claims them again. */
    Optional<Job> next(Instant now) {
        if (inFlight >= width || !isOpen(now)) {
            return Optional.empty();
        }
        while (!queue.isEmpty()) {
            Waiting head = queue.removeFirst();
            if (now.isBefore(head.sendBefore())) {
                inFlight++;
                return Optional.of(head.job());
            }
        }
        return Optional.empty();
    }

    /** Learns how a job ended. */
    void ended(Attempt attempt, Instant now) {
        inFlight--;
        if (attempt.isSuccess()) {
            failures = 0;
            width = Math.min(width + 1, WIDTH_MAX);
            return;
        }
        failures++;
        width = 1;
        attempt.retryAfter().ifPresent(asked -> closeUntil(now.plus(asked)));
        if (failures >= FAILURES_MAX) {
            int doublings = Math.min(failures - FAILURES_MAX, DOUBLINGS_MAX);
            Duration pause = PAUSE_MIN.multipliedBy(1L << doublings);
            closeUntil(now.plus(pause.compareTo(PAUSE_MAX) < 0 ? pause : PAUSE_MAX));
        }
    }

    /** Empties the queue, for the claims to be given back. */
    List<Job> drain() {
        List<Job> jobs = new ArrayList<>(queue.stream().map(Waiting::job).toList());
        queue.clear();
        return jobs;
    }

    boolean isOpen(Instant now) {
        return !now.isBefore(closedUntil);
    }

    Instant closedUntil() {
        return closedUntil;
    }

    /** Whether the last delivery that ended was a success. */
    boolean isProven() {
        return width > 1;
    }

    boolean hasWork() {
        return !queue.isEmpty();
    }

    boolean isIdle() {
        return queue.isEmpty() && inFlight == 0;
    }

    /** Whether the lane may be forgotten: nothing in it and nothing learnt about its endpoint. */
    boolean isForgettable(Instant now) {
        return isIdle() && isOpen(now) && failures == 0;
    }

    boolean isHalfFull() {
        return queue.size() >= QUEUE_MAX / 2;
    }

    /** Whether the queue lasts for one more round only. */
    boolean isLow() {
        return queue.size() < 2 * WIDTH_MAX;
    }

    private void closeUntil(Instant until) {
        closedUntil = until.isAfter(closedUntil) ? until : closedUntil;
    }
}
