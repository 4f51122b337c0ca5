package dev.sluice.bench;

import dev.sluice.bus.Bus;
import dev.sluice.it.Regtest;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.ConnectionString;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.lnd.LndChannels;
import dev.sluice.lightning.lnd.LndNode;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * The same with a real LND: from LND's own settle event, as a second subscriber sees it, to the webhook at a sink; and
 * how fast a gateway catches up with settles it has not seen, against LND's replay of the same settles to a subscriber
 * that does nothing with them.
 */
final class LndBench {
    private static final int RATE = 50;
    private static final int WARM_UP_SECONDS = 5;
    private static final int PAYERS = 16;
    private static final int P99_MAX_MS = 100;
    private static final double CATCH_UP_BAR = 0.8;
    private static final int ROUNDS = 5;

    private final Vertx vertx;
    private final Bus bus;
    private final Server server;
    private final Path folder;
    private final int seconds;
    private final int more;
    private final Map<PaymentHash, Long> settledNanos = new ConcurrentHashMap<>();
    private final Map<String, PaymentHash> hashes = new ConcurrentHashMap<>();
    private final Histogram micros = new ConcurrentHistogram(TimeUnit.MINUTES.toMicros(1), 3);
    private final Promise<Void> complete = Promise.promise();
    private final AtomicInteger missing = new AtomicInteger();

    /**
     * @param seconds of payments at the rate
     * @param more settles for the catch-up
     */
    LndBench(Vertx vertx, Bus bus, Server server, Path folder, int seconds, int more) {
        this.vertx = vertx;
        this.bus = bus;
        this.server = server;
        this.folder = folder;
        this.seconds = seconds;
        this.more = more;
    }

    List<Figure> run() throws Exception {
        Regtest nodes = Regtest.start();
        LndChannels channels = new LndChannels();
        LightningNode own = open(channels, nodes, "GATEWAY", "GATEWAY_INVOICE_MACAROON");
        LightningNode customer = open(channels, nodes, "CUSTOMER", "CUSTOMER_MACAROON");
        List<Figure> figures = new ArrayList<>();
        try (Gateway gateway = Gateway.start(server, "lnd", folder, nodes.gatewaySettings())) {
            LightningNode.Subscription observer = own.subscribeSettles(
                    0, settle -> settledNanos.putIfAbsent(settle.hash(), System.nanoTime()), ended -> {});
            figures.addAll(settle(gateway, customer));
            observer.cancel();
        }
        payMore(own, customer);
        figures.addAll(catchUp(own, () -> open(channels, nodes, "GATEWAY", "GATEWAY_INVOICE_MACAROON")));
        own.close();
        customer.close();
        channels.close();
        return figures;
    }

    private LightningNode open(LndChannels channels, Regtest nodes, String name, String macaroon) {
        String connection = "type=lnd-grpc;server=https://" + nodes.env(name + "_GRPC") + ";certfilepath="
                + nodes.env(name + "_TLS") + ";macaroonfilepath=" + nodes.env(macaroon);
        return Await.of(LndNode.open(vertx, channels, ConnectionString.parse(connection), "regtest"));
    }

    private List<Figure> settle(Gateway gateway, LightningNode customer) {
        HttpServer sink = Await.of(vertx.createHttpServer()
                .requestHandler(request -> request.body().onSuccess(body -> {
                    long now = System.nanoTime();
                    request.response().end();
                    heard(now, body.toJsonObject().getString("invoiceId", ""));
                }))
                .listen(0, "127.0.0.1"));
        gateway.subscribe(vertx, sink.actualPort());
        int warm = RATE * WARM_UP_SECONDS;
        int counted = RATE * seconds;
        List<String> bolt11s = invoices(gateway, customer, warm + counted);
        pay(customer, bolt11s.subList(0, warm));
        micros.reset();
        missing.set(counted);
        pay(customer, bolt11s.subList(warm, bolt11s.size()));
        Await.of(complete.future());
        Await.of(sink.close());
        return List.of(
                Figure.plain("settle-to-webhook-lnd-p50", micros.getValueAtPercentile(50) / 1e3, "ms", 0),
                Figure.atMost("settle-to-webhook-lnd-p99", micros.getValueAtPercentile(99) / 1e3, "ms", 0, P99_MAX_MS));
    }

    private void heard(long now, String invoice) {
        PaymentHash hash = hashes.remove(invoice);
        Long settled = hash == null ? null : settledNanos.get(hash);
        if (hash != null) {
            micros.recordValue(settled == null ? 0 : Math.max(0, now - settled) / 1_000);
            if (missing.decrementAndGet() == 0) {
                complete.tryComplete();
            }
        }
    }

