package dev.sluice.http;

import dev.sluice.kernel.Failure;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One instance of the public server on its event loop; deploy as many as there are cores. */
public final class HttpServerVerticle extends VerticleBase {
    /** Request line and head: LNURL callbacks carry invoices with blinded paths, which pass 4 KiB. */
    private static final int HEAD_MAX = 16 * 1024;
    /** Web sockets only hear pings here. */
    private static final int FRAME_MAX = 1024;
    /** For requests in flight to end when the server stops. */
    private static final long GRACE_SECONDS = 10;

    private final Edge edge;
    private @Nullable HttpServer server;

    public HttpServerVerticle(Edge edge) {
        this.edge = edge;
    }

    /** Starts {@code instances} servers on one port; undeploy the id to stop them. */
    public static Future<String> deploy(Vertx vertx, Edge edge, int instances) {
        return vertx.deployVerticle(
                () -> new HttpServerVerticle(edge), new DeploymentOptions().setInstances(instances));
    }

    @Override
    public Future<?> start() {
        Connections connections = edge.connections();
        server = vertx.createHttpServer(options(edge.config()))
                .requestHandler(edge.router(vertx, connections))
                .invalidRequestHandler(HttpServerVerticle::malformed)
                .connectionHandler(connections::opened);
        long pauseMs = Math.max(1, edge.config().bounds().idleTimeoutMs() / Connections.QUIET_SWEEPS);
        vertx.setPeriodic(pauseMs, tick -> connections.sweep());
        return server.listen()
                .recover(failure ->
                        unable("http", edge.config().host(), edge.config().port(), failure));
    }

    /** Says which of the gateway's ports cannot be had. */
    static <T> Future<T> unable(String section, String host, int port, Throwable failure) {
        String reason = section + ".host, " + section + ".port: cannot listen on " + host + ":" + port + ": "
                + failure.getMessage();
        return Future.failedFuture(new Failure.Conflict("cannot-listen", reason).exception());
    }

    @Override
    public Future<?> stop() {
        return server == null ? Future.succeededFuture() : server.shutdown(GRACE_SECONDS, TimeUnit.SECONDS);
    }

    /** Where it listens, once started. */
    public int port() {
        return server == null ? 0 : server.actualPort();
    }

    /** HTTP/1.1 in clear text: TLS, HTTP/2 and 3 belong to the proxy in front. */
    private static HttpServerOptions options(HttpConfig config) {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setHttp2ClearTextEnabled(false)
                .setMaxInitialLineLength(HEAD_MAX)
                .setMaxHeaderSize(HEAD_MAX)
                .setMaxWebSocketFrameSize(FRAME_MAX)
                .setMaxWebSocketMessageSize(FRAME_MAX)
                .setDecompressionSupported(false)
                // Our frames are a few bytes; negotiating their compression costs every request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
        options.setIdleTimeout(Math.toIntExact(config.bounds().idleTimeoutMs()))
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        return options;
    }

    /** What the decoder could not read: nothing after it on the connection can be trusted. */
    private static void malformed(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Refusal refusal = switch (cause) {
            case TooLongHttpLineException it -> Refusal.of(414, "uri-too-long", "The path is too long");
            case TooLongHttpHeaderException it -> Refusal.of(431, "headers-too-large", "The headers are too large");
            case null, default -> Refusal.of(400, "malformed-request", "The request is malformed");
        };
        Reply reply = refusal.reply("", false);
        request.response()
                .setStatusCode(reply.status())
                .putHeader("Content-Type", "application/json; charset=utf-8")
                .putHeader("Connection", "close")
                .end(String.valueOf(reply.body()))
                .onComplete(done -> request.connection().close());
    }
}
