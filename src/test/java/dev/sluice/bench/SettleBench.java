package dev.sluice.bench;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * From a Lightning payment to the webhook that tells of it: open loop at a fixed rate. The clock starts when the
 * buyer's request was due, so its way through the gateway is included, and stops when the sink has the body. The floor
 * is a request of the same size straight to the sink.
 */
final class SettleBench {
    private static final int RATE = 200;
    private static final int WARM_UP_SECONDS = 10;
    private static final int CONNECTIONS = 32;
    private static final int P99_MAX_MS = 100;

    private final Vertx vertx;
    private final Gateway gateway;
    private final int seconds;
    private final Queue<String> created = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> dueNanos = new ConcurrentHashMap<>();
    private final Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
    private final AtomicInteger missing = new AtomicInteger();
    private final Promise<Void> complete = Promise.promise();

    SettleBench(Vertx vertx, Gateway gateway, int seconds) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.seconds = seconds;
    }

    private int payments(int duringSeconds) {
        return RATE * duringSeconds;
    }

    /** Makes the invoices that will be paid, and tells how fast; the first third is warm-up. */
    Load.Result create() {
        int all = payments(WARM_UP_SECONDS + seconds);
        Load load = new Load(vertx, gateway.port());
        load.each(CONNECTIONS, all / 3, this::creation, this::created);
        return load.each(CONNECTIONS, all - all / 3, this::creation, this::created);
    }

    private Buffer creation(int number) {
        return Requests.post(
                "/api/v1/stores/" + gateway.store() + "/invoices",
                number,
                gateway.authorization(),
                "{\"amount\":\"3.20\",\"currency\":\"USD\",\"metadata\":{\"orderId\":\"bench-" + number + "\"}}");
    }

    private void created(String answer) {
        created.add(new JsonObject(answer).getString("id"));
    }

    List<Figure> settle() {
        HttpServer sink = Await.of(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    long now = System.nanoTime();
                    request.response().end();
                    heard(now, body);
                }))
                .listen(0, "127.0.0.1"));
        Histogram floor = direct(sink.actualPort());
        gateway.subscribe(vertx, sink.actualPort());
        Load load = new Load(vertx, gateway.port());
        List<String> ids = List.copyOf(created);
        int warm = payments(WARM_UP_SECONDS);
        int counted = payments(seconds);
        load.open(CONNECTIONS, RATE, warm, number -> pay(ids.get(number), number), (number, nanos) -> {});
        missing.set(counted);
        load.open(
                CONNECTIONS,
                RATE,
                counted,
                number -> pay(ids.get(warm + number), number),
                (number, nanos) -> dueNanos.put(ids.get(warm + number), nanos));
        Await.of(complete.future());
        Await.of(sink.close());
        return List.of(
                Figure.plain("settle-to-webhook-p50", millis(micros, 50), "ms", millis(floor, 50)),
                Figure.atMost("settle-to-webhook-p99", millis(micros, 99), "ms", millis(floor, 99), P99_MAX_MS));
    }

    private static double millis(Histogram micros, double percentile) {
        return micros.getValueAtPercentile(percentile) / 1e3;
    }

    private Histogram direct(int port) {
        Buffer body = Requests.post(
                "/", 0, "", new JsonObject().put("padding", "x".repeat(700)).encode());
        Load load = new Load(vertx, port);
        load.open(CONNECTIONS, RATE, payments(2), number -> body, (number, nanos) -> {});
        return load.open(CONNECTIONS, RATE, payments(3), number -> body, (number, nanos) -> {})
                .micros();
    }

    private static Buffer pay(String id, int number) {
        return Requests.post("/demo/pay/" + id, number, "", "");
    }

    private void heard(long now, Buffer body) {
        String id = body.toJsonObject().getString("invoiceId");
        Long due = id == null ? null : dueNanos.remove(id);
        if (due != null) {
            micros.recordValue((now - due) / 1_000);
            if (missing.decrementAndGet() == 0) {
                complete.complete();
            }
        }
    }
}
