package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What stays open or waits: event streams, web sockets and long polls, with their bounds. */
class StreamsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void streamsOfOneCallerLeaveRoomForOthers() throws IOException, InterruptedException {
        try (TestServer server = TestServer.standard(DATABASE.vertx(), DATABASE.db());
                Socket first = server.connect();
                Socket second = server.connect();
                Socket other = server.connect()) {
            event(first, "198.51.100.1");
            event(second, "198.51.100.1");
            assertThat(stream(server, "198.51.100.1").getString("code")).isEqualTo("too-many-streams");
            assertThat(event(other, "198.51.100.2")).isEqualTo("data: {\"last\":\"2\"}");
            assertThat(stream(server, "198.51.100.3").getString("code")).isEqualTo("too-many-streams");
            assertThat(server.streams.size()).isEqualTo(3);
            first.close();
            second.close();
            other.close();
            TestServer.reached(() -> server.streams.size() == 0);
        }
    }

    /** A refusal. */
    private static JsonObject stream(TestServer server, String from) {
        return server.get("/toy/events", "X-Forwarded-For", from).bodyAsJsonObject();
    }

    @Test
    void eventStreamsAreBoundedAndResume() throws IOException {
        try (TestServer server = TestServer.standard(DATABASE.vertx(), DATABASE.db());
                Socket first = server.connect();
                Socket second = server.connect()) {
            assertThat(event(first)).isEqualTo("data: {\"last\":\"2\"}");
            assertThat(event(second)).isEqualTo("data: {\"last\":\"2\"}");
            assertThat(server.streams.size()).isEqualTo(2);
            assertThat(server.get("/toy/events", "X-Forwarded-For", "192.0.2.1").statusCode())
                    .isEqualTo(503);
            server.streams.closeAll();
            assertThat(TestServer.readAll(first)).endsWith("0\r\n\r\n");
        }
    }

    private static String event(Socket socket) throws IOException {
        return event(socket, "192.0.2.1");
    }

    private static String event(Socket socket, String from) throws IOException {
        String head = "GET /toy/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nLast-Event-ID: 2\r\n"
                + "X-Forwarded-For: " + from + "\r\n\r\n";
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        BufferedReader reader =
                new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 1);
        return reader.lines()
                .filter(line -> line.startsWith("data: "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aSlowListenerGetsTheLatestEventAndNotEveryOne() throws IOException {
        try (TestServer server = TestServer.standard(DATABASE.vertx(), DATABASE.db());
                Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write("GET /toy/flood HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            int seen = 0;
            for (String line = reader.readLine(); !("id: " + Toy.FLOOD).equals(line); line = reader.readLine()) {
                seen += line.startsWith("id: ") ? 1 : 0;
            }
            assertThat(seen).isBetween(1, Toy.FLOOD - 2);
        }
    }

    @Test
    void webSocketsArePokedInBinary() {
        try (TestServer server = TestServer.standard(DATABASE.vertx(), DATABASE.db())) {
            WebSocketClient client = DATABASE.vertx().createWebSocketClient();
            Promise<Buffer> poke = Promise.promise();
            WebSocket socket = await(client.connect(server.port, "127.0.0.1", "/toy/ws")
                    .onSuccess(opened -> opened.binaryMessageHandler(poke::tryComplete)));
            assertThat(await(poke.future()).length()).isEqualTo(1);
            await(socket.writeTextMessage("ping"));
            assertThat(server.get("/toy/ws").statusCode()).isEqualTo(400);
            await(client.close());
        }
    }

    /** A phone that leaves its network sends no close frame; its listener goes all the same. */
    @Test
    void webSocketThatIsLostIsForgotten() throws IOException, InterruptedException {
        try (TestServer server = TestServer.standard(DATABASE.vertx(), DATABASE.db())) {
            try (Socket phone = new Socket("127.0.0.1", server.port)) {
                String upgrade = "GET /toy/ws HTTP/1.1\r\nHost: pay.example\r\nUpgrade: websocket\r\n"
                        + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
                phone.getOutputStream().write(upgrade.getBytes(StandardCharsets.US_ASCII));
                assertThat(phone.getInputStream().read()).isEqualTo('H');
                phone.setSoLinger(true, 0); // closing resets the connection
            }
            TestServer.reached(() -> server.toy.gone.get() == 1);
        }
    }

    @Test
    void waitersHearNewsOnceAndAreBoundedInAllAndEach() {
        Changes<String> changes = new Changes<>(3, 2);
        Future<Boolean> first = waiting(changes, "a", "alice");
        Future<Boolean> second = waiting(changes, "a", "alice");
        assertThat(await(waiting(changes, "b", "alice"))).isFalse();
        Future<Boolean> third = waiting(changes, "b", "bob");
        assertThat(await(waiting(changes, "b", "carol"))).isFalse();
        changes.signal("other");
        assertThat(first.isComplete()).isFalse();
        changes.signal("a");
        assertThat(await(first)).isTrue();
        assertThat(await(second)).isTrue();
        assertThat(third.isComplete()).isFalse();
        changes.signal("b");
        assertThat(await(third)).isTrue();
        assertThat(changes.size()).isZero();
    }

    /** Whether it came to a second look, which finds what the caller does not know. */
    private static Future<Boolean> waiting(Changes<String> changes, String key, String caller) {
        AtomicInteger looks = new AtomicInteger();
        return changes.look(
                key,
                Duration.ofSeconds(30),
                new LongPoll(caller, () -> {}),
                () -> Future.succeededFuture(looks.incrementAndGet() > 1),
                news -> !news);
    }

    @Test
    void whatIsNewIsNotWaitedForAndWaitsEnd() {
        Changes<String> changes = new Changes<>(2, 2);
        AtomicInteger rests = new AtomicInteger();
        LongPoll poll = new LongPoll("alice", rests::incrementAndGet);
        assertThat(await(changes.look("a", Duration.ofSeconds(30), poll, () -> Future.succeededFuture(1), no -> false)))
                .isEqualTo(1);
        assertThat(changes.size()).isZero();
        assertThat(rests).hasValue(0);
        assertThat(await(changes.look("a", Duration.ofMillis(1), poll, () -> Future.succeededFuture(2), yes -> true)))
                .isEqualTo(2);
        assertThat(await(changes.look("a", Duration.ZERO, poll, () -> Future.succeededFuture(3), yes -> true)))
                .isEqualTo(3);
        assertThat(changes.size()).isZero();
        assertThat(rests).hasValue(1);
    }
}
