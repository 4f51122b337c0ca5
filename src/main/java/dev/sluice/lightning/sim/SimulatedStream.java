package dev.sluice.lightning.sim;

import dev.sluice.kernel.Failure;
import dev.sluice.lightning.LightningNode.Subscription;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One subscriber; used on the network's thread, but for pausing and cancelling. */
final class SimulatedStream<T> implements Subscription {
    private final Executor thread;
    private final Faults faults;
    private final Consumer<T> onItem;
    private final Consumer<@Nullable Throwable> onEnd;
    private final Deque<T> waiting = new ArrayDeque<>();
    private @Nullable T swapped;
    private volatile boolean paused;
    private volatile boolean ended;
    private boolean closing;

    SimulatedStream(Executor thread, Faults faults, Consumer<T> onItem, Consumer<@Nullable Throwable> onEnd) {
        this.thread = thread;
        this.faults = faults;
        this.onItem = onItem;
        this.onEnd = onEnd;
    }

    boolean isEnded() {
        return ended;
    }

    void offer(T item) {
        T held = swapped;
        switch (faults.fate()) {
            case DROP -> {
                return;
            }
            case DUPLICATE -> {
                waiting.add(item);
                waiting.add(item);
            }
            case SWAP -> {
                if (held == null) {
                    swapped = item;
                    return;
                }
                waiting.add(item);
            }
            case DELIVER -> waiting.add(item);
        }
        if (held != null) {
            swapped = null;
            waiting.add(held);
        }
        drain();
    }

    private void drain() {
        while (!ended && !paused && !waiting.isEmpty()) {
            if (faults.cuts()) {
                end(SimulatedNetwork.unavailable());
                return;
            }
            onItem.accept(waiting.remove());
        }
        if (closing && waiting.isEmpty()) {
            end(null);
        }
    }

    /** Ends after what is waiting has been delivered. */
    void finish() {
        closing = true;
        drain();
    }

    void end(@Nullable Throwable cause) {
        if (!ended) {
            ended = true;
            onEnd.accept(cause);
        }
    }

    void refuse(String code, String message) {
        end(new Failure.Rejected(code, message).exception());
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        thread.execute(this::drain);
    }

    @Override
    public void cancel() {
        ended = true;
    }
}