    /** Makes invoices over HTTP and reads what to pay from their public status. */
    private List<String> invoices(Gateway gateway, LightningNode customer, int count) {
        Load load = new Load(vertx, gateway.port());
        List<String> ids = new CopyOnWriteArrayList<>();
        String body = new JsonObject()
                .put("amount", Long.toString(CatchUpBench.AMOUNT.value() / 1_000))
                .put("currency", "SATS")
                .put("checkout", new JsonObject().put("paymentMethods", List.of("BTC-LN")))
                .encode();
        load.each(
                8,
                count,
                number -> Requests.post(
                        "/api/v1/stores/" + gateway.store() + "/invoices", number, gateway.authorization(), body),
                answer -> ids.add(new JsonObject(answer).getString("id")));
        List<String> bolt11s = new CopyOnWriteArrayList<>();
        load.each(
                8,
                count,
                number -> Requests.get("/i/" + ids.get(number) + "/status", number),
                answer -> bolt11s.add(remember(customer, new JsonObject(answer))));
        return bolt11s;
    }

    private String remember(LightningNode customer, JsonObject status) {
        String bolt11 = status.getJsonArray("paymentMethods").getJsonObject(0).getString("destination");
        customer.decode(bolt11).onSuccess(decoded -> hashes.put(status.getString("invoiceId"), decoded.hash()));
        return bolt11;
    }

    /** Open loop: one begins every 20 ms, whatever became of those before. */
    private void pay(LightningNode customer, List<String> bolt11s) {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> paid = new CopyOnWriteArrayList<>();
        Promise<Void> begun = Promise.promise();
        vertx.setPeriodic(1_000 / RATE, tick -> {
            int number = next.getAndIncrement();
            if (number == bolt11s.size()) {
                vertx.cancelTimer(tick);
                begun.complete();
            } else {
                paid.add(pay(customer, bolt11s.get(number)));
            }
        });
        Await.of(begun.future());
        Await.of(Future.all(List.copyOf(paid)));
    }

    private static Future<Void> pay(LightningNode customer, String bolt11) {
        Promise<Void> paid = Promise.promise();
        customer.pay(
                new LightningNode.PayRequest(bolt11, null, new Msat(10_000), Duration.ofSeconds(60)),
                state -> {
                    switch (state) {
                        case LightningNode.PaymentState.Succeeded done -> paid.tryComplete();
                        case LightningNode.PaymentState.Failed failed -> paid.tryFail(failed.reason());
                        case LightningNode.PaymentState.InFlight going -> {}
                    }
                },
                ended -> paid.tryFail("the payment's stream ended: " + ended));
        return paid.future();
    }

    /** Payments to the node while no gateway follows it, some at a time. */
    private void payMore(LightningNode own, LightningNode customer) {
        AtomicInteger left = new AtomicInteger(more);
        List<Future<?>> payers = new ArrayList<>();
        for (int payer = 0; payer < PAYERS; payer++) {
            payers.add(payMore(own, customer, left));
        }
        Await.of(Future.all(payers));
    }

    private Future<Void> payMore(LightningNode own, LightningNode customer, AtomicInteger left) {
        if (left.getAndDecrement() <= 0) {
            return Future.succeededFuture();
        }
        return own.addInvoice(
                        Preimage.random(Entropy.secure()), CatchUpBench.AMOUNT, "", null, Duration.ofHours(1), false)
                .compose(added -> pay(customer, added.bolt11()))
                .compose(paid -> payMore(own, customer, left));
    }

    /**
     * In rounds, a subscriber that drops what it hears and a gateway that follows again; the first of them warms both
     * up, and the median of the others counts.
     *
     * @param follower the node, for a gateway that closes it in the end
     */
    private List<Figure> catchUp(LightningNode own, Supplier<LightningNode> follower) throws Exception {
        int count = settledNanos.size() + more - 1; // the first settle of a node is never replayed
        List<Settle> replayed = new ArrayList<>();
        replay(own, count, replayed); // LND reads its disk
        List<Double> floors = new ArrayList<>();
        List<Double> rates = new ArrayList<>();
        for (int round = 0; round <= ROUNDS; round++) {
            floors.add(replay(own, count, replayed));
            rates.add(new CatchUpBench(vertx, bus, server.migrated("catchup_lnd_" + round))
                    .resume(follower.get(), replayed));
        }
        return List.of(
                Figure.plain("settle-catch-up-lnd-first", rates.getFirst(), "1/s", floors.getFirst()),
                Figure.atLeast("settle-catch-up-lnd", warm(rates), "1/s", warm(floors), CATCH_UP_BAR));
    }

    private static double warm(List<Double> rounds) {
        return rounds.subList(1, rounds.size()).stream().sorted().toList().get(ROUNDS / 2);
    }

    /** LND's own rate, from its second settle on: it cannot replay the first. */
    private static double replay(LightningNode own, int count, List<Settle> into) {
        into.clear();
        Promise<Void> all = Promise.promise();
        long began = System.nanoTime();
        LightningNode.Subscription stream = own.subscribeSettles(
                1,
                settle -> {
                    into.add(settle);
                    if (into.size() == count) {
                        all.tryComplete();
                    }
                },
                ended -> all.tryFail("the stream ended: " + ended));
        Await.of(all.future());
        double rate = count / ((System.nanoTime() - began) / 1e9);
        stream.cancel();
        return rate;
    }
}
