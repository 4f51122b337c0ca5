package dev.sluice.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.SocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The connections of one event loop. One without a request for {@link #QUIET_SWEEPS} sweeps is closed, also when it
 * keeps sending a byte of a head now and then: an idle timeout would never see that. One too many is told so when it
 * asks, and closed at the next sweep where it does not.
 */
final class Connections {
    /** Sweeps in an idle time. */
    static final int QUIET_SWEEPS = 4;

    private final Map<HttpConnection, Line> lines = new HashMap<>();
    private final ClientAddress addresses;
    private final Shares open;

    /** @param open counts connections of all event loops; those of trusted proxies for nobody in particular */
    Connections(ClientAddress addresses, Shares open) {
        this.addresses = addresses;
        this.open = open;
    }

    /** One connection: who is at its other end, and how many requests are under way on it. */
    static final class Line {
        private final ClientAddress.Peer peer;
        private final boolean surplus;
        private int requests;
        private int quietSweeps;
        private boolean over;

        private Line(ClientAddress.Peer peer, boolean surplus) {
            this.peer = peer;
            this.surplus = surplus;
        }

        ClientAddress.Peer peer() {
            return peer;
        }

        /** Whether it is one too many. */
        boolean isSurplus() {
            return surplus;
        }

        /** Nothing that comes on it is answered any more. */
        void hangUp() {
            over = true;
        }

        boolean isOver() {
            return over;
        }

        void begin() {
            requests++;
        }

        void end() {
            requests--;
            quietSweeps = 0;
        }

        private boolean isQuietTooLong() {
            return requests == 0 && ++quietSweeps > (surplus ? 0 : QUIET_SWEEPS);
        }
    }

    void opened(HttpConnection connection) {
        ClientAddress.Peer peer = peer(connection);
        boolean counted = peer.trusted() ? open.enter() : open.enter(ClientAddress.subscriber(peer.address()));
        lines.put(connection, new Line(peer, !counted));
        connection.closeHandler(closed -> {
            lines.remove(connection);
            if (counted) {
                leave(peer);
            }
        });
    }

    private void leave(ClientAddress.Peer peer) {
        if (peer.trusted()) {
            open.leave();
        } else {
            open.leave(ClientAddress.subscriber(peer.address()));
        }
    }

    /** What is known of a connection; nothing is counted for one that is gone. */
    Line of(HttpConnection connection) {
        Line line = lines.get(connection);
        return line == null ? new Line(peer(connection), false) : line;
    }

    private ClientAddress.Peer peer(HttpConnection connection) {
        SocketAddress remote = connection.remoteAddress();
        return addresses.peer(remote == null ? "" : remote.hostAddress());
    }

    /** Closes what was quiet too long; called {@link #QUIET_SWEEPS} times in an idle time. */
    void sweep() {
        List<HttpConnection> quiet = lines.entrySet().stream()
                .filter(entry -> entry.getValue().isQuietTooLong())
                .map(Map.Entry::getKey)
                .toList();
        quiet.forEach(HttpConnection::close);
    }
}
