package dev.sluice.bench;

import dev.sluice.card.CardStock;
import dev.sluice.card.Seal;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.DbPools;
import dev.sluice.ledger.LedgerVerifier;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Taps at terminals, over HTTP to the answer: each is verified, judged and committed durably. The cards are chips in
 * software whose taps are made beforehand; afterwards the books are proved and the charges counted.
 */
final class ChargeBench {
    private static final int MERCHANTS = 200;
    /** Tills that wait at once: as many as a rate of thousands comes from. */
    private static final int CONNECTIONS = 1_024;

    /** For a fixed rate: more than is under way at it. */
    private static final int CONNECTIONS_OPEN = 256;

    private static final int WARM_UP_SECONDS = 10;
    private static final int FEW = 10_000;
    private static final int MANY = 1_000_000;
    private static final int FIRST_OF_MANY = 1_000_000;
    private static final int P99_MAX_MS = 50;
    private static final int RATE_MIN = 4_000;
    private static final int TAPS_MIN = 3_000;
    private static final double COST_MAX = 1.5;

    private final Vertx vertx;
    private final Gateway gateway;
    private final Server server;
    private final int count;
    private final int seconds;
    private final List<String> terminals = new ArrayList<>();
    private final AtomicInteger charged = new AtomicInteger();
    private int keys;

