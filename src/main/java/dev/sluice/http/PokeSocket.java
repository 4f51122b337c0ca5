package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;

/** A web socket that only says "something changed, fetch again"; what BTCPay's checkout script listens to. */
public final class PokeSocket {
    private static final Buffer POKE = Buffer.buffer(new byte[] {1});

    private final ServerWebSocket socket;
    private final Runnable left;

    private PokeSocket(ServerWebSocket socket, Runnable left) {
        this.socket = socket;
        this.left = left;
    }

    /** Upgrades the request, which nothing must have waited on. Where that fails the caller was told already. */
    public static Future<PokeSocket> open(RoutingContext context, OpenStreams streams) {
        return context.request().toWebSocket().map(socket -> {
            Passage.of(context).becomeStream();
            Runnable closer = socket::close;
            try {
                streams.enter(closer);
            } catch (RuntimeException tooMany) {
                socket.close((short) 1013, "try again later");
                throw tooMany;
            }
            Runnable left = () -> streams.leave(closer);
            socket.closeHandler(closed -> left.run());
            socket.textMessageHandler(ping -> {}); // the script sends "ping"; reading it is enough
            return new PokeSocket(socket, left);
        });
    }

    /** Says that there is news. A listener that has not read the last poke needs no other. */
    public void poke() {
        if (!socket.isClosed() && !socket.writeQueueFull()) {
            socket.writeBinaryMessage(POKE);
        }
    }

    /** Called when the listener is gone, however it went, at once if it already is; at most one handler. */
    public void onClose(Runnable handler) {
        socket.closeHandler(
                closed -> { // not endHandler: a connection that is lost sends no close frame
                    left.run();
                    handler.run();
                });
        if (socket.isClosed()) {
            handler.run();
        }
    }
}
