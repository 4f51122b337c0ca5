package dev.sluice.http;

import dev.sluice.kernel.Failure;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The event streams and web sockets that are open, of all event loops; bounded, and closed together at the end. */
public final class OpenStreams {
    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<Runnable> closers = ConcurrentHashMap.newKeySet();

    public OpenStreams(int max) {
        this.max = max;
    }

    /** How many are open. */
    public int size() {
        return count.get();
    }

    /** Closes all: call it before the server stops, which otherwise waits for them. */
    public void closeAll() {
        closers.forEach(Runnable::run);
    }

    /** Counts one in; throws {@code Unavailable} where there are too many. */
    void enter(Runnable closer) {
        if (count.incrementAndGet() > max) {
            count.decrementAndGet();
            throw new Failure.Unavailable("too-many-streams", "Too many open streams; poll instead", 5).exception();
        }
        closers.add(closer);
    }

    void leave(Runnable closer) {
        if (closers.remove(closer)) {
            count.decrementAndGet();
        }
    }
}
