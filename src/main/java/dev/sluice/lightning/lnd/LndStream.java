package dev.sluice.lightning.lnd;

import dev.sluice.lightning.LightningNode.Subscription;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A server stream that asks for one more message for each one handled, and for none while paused. */
final class LndStream<R> extends ClientCall.Listener<R> implements Subscription {
    /** Messages under way: enough to hide the round trip, few enough to stay in memory. */
    static final int WINDOW = 128;

    private final ClientCall<?, R> call;
    private final Consumer<R> onItem;
    private final Consumer<@Nullable Throwable> onEnd;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicInteger owed = new AtomicInteger();
    private volatile boolean paused;

    LndStream(ClientCall<?, R> call, Consumer<R> onItem, Consumer<@Nullable Throwable> onEnd) {
        this.call = call;
        this.onItem = onItem;
        this.onEnd = onEnd;
    }

    void start(Metadata headers) {
        call.start(this, headers);
        call.request(WINDOW);
    }

    @Override
    public void onMessage(R message) {
        if (!ended.get()) {
            onItem.accept(message);
        }
        owed.incrementAndGet();
        grant();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (ended.compareAndSet(false, true)) {
            onEnd.accept(status.isOk() ? null : new StatusRuntimeException(status));
        }
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        grant();
    }

    @Override
    public void cancel() {
        if (ended.compareAndSet(false, true)) {
            call.cancel("no longer needed", null);
        }
    }

    private void grant() {
        int messages = paused ? 0 : owed.getAndSet(0);
        if (messages > 0) {
            call.request(messages);
        }
    }
}
