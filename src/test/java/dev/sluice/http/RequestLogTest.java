package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.db.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Which requests are told at info; each line is written before its answer. */
class RequestLogTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final AtomicReference<Instant> NOW = new AtomicReference<>(Instant.parse("2026-11-29T12:00:00Z"));
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    private static TestServer server;

    private final Logger logger = (Logger) LoggerFactory.getLogger(RequestLog.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeAll
    static void start() {
        await(DATABASE.db().write("create table toy (name text)", Tuple.tuple()));
        server = new TestServer(
                DATABASE.vertx(), DATABASE.db(), Limits.standard(), HttpConfig.Bounds.standard(), NOW::get);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void listen() {
        NOW.updateAndGet(now -> now.plusSeconds(1)); // a window of its own
        lines.list = new CopyOnWriteArrayList<>();
        lines.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(lines);
    }

    @AfterEach
    void leave() {
        logger.detachAppender(lines);
        logger.setLevel(null);
    }

    private List<String> told() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void changeIsFoundByItsTrace() {
        HttpResponse<Buffer> made =
                server.post("/api/v1/toys?p=tap", "{\"name\":\"secret\"}", "Authorization", Toy.ALICE);
        assertThat(told())
                .containsExactly("http.answered method=POST path=/api/v1/toys status=" + made.statusCode()
                        + " code=- credential=alice trace=" + made.getHeader("Trace-Id"));
    }

    @ParameterizedTest
    @CsvSource({
        "invalid,422,validation-error",
        "rejected,400,c",
        "forbidden,403,missing-permission",
        "conflict,409,c",
        "unavailable,503,c"
    })
    void refusalOfAKnownCallerIsTold(String kind, int status, String code) {
        server.get("/api/v1/failures/" + kind + "?c=mac", "Authorization", Toy.ALICE, "traceparent", PARENT);
        assertThat(told())
                .containsExactly("http.refused method=GET path=/api/v1/failures/" + kind + " status=" + status
                        + " code=" + code + " credential=alice trace=" + TRACE);
    }

    @Test
    void strangersAndEverydayRefusalsFillNoLog() {
        for (String kind : List.of("invalid", "rejected", "conflict", "unavailable")) {
            server.get("/api/v1/failures/" + kind);
        }
        for (String kind : List.of("unauthenticated", "missing", "limited")) {
            server.get("/api/v1/failures/" + kind, "Authorization", Toy.ALICE);
        }
        server.post("/api/v1/toys", "{}");
        server.post("/api/v1/toys", "{}", "Authorization", "token wrong");
        server.get("/nothing", "Authorization", Toy.ALICE);
        server.get("/api/v1/toys", "Authorization", Toy.ALICE);
        assertThat(told()).isEmpty();
        logger.setLevel(Level.DEBUG);
        server.get("/api/v1/failures/invalid", "traceparent", PARENT);
        assertThat(told()).singleElement().asString().contains("credential=- trace=" + TRACE);
    }

    @Test
    void pathsAreToldWithoutSecretsAndAddresses() {
        for (String thing : List.of("a@b.example", "%C3%A9%20x", "k".repeat(32))) {
            await(server.request(HttpMethod.DELETE, "/api/v1/things/" + thing, "Authorization", Toy.ALICE)
                    .send());
        }
        assertThat(told())
                .extracting(line -> line.split(" ")[2])
                .containsExactly("path=/api/v1/things/***", "path=/api/v1/things/***", "path=/api/v1/things/kkkk***");
    }

    @Test
    void busyRouteIsToldSoManyTimesASecondAndLeavesRoomForOthers() {
        for (int i = 0; i < RequestLog.LINES_PER_SECOND + 10; i++) {
            server.post("/api/v1/toys", "{\"name\":\"a\"}", "Authorization", Toy.ALICE);
        }
        assertThat(told()).hasSize(RequestLog.LINES_PER_SECOND);
        server.post("/api/v1/orders", "{}", "Authorization", Toy.ALICE);
        assertThat(told()).hasSize(RequestLog.LINES_PER_SECOND + 1);
        NOW.updateAndGet(now -> now.plusSeconds(1));
        server.post("/api/v1/toys", "{\"name\":\"a\"}", "Authorization", Toy.ALICE);
        assertThat(told()).hasSize(RequestLog.LINES_PER_SECOND + 2);
    }
}
