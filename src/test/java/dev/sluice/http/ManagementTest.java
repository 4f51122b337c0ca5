package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ManagementTest {
    private final Vertx vertx = Vertx.vertx();
    private final AtomicReference<Supplier<Future<Void>>> database = new AtomicReference<>(Future::succeededFuture);
    private final AtomicReference<Supplier<Future<Void>>> node = new AtomicReference<>(Future::succeededFuture);
    private ManagementVerticle management;

    @BeforeEach
    void start() {
        management = ManagementVerticle.standby(new ManagementVerticle.Config("127.0.0.1", 0), () -> "up 1\n");
        await(vertx.deployVerticle(management));
        assertStandby();
        management.serve(List.of(check("database", database, true), check("node", node, false)));
    }

    @AfterEach
    void stop() {
        await(vertx.close());
    }

    @Test
    void readyWhenEveryDependencyAnswers() {
        HttpResponse<Buffer> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.bodyAsString())
                .isEqualTo("{\"status\":\"up\",\"checks\":{\"database\":\"up\",\"node\":\"up\"}}");
    }

    @Test
    void portThatAnotherProgramHasIsNamed() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ManagementVerticle.Config taken = new ManagementVerticle.Config("127.0.0.1", other.getLocalPort());
            assertThat(failure(vertx.deployVerticle(ManagementVerticle.standby(taken, () -> ""))))
                    .hasMessageContaining("management.port: cannot listen on 127.0.0.1:" + other.getLocalPort());
        }
    }

    @Test
    void oneDependencyDownIsNamedAndLeavesTheProcessAlive() {
        database.set(() -> Future.failedFuture("refused"));
        HttpResponse<Buffer> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.bodyAsJsonObject().getJsonObject("checks").getString("database"))
                .isEqualTo("down: refused");
        assertThat(answer.bodyAsJsonObject().getJsonObject("checks").getString("node"))
                .isEqualTo("up");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void aDependencyThatIsNotRequiredIsNamedAndLeavesTheProcessReady() {
        node.set(() -> Future.failedFuture("refused"));
        HttpResponse<Buffer> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.bodyAsJsonObject().getJsonObject("checks").getString("node"))
                .isEqualTo("down: refused");
    }

    @Test
    void aCheckThatHangsOrThrowsIsDown() {
        database.set(() -> Promise.<Void>promise().future());
        assertThat(get("/health/ready").statusCode()).isEqualTo(503);
        database.set(() -> {
            throw new IllegalStateException("broken");
        });
        assertThat(get("/health/ready")
                        .bodyAsJsonObject()
                        .getJsonObject("checks")
                        .getString("database"))
                .isEqualTo("down: broken");
    }

    @Test
    void drainingIsNotReadyButAlive() {
        management.drain();
        HttpResponse<Buffer> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.bodyAsJsonObject().getString("status")).isEqualTo("stopping");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void metricsAreText() {
        HttpResponse<Buffer> answer = get("/metrics");
        assertThat(answer.bodyAsString()).isEqualTo("up 1\n");
        assertThat(answer.getHeader("Content-Type")).startsWith("text/plain");
        assertThat(get("/api/v1/health").statusCode()).isEqualTo(404);
    }

    /** What every process says first, and a standby for as long as it waits. */
    private void assertStandby() {
        HttpResponse<Buffer> answer = get("/health/ready");
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.bodyAsString()).isEqualTo("{\"status\":\"standby\"}");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    private HttpResponse<Buffer> get(String path) {
        return await(WebClient.create(vertx)
                .get(management.port(), "127.0.0.1", path)
                .send());
    }

    private static HealthCheck check(String name, AtomicReference<Supplier<Future<Void>>> state, boolean required) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Future<Void> check() {
                return state.get().get();
            }

            @Override
            public boolean required() {
                return required;
            }
        };
    }
}
