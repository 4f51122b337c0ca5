package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Db;
import dev.sluice.idempotency.IdempotencyService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.secret.KeyedHash;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A running server with toy routes, a client, and raw sockets for what no client would send. */
final class TestServer implements AutoCloseable {
    private static final int PATIENCE_MS = 20_000;

    final Toy toy = new Toy();
    final OpenStreams streams = new OpenStreams(3, 2);
    final Edge edge;
    final int port;
    private final Vertx vertx;
    private final String deployment;
    private final WebClient client;

    TestServer(Vertx vertx, Db db, Limits limits, HttpConfig.Bounds bounds, Clock clock) {
        this.vertx = vertx;
        HttpConfig config = new HttpConfig("127.0.0.1", 0, "https://pay.example", List.of("127.0.0.1"), limits, bounds);
        HttpFeatures features = new HttpFeatures(
                toy,
                List.of(toy.things()),
                List.of(toy),
                toy.pages(streams),
                List.of(new DocsPages(Contract.load(), "")));
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        HttpMeters meters = new HttpMeters(registry, registry.timer("latency"));
        IdempotencyService idempotency = new IdempotencyService(db, clock);
        KeyedHash requests = new KeyedHash(new byte[32]);
        edge = new Edge(config, features, idempotency, requests, db, clock, Entropy.secure(), meters);
        HttpServerVerticle server = new HttpServerVerticle(edge);
        deployment = await(vertx.deployVerticle(server));
        port = server.port();
        client = WebClient.create(
                vertx,
                new WebClientOptions()
                        .setDefaultHost("127.0.0.1")
                        .setDefaultPort(port)
                        .setFollowRedirects(false));
    }

    static TestServer standard(Vertx vertx, Db db) {
        return new TestServer(vertx, db, Limits.standard(), HttpConfig.Bounds.standard(), Clock.system());
    }

    HttpResponse<Buffer> get(String path, String... headers) {
        return await(request(HttpMethod.GET, path, headers).send());
    }

    HttpResponse<Buffer> post(String path, String body, String... headers) {
        return await(request(HttpMethod.POST, path, headers).sendBuffer(Buffer.buffer(body)));
    }

    HttpRequest<Buffer> request(HttpMethod method, String path, String... headers) {
        HttpRequest<Buffer> request = client.request(method, path);
        for (int index = 0; index < headers.length; index += 2) {
            request.putHeader(headers[index], headers[index + 1]);
        }
        return request;
    }

    /** Sends bytes as they are and reads until the server closes. */
    String raw(String text) {
        return raw(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    String raw(byte[] bytes) {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes);
            return readAll(socket);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    Socket connect() throws IOException {
        return connectFrom("127.0.0.1");
    }

    /** @param address one of this machine's */
    Socket connectFrom(String address) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.ofLiteral(address), 0);
        socket.setSoTimeout(PATIENCE_MS);
        return socket;
    }

    /** Waits for a state that others bring about. */
    static void reached(BooleanSupplier state) throws InterruptedException {
        for (int waited = 0; !state.getAsBoolean(); waited++) {
            assertThat(waited).isLessThan(500);
            Thread.sleep(10);
        }
    }

    static String readAll(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    /** The status of a raw answer; 0 where the server closed without one. */
    static int status(String response) {
        return response.startsWith("HTTP/") ? Integer.parseInt(response.substring(9, 12)) : 0;
    }

    @Override
    public void close() {
        client.close();
        streams.closeAll();
        await(vertx.undeploy(deployment));
    }
}
