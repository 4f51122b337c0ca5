package dev.sluice.egress;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EgressClientTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final EgressRules LOOPBACK =
            new EgressRules(true, false, Set.of(), List.of(Cidr.parse("127.0.0.1/32")));

    private final Vertx vertx = Vertx.vertx();
    private final EgressClient client =
            new EgressClient(vertx, LOOPBACK, host -> Future.succeededFuture(List.of(HERE)));

    @AfterEach
    void close() {
        await(client.close());
        await(vertx.close());
    }

    @Test
    void connectsToTheJudgedAddressAndKeepsTheName() {
        AtomicReference<String> host = new AtomicReference<>();
        int port = http(request -> {
            host.set(request.getHeader("Host"));
            request.body().onSuccess(body -> request.response().end("got " + body));
        });
        EgressResponse answer = await(client.send(
                EgressRequest.post("http://shop.example:" + port + "/hook", Map.of("X-A", "b"), Buffer.buffer("hi"))));
        assertThat(answer.isSuccess()).isTrue();
        assertThat(answer.complete()).isTrue();
        assertThat(answer.body()).hasToString("got hi");
        assertThat(host.get()).isEqualTo("shop.example:" + port);
    }

    @Test
    void nameThatMovesToAPrivateAddressIsRefusedOnTheNextAttempt() {
        AtomicInteger lookups = new AtomicInteger();
        AtomicInteger arrived = new AtomicInteger();
        EgressClient rebound = new EgressClient(
                vertx,
                LOOPBACK,
                host -> Future.succeededFuture(
                        List.of(lookups.getAndIncrement() == 0 ? HERE : InetAddress.ofLiteral("10.0.0.1"))));
        int port = http(request -> {
            arrived.incrementAndGet();
            request.response().end();
        });
        EgressRequest request = EgressRequest.get("http://shop.example:" + port + "/", Map.of());
        assertThat(await(rebound.send(request)).status()).isEqualTo(200);
        assertThat(failure(rebound.send(request))).hasMessageContaining("address-refused");
        assertThat(lookups).hasValue(2);
        assertThat(arrived).hasValue(1);
        await(rebound.close());
    }

    @Test
    void literalPrivateAddressIsRefusedWithoutLookup() {
        assertThat(failure(client.send(EgressRequest.get("http://10.0.0.1/", Map.of()))))
                .hasMessageContaining("address-refused");
        assertThat(failure(client.send(EgressRequest.get("http://[::1]/", Map.of()))))
                .hasMessageContaining("address-refused");
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirectIsAnAnswerAndNotFollowed(int status) {
        AtomicInteger arrived = new AtomicInteger();
        int port = http(request -> {
            arrived.incrementAndGet();
            request.response()
                    .setStatusCode(status)
                    .putHeader("Location", "/elsewhere")
                    .end();
        });
        EgressResponse answer = await(client.send(EgressRequest.get("http://shop.example:" + port + "/", Map.of())));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.isSuccess()).isFalse();
        assertThat(arrived).hasValue(1);
    }

    @Test
    void endlessBodyIsCutAtTheLimit() {
        int port = http(request -> {
            request.response().setChunked(true);
            flood(request);
        });
        EgressResponse answer = await(client.send(EgressRequest.get("http://shop.example:" + port + "/", Map.of())));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.complete()).isFalse();
        assertThat(answer.body().length()).isEqualTo(EgressClient.BODY_BYTES_MAX);
    }

    @Test
    void compressedBodyIsLeftAsItCame() {
        Buffer packed = Buffer.buffer(new byte[] {31, -117, 8, 0, 1, 2, 3});
        int port = http(request -> {
            assertThat(request.getHeader("Accept-Encoding")).isNull();
            request.response().putHeader("Content-Encoding", "gzip").end(packed);
        });
        assertThat(await(client.send(EgressRequest.get("http://shop.example:" + port + "/", Map.of())))
                        .body())
                .isEqualTo(packed);
    }

    @Test
    void silentServerEndsAtTheDeadline() {
        int port = http(request -> {});
        EgressRequest request =
                EgressRequest.get("http://shop.example:" + port + "/", Map.of()).within(50);
        assertThat(failure(client.send(request))).hasMessageContaining("egress-timeout");
    }

    @Test
    void dribbledBodyEndsAtTheDeadlineWithTheStatus() {
        int port = http(request -> {
            request.response().setChunked(true).write("a");
            vertx.setPeriodic(10, tick -> request.response().write("b"));
        });
        EgressRequest request =
                EgressRequest.get("http://shop.example:" + port + "/", Map.of()).within(200);
        EgressResponse answer = await(client.send(request));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.complete()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "nonsense\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"})
    void brokenAnswerIsAFailure(String raw) {
        NetServer server = vertx.createNetServer();
        server.connectHandler(socket -> socket.handler(bytes -> {
            socket.write(raw);
            socket.close();
        }));
        int port = await(server.listen(0, "127.0.0.1")).actualPort();
        EgressRequest request =
                EgressRequest.get("http://shop.example:" + port + "/", Map.of()).within(2_000);
        assertThat(failure(client.send(request))).isNotNull();
    }

    @Test
    void announcementsWithoutAnAnswerEndAtTheDeadline() {
        NetServer server = vertx.createNetServer();
        server.connectHandler(socket -> socket.handler(bytes -> announce(socket)));
        int port = await(server.listen(0, "127.0.0.1")).actualPort();
        EgressRequest request =
                EgressRequest.get("http://shop.example:" + port + "/", Map.of()).within(200);
        assertThat(failure(client.send(request))).hasMessageContaining("egress-timeout");
    }

    private static void announce(NetSocket socket) {
        socket.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(100))
                .onSuccess(sent -> announce(socket));
    }

    @Test
    void endlessHeadersAreAFailure() {
        NetServer server = vertx.createNetServer();
        server.connectHandler(socket -> socket.handler(bytes -> {
            socket.write("HTTP/1.1 200 OK\r\n");
            socket.write(("X-Filler: " + "y".repeat(1000) + "\r\n").repeat(40));
        }));
        int port = await(server.listen(0, "127.0.0.1")).actualPort();
        EgressRequest request =
                EgressRequest.get("http://shop.example:" + port + "/", Map.of()).within(2_000);
        assertThat(failure(client.send(request))).isNotNull();
    }

    private static void flood(HttpServerRequest request) {
        if (!request.response().closed()) {
            request.response().write(Buffer.buffer(new byte[8_192])).onSuccess(sent -> flood(request));
        }
    }

    private int http(io.vertx.core.Handler<HttpServerRequest> handler) {
        HttpServer server = vertx.createHttpServer().requestHandler(handler);
        return await(server.listen(0, "127.0.0.1")).actualPort();
    }
}
