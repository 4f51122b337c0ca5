package dev.sluice.http;

import io.vertx.core.http.HttpConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of one event loop. One without a request for {@link #QUIET_SWEEPS} sweeps is closed, also when it
 * keeps sending a byte of a head now and then: an idle timeout would never see that.
 */
final class Connections {
    /** Sweeps in an idle time. */
    static final int QUIET_SWEEPS = 4;

    private final Map<HttpConnection, State> states = new HashMap<>();
    private final AtomicInteger open;
    private final int max;

    /**
     * @param open counts connections of all event loops
     */
    Connections(AtomicInteger open, int max) {
        this.open = open;
        this.max = max;
    }

    private static final class State {
        int requests;
        int quietSweeps;
        boolean surplus;
    }

    void opened(HttpConnection connection) {
        State state = new State();
        state.surplus = open.incrementAndGet() > max;
        states.put(connection, state);
        connection.closeHandler(closed -> {
            states.remove(connection);
            open.decrementAndGet();
        });
    }

    /** A request begins; false where there are too many connections. */
    boolean begin(HttpConnection connection) {
        State state = states.get(connection);
        if (state == null) {
            return true;
        }
        state.requests++;
        return !state.surplus;
    }

    void end(HttpConnection connection) {
        State state = states.get(connection);
        if (state != null) {
            state.requests--;
            state.quietSweeps = 0;
        }
    }

    /** Closes what was quiet too long; called {@link #QUIET_SWEEPS} times in an idle time. */
    void sweep() {
        List<HttpConnection> quiet = states.entrySet().stream()
                .filter(entry -> entry.getValue().requests == 0 && ++entry.getValue().quietSweeps > QUIET_SWEEPS)
                .map(Map.Entry::getKey)
                .toList();
        quiet.forEach(HttpConnection::close);
    }
}
