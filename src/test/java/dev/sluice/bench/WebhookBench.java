package dev.sluice.bench;

import dev.sluice.bus.Bus;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.EmbeddedDatabase;
import dev.sluice.db.Migrations;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRules;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.StoreId;
import dev.sluice.webhook.WebhookVerticle;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Deliveries per second to fast local receivers, against plain POSTs of the same body from a bare client (the floor),
 * and the time from an event's commit to its arrival at 200 events a second. Run with the test class path:
 * {@code java -cp ... dev.sluice.bench.WebhookBench [deliveries]}.
 */
public final class WebhookBench {
    private static final int ENDPOINTS = 8;
    private static final int RATE_PER_SECOND = 200;
    private static final int RATE_SECONDS = 10;
    private static final StoreId STORE = new StoreId("bench");

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    private final AtomicInteger arrived = new AtomicInteger();
    private final ConcurrentHistogram latencyMicros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
    private volatile Target target = new Target(Integer.MAX_VALUE, new CompletableFuture<>());

    private record Target(int count, CompletableFuture<Void> reached) {}

    private WebhookBench() {}

    /** Prints the figures. */
    public static void main(String[] args) throws Exception {
        new WebhookBench().run(args.length > 0 ? Integer.parseInt(args[0]) : 20_000);
    }

    private void run(int deliveries) throws Exception {
        Path folder = Files.createTempDirectory("sluice-bench-pg");
        try (EmbeddedDatabase server = EmbeddedDatabase.start(folder, folder.resolve("binaries"), 0, true)) {
            DbConfig config = server.database("bench", 8, null);
            Migrations.migrate(config);
            DbPools pools = DbPools.open(vertx, config);
            int port = sink();
            double floor = floor(port, deliveries);
            Bus bus = new Bus(vertx);
            EventLog events = new EventLog(pools.db(), bus);
            EgressClient egress = EgressClient.open(vertx, EgressRules.LOCAL);
            for (int i = 0; i < ENDPOINTS; i++) {
                await(pools.db()
                        .write(
                                """
                        insert into webhook (id, store_id, url, secret, enabled, automatic_redelivery, everything,
                            events,                             created_at)
                        values ($1, $2, $3, 'secret', true, true, true, '{}', now() - interval '1 hour')
                        """,
                                Tuple.of(
                                        "w" + i,
                                        i == 0 ? STORE.value() : "bulk",
                                        "http://127.0.0.1:" + port + "/w" + i)));
            }
            await(vertx.deployVerticle(
                    new WebhookVerticle(pools.db(), events, bus, egress, Clock.system(), Entropy.secure(), "bench")));
            bulk(pools, events, deliveries / 10); // warm-up
            double rate = bulk(pools, events, deliveries);
            System.out.printf(
                    "bench webhook-deliveries value=%.0f unit=1/s floor=%.0f ratio=%.2f%n", rate, floor, rate / floor);
            steady(pools, events);
            System.out.printf(
                    "bench event-to-webhook-p50 value=%.1f unit=ms floor=- ratio=-%n",
                    latencyMicros.getValueAtPercentile(50) / 1e3);
            System.out.printf(
                    "bench event-to-webhook-p99 value=%.1f unit=ms floor=- ratio=-%n",
                    latencyMicros.getValueAtPercentile(99) / 1e3);
            await(pools.close());
        }
        await(vertx.close());
    }

    private int sink() {
        return await(vertx.createHttpServer()
                        .requestHandler(request -> request.body().onSuccess(body -> {
                            request.response().end();
                            count(body);
                        }))
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    private void count(Buffer body) {
        long sentNanos = body.length() > 0 && body.getByte(0) == '{'
                ? body.toJsonObject().getLong("nanos", 0L)
                : 0;
        if (sentNanos > 0) {
            latencyMicros.recordValue((System.nanoTime() - sentNanos) / 1_000);
        }
        Target waited = target;
        if (arrived.incrementAndGet() >= waited.count()) {
            waited.reached().complete(null);
        }
    }

    private CompletableFuture<Void> expect(int count) {
        arrived.set(0);
        target = new Target(count, new CompletableFuture<>());
        return target.reached();
    }

    private double floor(int port, int requests) throws Exception {
        HttpClient client = vertx.createHttpClient(
                new PoolOptions().setHttp1MaxSize(8 * ENDPOINTS).setMaxWaitQueueSize(-1));
        Buffer body = event(0).body().toBuffer();
        double rate = 0;
        for (int round = 0; round < 2; round++) {
            CompletableFuture<Void> all = expect(requests);
            AtomicInteger left = new AtomicInteger(requests);
            long begin = System.nanoTime();
            for (int i = 0; i < 8 * ENDPOINTS; i++) {
                post(client, port, body, left);
            }
            all.get(5, TimeUnit.MINUTES);
            rate = requests / ((System.nanoTime() - begin) / 1e9);
        }
        await(client.close());
        return rate;
    }

    private static void post(HttpClient client, int port, Buffer body, AtomicInteger left) {
        if (left.getAndDecrement() > 0) {
            client.request(HttpMethod.POST, port, "127.0.0.1", "/")
                    .compose(request -> request.send(body))
                    .compose(response -> response.body())
                    .onComplete(done -> post(client, port, body, left));
        }
    }

    private double bulk(DbPools pools, EventLog events, int deliveries) throws Exception {
        int perEndpoint = deliveries / (ENDPOINTS - 1);
        CompletableFuture<Void> all = expect(perEndpoint * (ENDPOINTS - 1));
        long begin = System.nanoTime();
        for (int done = 0; done < perEndpoint; done += 500) {
            List<Event> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(500, perEndpoint - done); i++) {
                batch.add(new Event(
                        Instant.now(), "InvoiceSettled", new StoreId("bulk"), "invoice:" + i, 1, event(0).body()));
            }
            await(pools.db().tx(tx -> events.append(tx, batch)));
            events.hint();
        }
        all.get(5, TimeUnit.MINUTES);
        return perEndpoint * (ENDPOINTS - 1) / ((System.nanoTime() - begin) / 1e9);
    }

    /** One event a commit at a fixed rate; each carries the time at which its transaction began. */
    private void steady(DbPools pools, EventLog events) throws Exception {
        for (int round = 0; round < 2; round++) {
            latencyMicros.reset();
            CompletableFuture<Void> all = expect(RATE_PER_SECOND * RATE_SECONDS);
            AtomicInteger made = new AtomicInteger();
            long timer = vertx.setPeriodic(1_000 / RATE_PER_SECOND, tick -> {
                if (made.getAndIncrement() < RATE_PER_SECOND * RATE_SECONDS) {
                    Event event = event(System.nanoTime());
                    pools.db().tx(tx -> events.append(tx, List.of(event))).onSuccess(committed -> events.hint());
                }
            });
            all.get(5, TimeUnit.MINUTES);
            vertx.cancelTimer(timer);
        }
    }

    private static Event event(long nanos) {
        return new Event(
                Instant.now(),
                "InvoiceSettled",
                STORE,
                "invoice:bench",
                1,
                new JsonObject()
                        .put("invoiceId", "bench")
                        .put("amount", "10.00")
                        .put("currency", "USD")
                        .put("status", "Settled")
                        .put("metadata", new JsonObject().put("orderId", "order-1"))
                        .put("overPaid", false)
                        .put("nanos", nanos));
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
