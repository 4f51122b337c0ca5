package dev.sluice.bench;

import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;

/** The floor of every HTTP figure: the least a Vert.x server can do for a request, on as many event loops as ours. */
public final class HelloServer extends VerticleBase {
    private static final Buffer HELLO = Buffer.buffer("hello");

    private final int port;

    private HelloServer(int port) {
        this.port = port;
    }

    /** {@code args}: the port. */
    public static void main(String[] args) {
        int instances = Math.max(2, Runtime.getRuntime().availableProcessors());
        int port = Integer.parseInt(args[0]);
        Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        Await.of(vertx.deployVerticle(() -> new HelloServer(port), new DeploymentOptions().setInstances(instances)));
    }

    @Override
    public Future<?> start() {
        return vertx.createHttpServer()
                .requestHandler(request -> request.response().end(HELLO))
                .listen(port, "127.0.0.1");
    }
}
