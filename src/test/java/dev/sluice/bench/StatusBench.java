package dev.sluice.bench;

import dev.sluice.db.DbPools;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;

/**
 * Status checks a second: of invoices that the board holds, and of so many in turn that it holds none of those asked
 * for. Rounds of hello and of ours alternate, so that a machine that slows down does so for both.
 */
final class StatusBench {
    private static final int CONNECTIONS = 64;
    private static final int ROUNDS = 3;
    private static final int POPULAR = 1_000;
    /** More than the board's 50,000. */
    private static final int MANY = 60_000;

    private final Vertx vertx;
    private final Gateway gateway;
    private final double warmUpSeconds;
    private final double roundSeconds;

    StatusBench(Vertx vertx, Gateway gateway, double warmUpSeconds, double roundSeconds) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.warmUpSeconds = warmUpSeconds;
        this.roundSeconds = roundSeconds;
    }

    List<Figure> run(Path folder) throws Exception {
        copyInvoices(oneInvoice());
        int helloPort = Child.freePort();
        try (Child hello = Child.start(
                folder.resolve("hello.log"),
                Map.of(),
                helloPort,
                "-cp",
                System.getProperty("java.class.path"),
                HelloServer.class.getName(),
                Integer.toString(helloPort))) {
            return measure(new Load(vertx, helloPort), new Load(vertx, gateway.port()));
        }
    }

    private List<Figure> measure(Load hello, Load ours) {
        hello.during(CONNECTIONS, warmUpSeconds, inTurn(POPULAR));
        Rounds cached = rounds(hello, ours, POPULAR);
        Rounds read = rounds(hello, ours, MANY);
        return List.of(
                Figure.atLeast("status-cached", cached.ours(), "1/s", cached.floor(), 0.6),
                Figure.plain("status-read-through", read.ours(), "1/s", read.floor()));
    }

    /** Medians. */
    private record Rounds(double floor, double ours) {}

    private Rounds rounds(Load hello, Load ours, int invoices) {
        IntFunction<Buffer> requests = inTurn(invoices);
        IntFunction<Buffer> same = inTurn(invoices); // hello leaves no gaps in what is asked of ours
        List<Double> bare = new ArrayList<>();
        List<Double> full = new ArrayList<>();
        ours.during(CONNECTIONS, warmUpSeconds, requests);
        for (int round = 0; round < ROUNDS; round++) {
            bare.add(hello.during(CONNECTIONS, roundSeconds, same).perSecond());
            full.add(ours.during(CONNECTIONS, roundSeconds, requests).perSecond());
        }
        return new Rounds(median(bare), median(full));
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    /** Goes on where the round before ended: a board that holds fewer never holds what comes next. */
    private static IntFunction<Buffer> inTurn(int invoices) {
        int count = Math.max(invoices, Requests.CALLERS);
        Buffer[] all = new Buffer[count];
        for (int i = 0; i < count; i++) {
            all[i] = Requests.get("/i/bench" + i % invoices + "/status", i);
        }
        AtomicInteger next = new AtomicInteger();
        return number -> all[Math.floorMod(next.getAndIncrement(), count)];
    }

    private String oneInvoice() {
        AtomicReference<String> made = new AtomicReference<>();
        Buffer request = Requests.post(
                "/api/v1/stores/" + gateway.store() + "/invoices",
                0,
                gateway.authorization(),
                "{\"amount\":\"3.20\",\"currency\":\"USD\"}");
        new Load(vertx, gateway.port()).each(2, 1, number -> request, made::set);
        return new JsonObject(made.get()).getString("id");
    }

    /** Many invoices as the one made, with prompts of their own. */
    private void copyInvoices(String id) {
        DbPools pools = DbPools.open(vertx, gateway.database());
        Await.of(pools.db().write("""
                        insert into invoice (id, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm,
                          speed_policy, chain_fee_msat, chain_fee_mode, status, additional, version, created_at,
                          expires_at, look_at, monitor_until, paid_msat, archived, order_id, metadata, checkout,
                          receipt)
                        select 'bench' || n, store_id, kind, currency, amount_minor, due_msat, rate, tolerance_ppm,
                          speed_policy, chain_fee_msat, chain_fee_mode, status, additional, version, created_at,
                          expires_at + interval '1 day', expires_at + interval '1 day',
                          monitor_until + interval '1 day', paid_msat, archived,
                          order_id, metadata, checkout, receipt
                        from invoice, generate_series(0, $2 - 1) as n where id = $1
                        """, Tuple.of(id, MANY)));
        Await.of(pools.db().write("""
                        insert into invoice_prompt (invoice_id, rail, generation, holder, source, state, destination,
                          script, key_path, payment_hash, preimage, amount_msat, reason, created_at)
                        select 'bench' || n, rail, generation, holder, source, state, destination,
                          script || n, key_path,
                          encode(sha256(convert_to(payment_hash || n, 'UTF8')), 'hex'), preimage, amount_msat, reason,
                          created_at
                        from invoice_prompt, generate_series(0, $2 - 1) as n where invoice_id = $1
                        """, Tuple.of(id, MANY)));
        Await.of(pools.db().write("analyze invoice, invoice_prompt, payment", Tuple.tuple()));
        Await.of(pools.close());
    }
}
