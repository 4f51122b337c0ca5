package dev.sluice.lightning;

import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.LightningNode.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** What the stream's thread hands to the verticle: bounded, because a full queue pauses the stream. */
final class SettleQueue {
    /** Eight transactions' worth; the stream may add what is under way (128) before it stops. */
    private static final int HIGH = 8 * SettleWriter.BATCH_MAX;

    private static final int LOW = 2 * SettleWriter.BATCH_MAX;

    private final Queue<Settle> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** From the stream's thread; whether the stream must pause. */
    boolean add(Settle settle) {
        queue.add(settle);
        return size.incrementAndGet() >= HIGH;
    }

    int size() {
        return size.get();
    }

    boolean isEmpty() {
        return size.get() == 0;
    }

    /** The next batch; resumes the stream when enough has been taken. */
    List<Settle> take(@Nullable Subscription stream) {
        List<Settle> batch = new ArrayList<>();
        while (batch.size() < SettleWriter.BATCH_MAX) {
            Settle settle = queue.poll();
            if (settle == null) {
                break;
            }
            batch.add(settle);
        }
        if (size.addAndGet(-batch.size()) <= LOW && stream != null) {
            stream.resume();
        }
        return batch;
    }
}
