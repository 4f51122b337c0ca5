package dev.sluice.bench;

import dev.sluice.db.Db;
import dev.sluice.db.DbPools;
import dev.sluice.kernel.StoreId;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.LedgerWriter;
import dev.sluice.ledger.Outcome;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Supplier;

/** Transfers a second between guarded accounts, each judged and committed durably, against TPC-B on the same server. */
final class LedgerBench {
    private static final int ACCOUNTS = 10_000;
    private static final int IN_FLIGHT = 1_000;
    private static final int CONNECTIONS = 8;
    private static final int ROUNDS = 2;
    private static final int LANES = 2;
    private static final long FUNDS = 1_000_000_000_000L;
    private static final int AMOUNT_MAX = 1_000;

    private final Server server;
    private final Vertx vertx;
    private final int seconds;
    private final Random random = new Random(1);
    private final List<Account> accounts = new ArrayList<>();
    private final Account hot = Account.store(new StoreId("hot"));
    private final AtomicLong ids = new AtomicLong();

    LedgerBench(Server server, Vertx vertx, int seconds) {
        this.server = server;
        this.vertx = vertx;
        this.seconds = seconds;
    }

    List<Figure> run() throws Exception {
        DbPools pools = DbPools.open(vertx, server.migrated("ledger"));
        Ledger ledger = new Ledger();
        LedgerWriter writer = new LedgerWriter(vertx, pools.db(), ledger, LANES);
        fund(writer);
        Function<Supplier<Transfer>, Function<Integer, Future<List<Outcome>>>> batched =
                next -> one -> writer.submit(List.of(next.get()));
        List<Double> spread = new ArrayList<>();
        List<Double> single = new ArrayList<>();
        List<Double> netted = new ArrayList<>();
        List<Double> floors = new ArrayList<>();
        rate(IN_FLIGHT, batched.apply(this::between), seconds); // warm-up
        for (int round = 0; round < ROUNDS; round++) {
            floors.add(server.tpcB(seconds));
            spread.add(rate(IN_FLIGHT, batched.apply(this::between), seconds));
            netted.add(rate(IN_FLIGHT, batched.apply(this::toHot), seconds));
            single.add(rate(CONNECTIONS, one -> alone(pools.db(), ledger), seconds));
        }
        Await.of(pools.close());
        double floor = mean(floors);
        return List.of(
                Figure.atLeast("ledger-batched", mean(spread), "1/s", floor, 4),
                Figure.plain("ledger-unbatched", mean(single), "1/s", floor),
                Figure.atLeast("ledger-hot-account", mean(netted), "1/s", floor, 3));
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    private void fund(LedgerWriter writer) {
        List<Transfer> funds = new ArrayList<>();
        for (int i = 0; i < ACCOUNTS; i++) {
            Account account = Account.store(new StoreId("a" + i));
            accounts.add(account);
            funds.add(Transfer.single("fund:" + i, Account.custody("ln"), account, FUNDS, "bench", "fund"));
        }
        for (int from = 0; from < ACCOUNTS; from += 500) {
            List<Outcome> made = Await.of(writer.submit(funds.subList(from, from + 500)));
            require(Collections.frequency(made, Outcome.CREATED) == made.size());
        }
    }

    private Transfer between() {
        int from = random.nextInt(ACCOUNTS);
        int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        return transfer(accounts.get(from), accounts.get(to));
    }

    private Transfer toHot() {
        return transfer(accounts.get(random.nextInt(ACCOUNTS)), hot);
    }

    private Transfer transfer(Account from, Account to) {
        long id = ids.incrementAndGet();
        return Transfer.single("tap:" + id, from, to, 1 + random.nextInt(AMOUNT_MAX), "bench", "card:" + id % 1_000);
    }

    private Future<List<Outcome>> alone(Db db, Ledger ledger) {
        List<Transfer> one = List.of(between());
        return db.tx(tx -> ledger.apply(tx, one));
    }

    /** Created transfers a second with {@code inFlight} under way all the time. */
    private double rate(int inFlight, Function<Integer, Future<List<Outcome>>> submit, int seconds) {
        long began = System.nanoTime();
        long end = began + seconds * 1_000_000_000L;
        AtomicInteger created = new AtomicInteger();
        List<Future<Void>> loops = new ArrayList<>();
        for (int i = 0; i < inFlight; i++) {
            Promise<Void> done = Promise.promise();
            loops.add(done.future());
            again(submit, end, created, done);
        }
        Await.of(Future.all(loops));
        return created.get() / ((System.nanoTime() - began) / 1e9);
    }

    private static void again(
            Function<Integer, Future<List<Outcome>>> submit, long end, AtomicInteger created, Promise<Void> done) {
        if (System.nanoTime() >= end) {
            done.complete();
            return;
        }
        submit.apply(1).onFailure(done::fail).onSuccess(outcomes -> {
            require(outcomes.equals(List.of(Outcome.CREATED)));
            created.incrementAndGet();
            again(submit, end, created, done);
        });
    }

    private static void require(boolean held) {
        if (!held) {
            throw new IllegalStateException("a transfer was not made");
        }
    }
}
