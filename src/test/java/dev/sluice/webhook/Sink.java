package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A receiver of webhooks whose answers a test scripts. Register it as a field of the test, or close it. */
final class Sink implements AfterEachCallback {
    /** One delivery that arrived. */
    record Arrived(Map<String, String> headers, Buffer body) {
        JsonObject json() {
            return body.toJsonObject();
        }

        String header(String name) {
            return headers.get(name.toLowerCase(java.util.Locale.ROOT));
        }
    }

    private final BlockingQueue<Arrived> arrived = new LinkedBlockingQueue<>();
    private final HttpServer server;
    private volatile Consumer<HttpServerRequest> script = answer(200);

    Sink(Vertx vertx) {
        server = vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    arrived.add(new Arrived(
                            request.headers().entries().stream()
                                    .collect(Collectors.toMap(
                                            entry -> entry.getKey().toLowerCase(java.util.Locale.ROOT),
                                            Map.Entry::getValue)),
                            body));
                    script.accept(request);
                }));
        await(server.listen(0, "127.0.0.1"));
    }

    static Consumer<HttpServerRequest> answer(int status) {
        return request -> request.response().setStatusCode(status).end("body of " + status);
    }

    void script(Consumer<HttpServerRequest> answers) {
        script = answers;
    }

    String url() {
        return "http://127.0.0.1:" + server.actualPort() + "/hook";
    }

    /** The next delivery; fails when none comes. */
    Arrived take() {
        try {
            Arrived next = arrived.poll(30, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("no delivery arrived");
            }
            return next;
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    int waiting() {
        return arrived.size();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    void close() {
        await(server.close());
    }
}