    /** @param count charges of each run at full speed */
    ChargeBench(Vertx vertx, Gateway gateway, Server server, int count, int seconds) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.server = server;
        this.count = count;
        this.seconds = seconds;
    }

    /** Cards by number, and whose numbers begin where. */
    private record Stock(CardStock cards, int first) {}

    List<Figure> run(Path folder) throws Exception {
        String programme = post("/api/v1/stores/" + gateway.store() + "/card-programmes", "{\"name\":\"Load\"}")
                .getString("id");
        for (int i = 0; i < MERCHANTS; i++) {
            String store =
                    post("/api/v1/stores", "{\"name\":\"Merchant " + i + "\"}").getString("id");
            String terminal = post("/api/v1/stores/" + store + "/terminals", "{\"name\":\"Till\"}")
                    .getString("id");
            terminals.add("/api/v1/stores/" + store + "/terminals/" + terminal + "/charges");
        }
        Seal seal = Seal.ofHex(Files.readString(folder.resolve("gateway").resolve("card-master.key")));
        DbPools pools = DbPools.open(vertx, gateway.database());
        try {
            Stock few = stock(pools, seal, programme, "few", 0, FEW);
            full(few, CONNECTIONS, true); // warm-up
            double small = full(few, CONNECTIONS, true).perSecond();
            Stock many = stock(pools, seal, programme, "many", FIRST_OF_MANY, MANY);
            full(many, CONNECTIONS, true);
            double floor = server.tpcB(seconds);
            double rate = full(many, CONNECTIONS, true).perSecond();
            double hot = full(many, CONNECTIONS, false).perSecond();
            double taps = taps(many);
            Load.Result half = half(many, (int) (rate / 2));
            double bare = floor == 0 ? 0 : server.tpcBMillis(seconds, (int) (floor / 2));
            prove(pools);
            return List.of(
                    Figure.plain("charge-10k-cards", small, "1/s", rate),
                    Figure.atLeast("charge-1m-cards", rate, "1/s", small, 1 / COST_MAX),
                    Figure.atLeast("charge", rate, "1/s", Math.max(floor, RATE_MIN / 2.0), 2),
                    Figure.atLeast("charge-hot-merchant", hot, "1/s", rate, 0.5),
                    Figure.atLeast("tap-authorise", taps, "1/s", TAPS_MIN, 1),
                    Figure.plain("charge-p50", half.millisAt(50), "ms", 0),
                    Figure.atMost("charge-p99", half.millisAt(99), "ms", bare, P99_MAX_MS));
        } finally {
            Await.of(pools.close());
        }
    }

    private Stock stock(DbPools pools, Seal seal, String programme, String prefix, int first, int size) {
        CardStock cards = Await.of(CardStock.fill(pools.db(), seal, gateway.store(), programme, prefix, first, size));
        Await.of(pools.db().write("vacuum analyze card", io.vertx.sqlclient.Tuple.tuple()));
        return new Stock(cards, first);
    }

    private JsonObject post(String path, String body) {
        AtomicReference<String> answer = new AtomicReference<>();
        new Load(vertx, gateway.port())
                .each(2, 1, number -> Requests.post(path, number, gateway.authorization(), body), answer::set);
        return new JsonObject(answer.get());
    }

    /** As fast as it goes. */
    private Load.Result full(Stock stock, int connections, boolean spread) {
        List<Buffer> requests = requests(stock, count, spread);
        Load.Result result =
                new Load(vertx, gateway.port()).each(connections, count, requests::get, ChargeBench::mustBeApproved);
        charged.addAndGet(count);
        return result;
    }

    /** First requests of LNURL-withdraw, each with a session committed durably. */
    private double taps(Stock stock) {
        List<Buffer> requests = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Tap tap = stock.cards().tap(next(stock), stock.first());
            requests.add(Requests.get("/boltcard?p=" + tap.p() + "&c=" + tap.c(), keys++));
        }
        Load load = new Load(vertx, gateway.port());
        return load.each(CONNECTIONS, count, requests::get, answer -> {
                    if (!answer.contains("withdrawRequest")) {
                        throw new IllegalStateException("refused: " + answer);
                    }
                })
                .perSecond();
    }

    /** A prime apart: no card is near itself. */
    private int next(Stock stock) {
        return Math.floorMod(keys * 7_919, stock.cards().size());
    }

    /** At a fixed rate, each request timed from when it was due. */
    private Load.Result half(Stock stock, int perSecond) {
        List<Buffer> warmUp = requests(stock, perSecond * WARM_UP_SECONDS, true);
        List<Buffer> measured = requests(stock, perSecond * seconds, true); // made before: the load does not rest
        open(warmUp, perSecond);
        return open(measured, perSecond);
    }

    private Load.Result open(List<Buffer> requests, int perSecond) {
        int all = requests.size();
        Load.Result result = new Load(vertx, gateway.port())
                .open(CONNECTIONS_OPEN, perSecond, all, requests::get, (number, nanos) -> {});
        charged.addAndGet(all);
        return result;
    }

    private List<Buffer> requests(Stock stock, int size, boolean spread) {
        List<Buffer> requests = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            Tap tap = stock.cards().tap(next(stock), stock.first());
            String body =
                    "{\"amount\":\"1\",\"currency\":\"SATS\",\"p\":\"" + tap.p() + "\",\"c\":\"" + tap.c() + "\"}";
            String path = terminals.get(spread ? keys % terminals.size() : 0);
            requests.add(
                    Requests.post(path, keys, gateway.authorization() + "Idempotency-Key: k" + keys + "\r\n", body));
            keys++;
        }
        return requests;
    }

    private static void mustBeApproved(String answer) {
        if (!answer.contains("\"approved\":true")) {
            throw new IllegalStateException("declined: " + answer);
        }
    }

    /** No charge is lost or doubled, and the books add up. */
    private void prove(DbPools pools) {
        long made = Await.of(pools.db().read("select count(*) from card_charge where status = 'Captured'"))
                .iterator()
                .next()
                .getLong(0);
        long moved = Await.of(pools.db().read("select count(*) from transfer where kind = 'card.charge'"))
                .iterator()
                .next()
                .getLong(0);
        if (made != charged.get() || moved != made) {
            throw new IllegalStateException(charged + " asked, " + made + " charged, " + moved + " moved");
        }
        var drifts = Await.of(new LedgerVerifier(pools.db()).verify()).drifts();
        if (!drifts.isEmpty()) {
            throw new IllegalStateException("the books drift: " + drifts);
        }
    }
}
