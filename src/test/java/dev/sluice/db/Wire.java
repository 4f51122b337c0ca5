package dev.sluice.db;

import static dev.sluice.db.TestDatabase.await;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The way to a server on this machine, which can break as networks do: nobody is told. */
final class Wire {
    private final NetServer server;
    private final NetClient client;
    private final List<NetSocket> ends = new CopyOnWriteArrayList<>();

    private Wire(Vertx vertx, int port) {
        client = vertx.createNetClient();
        server = vertx.createNetServer().connectHandler(near -> {
            near.pause();
            client.connect(port, "127.0.0.1").onSuccess(far -> join(near, far)).onFailure(lost -> near.close());
        });
    }

    static Wire to(Vertx vertx, int port) {
        Wire wire = new Wire(vertx, port);
        await(wire.server.listen(0, "127.0.0.1"));
        return wire;
    }

    int port() {
        return server.actualPort();
    }

    private void join(NetSocket near, NetSocket far) {
        ends.addAll(List.of(near, far));
        near.handler(far::write);
        far.handler(near::write);
        near.closeHandler(closed -> far.close());
        far.closeHandler(closed -> near.close());
        near.resume();
    }

    /** Nothing passes on the connections that there are; new ones find their way. */
    void cut() {
        ends.forEach(end -> end.handler(dropped -> {}));
    }

    Future<Void> close() {
        return Future.join(server.close(), client.close()).mapEmpty();
    }
}
