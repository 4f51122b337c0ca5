package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Health and metrics for operators on a port of their own. {@code /health/live}: this event loop answers. {@code
 * /health/ready}: every required dependency answers and the process neither waits as a standby nor is stopping. {@code
 * /metrics}: Prometheus text.
 */
public final class ManagementVerticle extends VerticleBase {
    /** For one dependency; orchestrators give a probe 1 to 5 s. */
    private static final long CHECK_MS = 2_000;
    /** A probe sends no more. */
    private static final int HEAD_MAX = 4_096;

    private final Config config;
    private final Supplier<String> metrics;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private volatile @Nullable List<HealthCheck> checks;
    private @Nullable HttpServer server;

    /**
     * @param host 127.0.0.1 unless a scraper elsewhere must reach it: nothing here asks for credentials
     * @param port 0 takes a free one
     */
    public record Config(String host, int port) {}

    private ManagementVerticle(Config config, Supplier<String> metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    /** Of a process that waits for its turn: alive, and not ready before {@link #serve}. */
    public static ManagementVerticle standby(Config config, Supplier<String> metrics) {
        return new ManagementVerticle(config, metrics);
    }

    /** The wait is over: readiness is what these dependencies say. */
    public void serve(List<HealthCheck> dependencies) {
        checks = List.copyOf(dependencies);
    }

    @Override
    public Future<?> start() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setHttp2ClearTextEnabled(false)
                .setMaxHeaderSize(HEAD_MAX);
        options.setIdleTimeout(60).setIdleTimeoutUnit(TimeUnit.SECONDS);
        server = vertx.createHttpServer(options).requestHandler(this::answer);
        return server.listen()
                .recover(failure -> HttpServerVerticle.unable("management", config.host(), config.port(), failure));
    }

    @Override
    public Future<?> stop() {
        return server == null ? Future.succeededFuture() : server.close();
    }

    /** Where it listens, once started. */
    public int port() {
        return server == null ? 0 : server.actualPort();
    }

    /** Turns readiness off for good: the first step of stopping, so that no new work is sent here. */
    public void drain() {
        stopping.set(true);
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        switch (Optional.ofNullable(request.path()).orElse("")) {
            case "/health/live" -> send(response, 200, new JsonObject().put("status", "up"));
            case "/health/ready" -> ready().onSuccess(report -> send(response, isUp(report) ? 200 : 503, report));
            case "/metrics" ->
                response.putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                        .end(metrics.get());
            default -> send(response, 404, new JsonObject().put("code", "not-found"));
        }
    }

    private static boolean isUp(JsonObject report) {
        return "up".equals(report.getString("status"));
    }

    private static void send(HttpServerResponse response, int status, JsonObject body) {
        response.setStatusCode(status)
                .putHeader("Content-Type", "application/json; charset=utf-8")
                .end(body.encode());
    }

    private Future<JsonObject> ready() {
        List<HealthCheck> asked = checks;
        if (asked == null) {
            return Future.succeededFuture(new JsonObject().put("status", stopping.get() ? "stopping" : "standby"));
        }
        return report(asked);
    }

    private Future<JsonObject> report(List<HealthCheck> checks) {
        List<Future<String>> answers = new ArrayList<>();
        checks.forEach(check -> answers.add(ask(check)));
        return Future.join(answers).map(done -> {
            JsonObject report = new JsonObject();
            boolean up = !stopping.get();
            for (int index = 0; index < checks.size(); index++) {
                HealthCheck check = checks.get(index);
                String state = answers.get(index).result();
                report.put(check.name(), state);
                up &= state.equals("up") || !check.required();
            }
            String status = stopping.get() ? "stopping" : up ? "up" : "down";
            return new JsonObject().put("status", status).put("checks", report);
        });
    }

    private static Future<String> ask(HealthCheck check) {
        return Future.succeededFuture()
                .compose(start -> check.check())
                .timeout(CHECK_MS, TimeUnit.MILLISECONDS)
                .transform(outcome -> Future.succeededFuture(
                        outcome.succeeded() ? "up" : "down: " + outcome.cause().getMessage()));
    }
}
