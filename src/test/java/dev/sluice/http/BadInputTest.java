package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What nobody should send: each has its answer, no handler runs, and the server goes on. */
class BadInputTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String POST = "POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    private static final String GET = "GET /api/v1/toys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    private static final int BODY_MAX = 64 * 1024;

    private static TestServer server;

    @BeforeAll
    static void start() {
        await(DATABASE.db().write("create table toy (name text)", Tuple.tuple()));
        HttpConfig.Bounds bounds = new HttpConfig.Bounds(BODY_MAX, 1_000, 100, 10, 400, 30_000, 800);
        Limits.Zone wide = new Limits.Zone("wide", 1_000_000, 1_000_000);
        server = new TestServer(DATABASE.vertx(), DATABASE.db(), new Limits(wide, wide, wide), bounds, Clock.system());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Arguments> bodies() {
        String million = Stream.iterate(0, key -> key + 1)
                .limit(9_000)
                .map(key -> "\"" + key + "\":1")
                .reduce((a, b) -> a + "," + b)
                .orElseThrow();
        return Stream.of(
                Arguments.of("empty", "", 200),
                Arguments.of("nothing but a blank", " ", 400),
                Arguments.of("array", "[]", 400),
                Arguments.of("scalar", "1", 400),
                Arguments.of("broken", "{\"a\":", 400),
                Arguments.of("comment", "{/**/}", 400),
                Arguments.of("single quotes", "{'a':1}", 400),
                Arguments.of("100,000 deep", "[".repeat(60_000), 400),
                Arguments.of("33 deep", "{\"a\":".repeat(33) + "1" + "}".repeat(33), 400),
                Arguments.of("32 deep", "{\"a\":".repeat(32) + "1" + "}".repeat(32), 200),
                Arguments.of("too many keys for the limit", "{" + million + "}", 413),
                Arguments.of("duplicate key", "{\"amount\":1,\"amount\":100}", 400),
                Arguments.of("nested duplicate key", "{\"a\":{\"b\":1,\"\\u0062\":2}}", 400),
                Arguments.of("trailing garbage", "{} x", 400),
                Arguments.of("two documents", "{}{}", 400),
                Arguments.of("NaN", "{\"amount\":NaN}", 400),
                Arguments.of("Infinity", "{\"amount\":Infinity}", 400),
                Arguments.of("minus zero", "{\"amount\":-0}", 200),
                Arguments.of("1e400", "{\"amount\":1e400}", 400),
                Arguments.of("1e999999999999", "{\"amount\":1e999999999999}", 400),
                Arguments.of("1E-7", "{\"amount\":1E-7}", 200),
                Arguments.of("10^30 for a count", "{\"count\":1000000000000000000000000000000}", 422),
                Arguments.of("2^63 for a count", "{\"count\":9223372036854775808}", 422),
                Arguments.of("2^63-1 for a count", "{\"count\":9223372036854775807}", 422),
                Arguments.of("half a count", "{\"count\":0.5}", 422),
                Arguments.of("200 digits", "{\"count\":" + "9".repeat(200) + "}", 400),
                Arguments.of("negative amount", "{\"amount\":-1}", 422),
                Arguments.of("thousands separator", "{\"amount\":\"1,000\"}", 422),
                Arguments.of("full-width digits", "{\"amount\":\"\uff11\uff12\"}", 422),
                Arguments.of("exponent in text", "{\"amount\":\"1e3\"}", 422),
                Arguments.of("hexadecimal", "{\"amount\":\"0x10\"}", 422),
                Arguments.of("blank before", "{\"amount\":\" 1\"}", 422),
                Arguments.of("empty amount", "{\"amount\":\"\"}", 422),
                Arguments.of("lone surrogate", "{\"name\":\"\\ud800\"}", 400),
                Arguments.of("lone low surrogate", "{\"name\":\"\\udc00x\"}", 400),
                Arguments.of("surrogate pair", "{\"name\":\"\\ud83d\\ude00\"}", 200),
                Arguments.of("NUL", "{\"name\":\"a\\u0000b\"}", 400),
                Arguments.of("NUL in a key", "{\"a\\u0000\":1}", 400),
                Arguments.of("byte order mark", "\ufeff{}", 400),
                Arguments.of("right-to-left override", "{\"name\":\"\u202e\"}", 200),
                Arguments.of("text beyond the field's limit", "{\"name\":\"" + "n".repeat(101) + "\"}", 422),
                Arguments.of("boolean as text", "{\"flag\":\"true\"}", 422),
                Arguments.of("array for a scalar", "{\"name\":[\"x\"]}", 422),
                Arguments.of("number for a text", "{\"name\":1}", 422),
                Arguments.of("null is absent", "{\"name\":null,\"amount\":null}", 200),
                Arguments.of(
                        "unknown fields",
                        "{\"status\":\"Settled\",\"isAdmin\":true,\"__proto__\":{},\"constructor\":1}",
                        200));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bodies")
    void bodiesAreReadStrictly(String what, String body, int status) {
        int before = server.toy.calls.get();
        HttpResponse<Buffer> answer = server.post("/api/v1/orders", body);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(server.toy.calls).hasValue(status == 200 ? before + 1 : before);
        assertThat(answer.bodyAsString()).doesNotContain("Exception", "com.fasterxml", "at dev.");
    }

    /** Most clients write a body to its end before they read; more than a socket buffers must be read from them. */
    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 8388608\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n800000\r\n"})
    void callerThatSendsOnReadsWhyItShouldNot(String framing) {
        String answer = server.raw("POST /api/v1/orders HTTP/1.1\r\nHost: x\r\n" + framing + "x".repeat(8 << 20)
                + (framing.startsWith("T") ? "\r\n0\r\n\r\n" : ""));
        assertThat(TestServer.status(answer)).isEqualTo(413);
        assertThat(answer).contains("payload-too-large");
    }

    /** Where a head cannot be trusted, neither can what seems to follow it. */
    @Test
    void nothingIsServedAfterAMalformedHead() {
        String keptOpen = "GET /api/v1/toys HTTP/1.1\r\nHost: x\r\n";
        String answer = server.raw(keptOpen + "Host: y\r\n\r\n" + keptOpen + "\r\n" + keptOpen + "\r\n");
        assertThat(answer).startsWith("HTTP/1.1 400 ").containsOnlyOnce("HTTP/1.1 ");
    }

    static Stream<Arguments> raws() {
        byte[] overlong = {'{', '"', 'n', '"', ':', '"', (byte) 0xc0, (byte) 0xaf, '"', '}'};
        String rest = "Host: x\r\nConnection: close\r\n\r\n";
        return Stream.of(
                Arguments.of(
                        "overlong UTF-8",
                        POST + "Content-Length: 10\r\n\r\n" + new String(overlong, StandardCharsets.ISO_8859_1),
                        400),
                Arguments.of("negative length", POST + "Content-Length: -1\r\n\r\n", 400),
                Arguments.of("length with plus", POST + "Content-Length: +5\r\n\r\n{}   ", 400),
                Arguments.of("two lengths", POST + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 400),
                Arguments.of("length beyond long", POST + "Content-Length: 99999999999999999999\r\n\r\n", 400),
                Arguments.of("length beyond the limit", POST + "Content-Length: 1073741824\r\n\r\n", 413),
                Arguments.of(
                        "length and chunks",
                        POST + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "unknown transfer coding",
                        POST + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                        400),
                Arguments.of("broken chunk size", POST + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 0),
                Arguments.of("gzip", POST + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 415),
                Arguments.of("body length too small", POST + "Content-Length: 1\r\n\r\n{}", 400),
                Arguments.of("no host", "GET /api/v1/toys HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
                Arguments.of("two hosts", GET + "Host: y\r\n\r\n", 400),
                Arguments.of(
                        "foreign host",
                        "GET /api/v1/toys HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                        200),
                Arguments.of(
                        "two credentials", GET + "Authorization: token alice\r\nAuthorization: token bob\r\n\r\n", 400),
                Arguments.of("TRACE", "TRACE /api/v1/toys HTTP/1.1\r\n" + rest, 405),
                Arguments.of("CONNECT", "CONNECT evil.example:443 HTTP/1.1\r\n" + rest, 404),
                Arguments.of("absolute form", "GET http://evil.example/api/v1/toys HTTP/1.1\r\n" + rest, 200),
                Arguments.of("encoded slash", "GET /api/v1/stores/..%2f..%2fx/toys/T HTTP/1.1\r\n" + rest, 404),
                Arguments.of("NUL in path", "GET /api/v1/stores/%00/toys/T HTTP/1.1\r\n" + rest, 404),
                Arguments.of("double encoding", "GET /api/v1/stores/%252e%252e/toys/T HTTP/1.1\r\n" + rest, 401),
                Arguments.of("dot segments", "GET /api/v1/stores/../toys HTTP/1.1\r\n" + rest, 404),
                Arguments.of("broken escape", "GET /api/v1/stores/%zz/toys/T HTTP/1.1\r\n" + rest, 404),
                Arguments.of("overlong escape", "GET /api/v1/stores/%c0%af/toys/T HTTP/1.1\r\n" + rest, 404),
                Arguments.of("matrix parameter", "GET /api/v1/toys;a=b HTTP/1.1\r\n" + rest, 404),
                Arguments.of("5 KiB path", "GET /api/v1/" + "x".repeat(5_000) + " HTTP/1.1\r\n" + rest, 404),
                Arguments.of("17 KiB path", "GET /api/v1/" + "x".repeat(17_000) + " HTTP/1.1\r\n" + rest, 414),
                Arguments.of("NUL in query", "GET /api/v1/toys?take=%00 HTTP/1.1\r\n" + rest, 400),
                Arguments.of("broken query", "GET /api/v1/toys?take=%zz HTTP/1.1\r\n" + rest, 400),
                Arguments.of("9 KiB cookie", GET + "Cookie: " + "c".repeat(9_000) + "\r\n\r\n", 200),
                Arguments.of("17 KiB cookie", GET + "Cookie: " + "c".repeat(17_000) + "\r\n\r\n", 431),
                Arguments.of("1,000 headers", GET + "X-Some-Header-Of-Mine: value\r\n".repeat(1_000) + "\r\n", 431),
                Arguments.of("bare CR in header", GET + "X-A: a\rX-B: b\r\n\r\n", 400),
                Arguments.of("blank before colon", GET + "X-A : a\r\n\r\n", 400),
                Arguments.of(
                        "If-None-Match of 5,000 tags",
                        GET + "If-None-Match: " + "\"a\",".repeat(2_000) + "\r\n\r\n",
                        200),
                Arguments.of("Range", GET + "Range: bytes=0-0,1-1,2-2\r\n\r\n", 200),
                Arguments.of("garbage", "\u0016\u0003\u0001 hello\r\n\r\n", 400),
                Arguments.of("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 501));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("raws")
    void requestsAreReadStrictly(String what, String request, int status) {
        int before = server.toy.calls.get();
        String answer = server.raw(request);
        assertThat(TestServer.status(answer)).as(answer).isEqualTo(status);
        assertThat(server.toy.calls).hasValue(status == 200 ? before + 1 : before);
        assertThat(answer).doesNotContain("Exception", "at dev.", "at io.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/toy/page?lang=%", "/docs/swagger-ui.css?v=%zz", "/toy/page?%c"})
    void brokenQueriesDoNotReachPages(String target) {
        String answer = server.raw("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        assertThat(TestServer.status(answer)).as(answer).isEqualTo(400);
        assertThat(answer).contains("malformed-query");
    }

    @Test
    void aSmuggledSecondRequestIsNeverAnswered() {
        String smuggled = "GET /api/v1/toys HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        String answer = server.raw("POST /api/v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + (5 + smuggled.length()) + "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + smuggled);
        assertThat(answer.split("HTTP/1.1 ", -1)).hasSize(2);
        assertThat(TestServer.status(answer)).isEqualTo(400);
    }

    @Test
    void anEndlessBodyIsCutAtTheLimit() throws IOException {
        byte[] chunk = ("1000\r\n" + "x".repeat(0x1000) + "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        long sent = 0;
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write((POST + "Transfer-Encoding: chunked\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            for (; sent < 1L << 30; sent += 0x1000) {
                out.write(chunk);
            }
        } catch (SocketException cut) {
            assertThat(sent).isGreaterThan(BODY_MAX / 2);
        }
        assertThat(sent).isLessThan(64L << 20);
        assertThat(server.get("/api/v1/toys").statusCode()).isEqualTo(200);
    }

    @Test
    void aBodyThatNeverEndsIsGivenUp() {
        assertThat(TestServer.status(server.raw(POST + "Content-Length: 10\r\n\r\n{")))
                .isEqualTo(408);
    }

    @Test
    void aHeadThatTricklesIsCutOff() throws IOException {
        try (Socket socket = server.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write("GET /api/v1/toys HTTP/1.1\r\nX: ".getBytes(StandardCharsets.ISO_8859_1));
            socket.setSoTimeout(50);
            assertThat(trickleUntilClosed(socket)).isTrue();
        }
    }

    private static boolean trickleUntilClosed(Socket socket) throws IOException {
        for (int count = 0; count < 400; count++) {
            try {
                socket.getOutputStream().write('a');
                if (socket.getInputStream().read() < 0) {
                    return true;
                }
            } catch (SocketTimeoutException stillOpen) {
                continue;
            } catch (SocketException closed) {
                return true;
            }
        }
        return false;
    }

    @Test
    void aBrokenOffBodyRunsNothing() throws IOException {
        int before = server.toy.calls.get();
        try (Socket socket = server.connect()) {
            socket.getOutputStream()
                    .write((POST + "Content-Length: 10\r\n\r\n{}").getBytes(StandardCharsets.ISO_8859_1));
            socket.shutdownOutput();
            TestServer.readAll(socket);
        }
        assertThat(server.toy.calls).hasValue(before);
    }

    @ParameterizedTest
    @MethodSource("keys")
    void malformedRequestKeysAreRefused(String key) {
        HttpResponse<Buffer> answer =
                server.post("/api/v1/toys", "{}", "Authorization", Toy.ALICE, "Idempotency-Key", key);
        assertThat(answer.statusCode()).isEqualTo(400);
    }

    static Stream<String> keys() {
        return Stream.of("", "\"\"", "k".repeat(256), "a\tb");
    }

    static Stream<Arguments> forwards() {
        return Stream.of(
                Arguments.of("198.51.100.7", "198.51.100.7"),
                Arguments.of("127.0.0.1", "127.0.0.1"),
                Arguments.of("1.1.1.1, 198.51.100.7", "198.51.100.7"),
                Arguments.of("<script>alert(1)</script>", "127.0.0.1"),
                Arguments.of("::ffff:198.51.100.7", "198.51.100.7"),
                Arguments.of("9.9.9.9,".repeat(1_500) + "198.51.100.7", "198.51.100.7"),
                Arguments.of("127.0.0.1,".repeat(1_500) + "127.0.0.1", "127.0.0.1"));
    }

    @ParameterizedTest
    @MethodSource("forwards")
    void forwardedAddressesAreReadFromTheEnd(String header, String address) {
        assertThat(server.get("/api/v1/toys", "X-Forwarded-For", header)
                        .bodyAsJsonObject()
                        .getString("address"))
                .isEqualTo(address);
    }

    @Test
    void forwardedAddressOfAProxyWithALineOfItsOwnWins() {
        String answer = server.raw(GET + "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n");
        assertThat(answer).contains("\"address\":\"198.51.100.7\"");
    }
}
