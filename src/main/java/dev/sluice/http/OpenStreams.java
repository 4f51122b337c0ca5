package dev.sluice.http;

import dev.sluice.kernel.Failure;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The event streams and web sockets that are open, of all event loops; bounded in all and for each caller, and closed
 * together at the end.
 */
public final class OpenStreams {
    private final Shares open;
    /** What closes a stream, with its caller. */
    private final ConcurrentHashMap<Runnable, String> closers = new ConcurrentHashMap<>();

    /** @param ofOneMax how many of {@code max} one caller may have open */
    public OpenStreams(int max, int ofOneMax) {
        this.open = new Shares(max, ofOneMax);
    }

    /** How many are open. */
    public int size() {
        return open.size();
    }

    /** Closes all: call it before the server stops, which otherwise waits for them. */
    public void closeAll() {
        closers.keySet().forEach(Runnable::run);
    }

    /** Counts one in; throws {@code Unavailable} where there are too many. */
    void enter(String caller, Runnable closer) {
        if (!open.enter(caller)) {
            throw new Failure.Unavailable("too-many-streams", "Too many open streams; poll instead", 5).exception();
        }
        closers.put(closer, caller);
    }

    void leave(Runnable closer) {
        String caller = closers.remove(closer);
        if (caller != null) {
            open.leave(caller);
        }
    }
}
