package dev.sluice.db;

import java.util.function.LongSupplier;

/**
 * Between two batches of work that gathers: where little waits, the next begins only when as much time has passed as
 * the last one took. Half as many batches, twice as large, do the same work for much less. Used on one context.
 */
public final class Rest {
    /** However long a batch took: what stalled the database does not hold up the next. */
    private static final long NANOS_MAX = 20_000_000;

    private static final long NANOS_PER_MS = 1_000_000;

    /** Runs something on the same context once milliseconds have passed. */
    @FunctionalInterface
    public interface Timer {
        void after(long ms, Runnable what);
    }

    private final Timer timer;
    private final LongSupplier nanoTime;
    private final int eagerFrom;
    private final Runnable over;
    private long until;
    private boolean timed;

    /**
     * @param eagerFrom how much must wait for the next batch to begin at once; 1 for work that never rests
     * @param over what is done when a rest ends that held something up
     */
    public Rest(Timer timer, int eagerFrom, Runnable over) {
        this(timer, System::nanoTime, eagerFrom, over);
    }

    Rest(Timer timer, LongSupplier nanoTime, int eagerFrom, Runnable over) {
        this.timer = timer;
        this.nanoTime = nanoTime;
        this.eagerFrom = eagerFrom;
        this.over = over;
        this.until = nanoTime.getAsLong();
    }

    /** A batch begins; the moment is to be given back when it {@link #ended}. */
    public long began() {
        return nanoTime.getAsLong();
    }

    /** A batch has ended. */
    public void ended(long began) {
        long now = nanoTime.getAsLong();
        until = now + Math.min(now - began, NANOS_MAX);
    }

    /** Whether what waits should wait on; then it is looked at again in time. */
    public boolean holds(int waiting) {
        long left = until - nanoTime.getAsLong();
        if (waiting >= eagerFrom || left <= 0) {
            return false;
        }
        if (!timed) {
            timed = true;
            timer.after(left / NANOS_PER_MS + 1, () -> {
                timed = false;
                over.run();
            });
        }
        return true;
    }
}
