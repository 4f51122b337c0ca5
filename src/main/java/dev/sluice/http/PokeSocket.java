package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;

/**
 * A web socket that only says "something changed, fetch again"; what BTCPay's checkout script listens to. It lives on
 * the event loop of its request.
 */
public final class PokeSocket {
    private static final Buffer POKE = Buffer.buffer(new byte[] {1});

    private final ServerWebSocket socket;
    private Runnable gone = () -> {};

    private PokeSocket(ServerWebSocket socket) {
        this.socket = socket;
    }

    /** Upgrades the request, which nothing must have waited on. Where that fails the caller was told already. */
    public static Future<PokeSocket> open(RoutingContext context, OpenStreams streams) {
        return context.request().toWebSocket().map(socket -> {
            Passage passage = Passage.of(context);
            passage.becomeStream();
            PokeSocket opened = new PokeSocket(socket);
            Runnable closer = socket::close;
            socket.closeHandler(
                    closed -> { // not endHandler: a connection that is lost sends no close frame
                        streams.leave(closer);
                        opened.gone.run();
                    });
            socket.textMessageHandler(ping -> {}); // the script sends "ping"; reading it is enough
            try {
                streams.enter(passage.caller(), closer);
            } catch (RuntimeException tooMany) {
                socket.close((short) 1013, "try again later");
                throw tooMany;
            }
            return opened;
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
        gone = handler;
        if (socket.isClosed()) {
            handler.run();
        }
    }
}
