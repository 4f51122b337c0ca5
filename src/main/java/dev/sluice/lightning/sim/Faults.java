package dev.sluice.lightning.sim;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What goes wrong at a simulated node, decided by a seed: the same seed and the same calls give the same faults. May be
 * changed from any thread.
 */
public final class Faults {
    private static final int NEVER = Integer.MAX_VALUE;

    private final SplittableRandom random;
    private final AtomicInteger untilCut = new AtomicInteger(NEVER);
    private final AtomicInteger answersToLose = new AtomicInteger();
    private volatile boolean down;
    private volatile boolean unsynced;
    private volatile int dropPercent;
    private volatile int duplicatePercent;
    private volatile int reorderPercent;
    private volatile int delayMs;

    Faults(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /** Nothing answers; see {@link SimulatedLightning#crash} to end running streams as well. */
    public Faults down(boolean value) {
        down = value;
        return this;
    }

    /** The node reports that it is behind the chain. */
    public Faults unsynced(boolean value) {
        unsynced = value;
        return this;
    }

    /** The chance that a stream loses, repeats, or swaps a message with the next one. */
    public Faults messages(int droppedPercent, int duplicatedPercent, int reorderedPercent) {
        dropPercent = droppedPercent;
        duplicatePercent = duplicatedPercent;
        reorderPercent = reorderedPercent;
        return this;
    }

    /** Ends the stream that would deliver the message after the next {@code count}, once. */
    public Faults cutAfter(int count) {
        untilCut.set(count);
        return this;
    }

    /** The next {@code count} calls take effect, but their answers are lost. */
    public Faults loseAnswers(int count) {
        answersToLose.set(count);
        return this;
    }

    /** Every answer and message comes this much later. */
    public Faults delay(int milliseconds) {
        delayMs = milliseconds;
        return this;
    }

    /** No faults from now on. */
    public void clear() {
        down(false).unsynced(false).messages(0, 0, 0).loseAnswers(0).delay(0).cutAfter(NEVER);
    }

    boolean isDown() {
        return down;
    }

    boolean isUnsynced() {
        return unsynced;
    }

    int delayMs() {
        return delayMs;
    }

    boolean losesAnswer() {
        return answersToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }

    /** Whether the stream that delivers now is cut instead. */
    boolean cuts() {
        int left = untilCut.getAndUpdate(count -> count == NEVER || count == 0 ? NEVER : count - 1);
        return left == 0;
    }

    Fate fate() {
        int drop = dropPercent;
        int duplicate = duplicatePercent;
        int reorder = reorderPercent;
        if (drop + duplicate + reorder == 0) {
            return Fate.DELIVER;
        }
        int draw = random.nextInt(100);
        if (draw < drop) {
            return Fate.DROP;
        }
        if (draw < drop + duplicate) {
            return Fate.DUPLICATE;
        }
        return draw < drop + duplicate + reorder ? Fate.SWAP : Fate.DELIVER;
    }

    enum Fate {
        DELIVER,
        DROP,
        DUPLICATE,
        SWAP
    }
}
