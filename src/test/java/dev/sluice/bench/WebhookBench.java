package dev.sluice.bench;

import dev.sluice.bus.Bus;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRules;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.StoreId;
import dev.sluice.webhook.WebhookVerticle;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Deliveries per second to fast local receivers, against plain POSTs of the same body from a bare client. */
final class WebhookBench {
    private static final int ENDPOINTS = 8;

    private final Vertx vertx;
    private final Bus bus;
    private final DbConfig database;
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile Target target = new Target(Integer.MAX_VALUE, new CompletableFuture<>());

    private record Target(int count, CompletableFuture<Void> reached) {}

    WebhookBench(Vertx vertx, Bus bus, DbConfig database) {
        this.vertx = vertx;
        this.bus = bus;
        this.database = database;
    }

    List<Figure> run(int deliveries) throws Exception {
        DbPools pools = DbPools.open(vertx, database);
        int port = sink();
        double floor = floor(port, deliveries);
        EventLog events = new EventLog(pools.db(), bus);
        EgressClient egress = EgressClient.open(vertx, EgressRules.LOCAL);
        for (int i = 0; i < ENDPOINTS; i++) {
            Await.of(pools.db().write("""
                            insert into webhook (id, store_id, url, secret, enabled, automatic_redelivery, everything,
                                events, created_at)
                            values ($1, 'bulk', $2, 'secret', true, true, true, '{}', now() - interval '1 hour')
                            """, Tuple.of("w" + i, "http://127.0.0.1:" + port + "/w" + i)));
        }
        String engine = Await.of(vertx.deployVerticle(new WebhookVerticle(
                pools.db(),
                events,
                bus,
                egress,
                Clock.system(),
                Entropy.secure(),
                new WebhookVerticle.Sending("bench", 15_000, 1_024))));
        bulk(pools, events, deliveries / 3); // warm-up
        double rate = bulk(pools, events, deliveries);
        Await.of(vertx.undeploy(engine));
        Await.of(egress.close());
        Await.of(pools.close());
        return List.of(Figure.plain("webhook-deliveries", rate, "1/s", floor));
    }

    private int sink() {
        return Await.of(vertx.createHttpServer()
                        .requestHandler(request -> request.body().onSuccess(body -> {
                            request.response().end();
                            count();
                        }))
                        .listen(0, "127.0.0.1"))
                .actualPort();
    }

    private void count() {
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
        Buffer body = event().body().toBuffer();
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
        Await.of(client.close());
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
        int perEndpoint = deliveries / ENDPOINTS;
        CompletableFuture<Void> all = expect(perEndpoint * ENDPOINTS);
        long begin = System.nanoTime();
        for (int done = 0; done < perEndpoint; done += 500) {
            List<Event> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(500, perEndpoint - done); i++) {
                batch.add(new Event(
                        Instant.now(), "InvoiceSettled", new StoreId("bulk"), "invoice:" + i, 1, event().body()));
            }
            Await.of(pools.db().tx(tx -> events.append(tx, batch)));
            events.hint();
        }
        all.get(5, TimeUnit.MINUTES);
        return perEndpoint * ENDPOINTS / ((System.nanoTime() - begin) / 1e9);
    }

    private static Event event() {
        return new Event(
                Instant.now(),
                "InvoiceSettled",
                new StoreId("bulk"),
                "invoice:bench",
                1,
                new JsonObject()
                        .put("invoiceId", "bench")
                        .put("amount", "10.00")
                        .put("currency", "USD")
                        .put("status", "Settled")
                        .put("metadata", new JsonObject().put("orderId", "order-1"))
                        .put("overPaid", false));
    }
}
