package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.PaymentHash;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Credits settles to a table, once a hash; fails on request after having written, refuses amounts on request. */
final class CreditSink implements SettleSink {
    private final Db db;
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger commits = new AtomicInteger();
    private volatile long refused;

    CreditSink(Db db) {
        this.db = db;
        await(db.write(
                "create table if not exists test_credit (node text, hash text, msat bigint, primary key (node, hash))",
                Tuple.tuple()));
    }

    void failNext(int times) {
        failures.set(times);
    }

    /** Settles of this amount cannot be applied, however often they come; 0 for none. */
    void refuse(long msat) {
        refused = msat;
    }

    int failuresLeft() {
        return failures.get();
    }

    int commits() {
        return commits.get();
    }

    @Override
    public Future<Void> apply(SqlConnection tx, NodeId node, List<LightningNode.Settle> settles, long baseline) {
        Future<Void> done = Future.succeededFuture();
        for (LightningNode.Settle settle : settles) {
            done = done.compose(next -> Db.run(
                            tx,
                            "insert into test_credit values ($1, $2, $3) on conflict do nothing",
                            Tuple.of(
                                    node.value(),
                                    settle.hash().hex(),
                                    settle.received().value()))
                    .mapEmpty());
        }
        if (settles.stream().anyMatch(settle -> settle.received().value() == refused)) {
            return done.compose(written -> Future.failedFuture(new IllegalStateException("impossible amount")));
        }
        return done.compose(written -> failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                ? Future.failedFuture(new Failure.Unavailable("test", "the sink fails", 1).exception())
                : Future.succeededFuture());
    }

    @Override
    public void committed() {
        commits.incrementAndGet();
    }

    Map<PaymentHash, Long> credits(NodeId node) {
        Map<PaymentHash, Long> credits = new TreeMap<>((a, b) -> a.hex().compareTo(b.hex()));
        for (Row row : await(db.read("select hash, msat from test_credit where node = $1", node.value()))) {
            credits.put(new PaymentHash(row.getString("hash")), row.getLong("msat"));
        }
        return credits;
    }
}
