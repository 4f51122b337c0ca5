package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bounds: limits by caller, requests in flight, connections. */
class LoadTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Limits.Zone WIDE = new Limits.Zone("wide", 1_000_000, 1_000_000);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void callersAreLimitedByAddressAndByKey() {
        Limits limits = new Limits(WIDE, new Limits.Zone("credential", 60, 2), new Limits.Zone("anonymous", 60, 1));
        try (TestServer server = server(limits, HttpConfig.Bounds.standard(), () -> START)) {
            HttpResponse<Buffer> first = server.post("/api/v1/orders", "{}", "Authorization", Toy.ALICE);
            assertThat(first.getHeader("RateLimit-Policy")).isEqualTo("\"credential\";q=2;w=2");
            assertThat(first.getHeader("RateLimit")).isEqualTo("\"credential\";r=1;t=1");
            server.post("/api/v1/orders", "{}", "Authorization", Toy.ALICE);
            HttpResponse<Buffer> third = server.post("/api/v1/orders", "{}", "Authorization", Toy.ALICE);
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.bodyAsJsonObject().getString("code")).isEqualTo("rate-limited");
            assertThat(third.getHeader("Retry-After")).isEqualTo("1");
            assertThat(server.toy.calls).hasValue(2);

            assertThat(server.post("/api/v1/orders", "{}", "Authorization", "token bob")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.post("/api/v1/orders", "{}").statusCode()).isEqualTo(200);
            assertThat(server.post("/api/v1/orders", "{}").statusCode()).isEqualTo(429);
            assertThat(server.post("/api/v1/orders", "{}", "X-Forwarded-For", "198.51.100.1")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.get("/api/v1/toys").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void anAddressIsLimitedWhateverItAsksFor() {
        try (TestServer server = server(
                new Limits(new Limits.Zone("address", 1, 2), WIDE, WIDE), HttpConfig.Bounds.standard(), () -> START)) {
            assertThat(server.get("/nothing").statusCode()).isEqualTo(404);
            assertThat(server.get("/docs").statusCode()).isEqualTo(200);
            assertThat(server.get("/docs").statusCode()).isEqualTo(429);
            assertThat(server.get("/api/v1/toys").statusCode()).isEqualTo(429);
        }
    }

    @Test
    void browsersOfOtherOriginsReadWhyTheyAreRefused() {
        try (TestServer server = server(
                new Limits(new Limits.Zone("address", 1, 1), WIDE, WIDE), HttpConfig.Bounds.standard(), () -> START)) {
            server.get("/api/v1/toys");
            HttpResponse<Buffer> limited = server.get("/api/v1/toys", "Origin", "https://shop.example");
            assertThat(limited.statusCode()).isEqualTo(429);
            assertThat(limited.getHeader("Access-Control-Allow-Origin")).isEqualTo("*");
            assertThat(limited.getHeader("Access-Control-Expose-Headers")).isEqualTo("*");
            assertThat(await(server.request(HttpMethod.OPTIONS, "/api/v1/toys").send())
                            .statusCode())
                    .isEqualTo(204);
            assertThat(limited.bodyAsJsonObject().fieldNames()).containsExactlyInAnyOrder("code", "message");
        }
    }

    /** Wallets know no errors but those of LUD-01, and some are pages of another origin. */
    @Test
    void outsideTheApiRefusalsAreInTheWordsOfWalletsToo() {
        try (TestServer server = server(
                new Limits(new Limits.Zone("address", 1, 1), WIDE, WIDE), HttpConfig.Bounds.standard(), () -> START)) {
            assertThat(server.get("/docs").getHeader("Access-Control-Allow-Origin"))
                    .as("a page")
                    .isNull();
            HttpResponse<Buffer> limited = server.get("/boltcard?p=00&c=00", "Origin", "https://wallet.example");
            assertThat(limited.statusCode()).isEqualTo(429);
            assertThat(limited.getHeader("Retry-After")).isNotNull();
            assertThat(limited.getHeader("Access-Control-Allow-Origin")).isEqualTo("*");
            JsonObject said = limited.bodyAsJsonObject();
            assertThat(said.getString("status")).isEqualTo("ERROR");
            assertThat(said.getString("reason")).isEqualTo(said.getString("message"));
            assertThat(said.getString("code")).isEqualTo("rate-limited");
        }
    }

    @Test
    void whatIsTooMuchIsRefusedAtOnceAndPassesLater() {
        Promise<Reply> park = Promise.promise();
        try (TestServer server = server(new Limits(WIDE, WIDE, WIDE), bounds(1_000, 1), Clock.system())) {
            server.toy.parked.set(park.future());
            Future<HttpResponse<Buffer>> first =
                    server.request(HttpMethod.GET, "/api/v1/parked").send();
            HttpResponse<Buffer> second = askUntil(server, 503);
            assertThat(second.getHeader("Retry-After")).isEqualTo("1");
            assertThat(second.bodyAsJsonObject().getString("code")).isEqualTo("overloaded");
            park.complete(Reply.done());
            assertThat(await(first).statusCode()).isEqualTo(200);
            assertThat(askUntil(server, 200).statusCode()).isEqualTo(200);
        }
    }

    /** Asks until the answer has a status: the request before may not have arrived, or not have left. */
    private static HttpResponse<Buffer> askUntil(TestServer server, int status) {
        for (int round = 0; round < 1_000; round++) {
            HttpResponse<Buffer> answer = server.get("/api/v1/toys");
            if (answer.statusCode() == status) {
                return answer;
            }
        }
        throw new AssertionError("never " + status);
    }

    @Test
    void surplusConnectionsAreToldAndClosed() throws IOException {
        String request = "GET /api/v1/toys HTTP/1.1\r\nHost: x\r\n\r\n";
        try (TestServer server = server(new Limits(WIDE, WIDE, WIDE), bounds(1, 10), Clock.system());
                Socket first = server.connect()) {
            first.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            assertThat(first.getInputStream().read()).isEqualTo('H');
            assertThat(TestServer.status(server.raw(request))).isEqualTo(503);
        }
    }

    /** Any address of 127.0.0.0/8 is this machine; only 127.0.0.1 is a trusted proxy here. */
    @Test
    void connectionsOfOneAddressLeaveRoomForOthers() throws IOException, InterruptedException {
        List<Socket> open = new ArrayList<>();
        try (TestServer server = server(new Limits(WIDE, WIDE, WIDE), bounds(40, 100), Clock.system())) {
            for (int number = 0; number < 32; number++) { // the least that an address may have
                open.add(server.connectFrom("127.0.0.2"));
                assertThat(asked(open.getLast())).isEqualTo(200);
            }
            assertThat(asked(server.connectFrom("127.0.0.2"))).isEqualTo(503);
            assertThat(asked(server.connectFrom("127.0.0.3"))).isEqualTo(200);
            assertThat(asked(server.connect())).isEqualTo(200);
            open.removeLast().close();
            TestServer.reached(() -> ask(server, "127.0.0.2") == 200);
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
    }

    private static int ask(TestServer server, String from) {
        try (Socket socket = server.connectFrom(from)) {
            return asked(socket);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** The status of an answer on a connection that stays open. */
    private static int asked(Socket socket) throws IOException {
        socket.getOutputStream()
                .write("GET /api/v1/toys HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return TestServer.status(
                new String(socket.getInputStream().readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII));
    }

    @Test
    void whatIsPolledIsAnsweredBeforeItsRouteIsLookedFor() {
        Limits limits = new Limits(new Limits.Zone("address", 1, 2), WIDE, WIDE);
        try (TestServer server = server(limits, HttpConfig.Bounds.standard(), () -> START)) {
            HttpResponse<Buffer> answer = server.get("/toy/polled");
            assertThat(answer.bodyAsString()).isEqualTo("polled");
            assertThat(answer.getHeader("Trace-Id")).hasSize(32);
            assertThat(server.get("/toy/polled/").statusCode()).isEqualTo(200);
            assertThat(server.get("/toy/polled").statusCode()).isEqualTo(429);
        }
    }

    /** Forty places, of which one address may hold 32; it waits with fifty polls and begins forty bodies besides. */
    @Test
    void oneAddressCannotShutTheOthersOut() throws IOException, InterruptedException {
        String from = " HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n";
        List<Socket> sockets = new ArrayList<>();
        try (TestServer server = server(new Limits(WIDE, WIDE, WIDE), bounds(1_000, 40), Clock.system())) {
            for (int poll = 1; poll <= 50; poll++) {
                sockets.add(sent(server, "GET /api/v1/waits?wait=30" + from + "If-None-Match: *\r\n\r\n"));
                int waiting = poll;
                TestServer.reached(() -> server.toy.waits.size() == waiting);
            }
            assertThat(statusFor(server, "198.51.100.1")).isEqualTo(200);
            for (int body = 0; body < 40; body++) {
                sockets.add(sent(server, "POST /api/v1/orders" + from + "Content-Length: 10\r\n\r\n"));
            }
            TestServer.reached(() -> statusFor(server, "198.51.100.1") == 503);
            assertThat(statusFor(server, "198.51.100.2")).isEqualTo(200);
            assertThat(server.post("/api/v1/orders", "{}", "X-Forwarded-For", "198.51.100.3")
                            .statusCode())
                    .isEqualTo(200);
            for (Socket socket : sockets) {
                socket.close();
            }
            TestServer.reached(() -> statusFor(server, "198.51.100.1") == 200);
            server.toy.waits.signal("toy");
            TestServer.reached(() -> server.toy.waits.size() == 0);
        }
    }

    /** A shop's tills are one address, and each has a key: what they have in flight is nobody's share. */
    @Test
    void tillsBehindOneAddressAreNotCountedAsOne() throws IOException, InterruptedException {
        Promise<Reply> park = Promise.promise();
        String parked = "GET /api/v1/parked HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\n"
                + "Authorization: " + Toy.ALICE + "\r\n\r\n";
        List<Socket> tills = new ArrayList<>();
        try (TestServer server = server(new Limits(WIDE, WIDE, WIDE), bounds(1_000, 40), Clock.system())) {
            server.toy.parked.set(park.future());
            for (int till = 1; till <= 39; till++) {
                tills.add(sent(server, parked));
                int inside = till;
                TestServer.reached(() -> server.toy.inside.get() == inside);
            }
            assertThat(statusFor(server, "198.51.100.1")).isEqualTo(200);
            park.complete(Reply.done());
            for (Socket till : tills) {
                assertThat(till.getInputStream().read()).isEqualTo('H');
                till.close();
            }
        }
    }

    private static Socket sent(TestServer server, String request) throws IOException {
        Socket socket = server.connect();
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static int statusFor(TestServer server, String address) {
        return server.get("/api/v1/toys", "X-Forwarded-For", address).statusCode();
    }

    @Test
    void lateAnswerIsNotCalledAFailureOfTheChange() {
        HttpConfig.Bounds hasty = new HttpConfig.Bounds(1_024, 100, 10, 10, 30_000, 50, 60_000);
        try (TestServer server = server(Limits.standard(), hasty, Clock.system())) {
            server.toy.parked.set(Promise.<Reply>promise().future());
            HttpResponse<Buffer> read = server.get("/api/v1/parked");
            assertThat(read.statusCode()).isEqualTo(503);
            assertThat(read.getHeader("Retry-After")).isEqualTo("5");
            assertThat(read.bodyAsJsonObject().getString("code")).isEqualTo("answer-late");
            HttpResponse<Buffer> change = server.post("/api/v1/parked", "{}");
            assertThat(change.statusCode()).isEqualTo(503);
            assertThat(change.bodyAsJsonObject().getString("code")).isEqualTo("outcome-unknown");
            assertThat(change.bodyAsJsonObject().getString("message")).contains("same Idempotency-Key");
            assertThat(server.get("/api/v1/toys").statusCode()).isEqualTo(200);
        }
    }

    private static HttpConfig.Bounds bounds(int connections, int inFlight) {
        return new HttpConfig.Bounds(1_024, connections, inFlight, 10, 30_000, 30_000, 60_000);
    }

    private static TestServer server(Limits limits, HttpConfig.Bounds bounds, Clock clock) {
        return new TestServer(DATABASE.vertx(), DATABASE.db(), limits, bounds, clock);
    }
}
