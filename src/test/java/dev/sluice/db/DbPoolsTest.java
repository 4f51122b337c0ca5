package dev.sluice.db;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What callers learn when all connections for writes are in use, and what becomes of those that lead nowhere. */
class DbPoolsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final int SIZE = 2;

    private final Promise<Void> goOn = Promise.promise();
    private final List<Future<Void>> held = new ArrayList<>();
    private DbPools pools;

    private void holdEveryConnection(DbPools.Waiting waiting) {
        pools = DbPools.open(DATABASE.vertx(), config(DATABASE.config().port()), waiting, 30_000);
        while (held.size() < SIZE) {
            Promise<Void> inside = Promise.promise();
            Future<Void> holding = pools.db().tx(tx -> {
                inside.complete();
                return goOn.future();
            });
            holding.onFailure(inside::tryFail); // connecting takes its time, and is a wait as well
            if (await(inside.future().map(true).otherwise(false))) {
                held.add(holding);
            }
        }
    }

    private static DbConfig config(int port) {
        DbConfig config = DATABASE.config();
        return new DbConfig(config.host(), port, config.database(), config.user(), config.password(), SIZE);
    }

    @AfterEach
    void close() {
        goOn.tryComplete();
        held.forEach(TestDatabase::await);
        await(pools.close());
    }

    private static void assertThatItIsAway(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        FailureException.class,
                        known -> assertThat(known.failure()).isInstanceOf(Failure.Unavailable.class));
    }

    private Future<?> forTurn() {
        return pools.db().writeForTurn("select 1", Tuple.tuple());
    }

    private Future<?> write() {
        return pools.db().write("select 1", Tuple.tuple());
    }

    @Test
    void callerThatWaitedInVainIsToldToComeBack() {
        holdEveryConnection(new DbPools.Waiting(10, 200));
        assertThatItIsAway(failure(write()));
        assertThatItIsAway(failure(pools.db().tx(tx -> Future.succeededFuture())));
    }

    @Test
    void callerThatMayNotEvenWaitIsToldToComeBack() {
        holdEveryConnection(new DbPools.Waiting(1, 60_000));
        Future<?> waiting = write();
        assertThatItIsAway(failure(pools.db().tx(tx -> Future.succeededFuture())));
        assertThat(waiting.isComplete()).isFalse();
        goOn.complete();
        await(waiting);
    }

    /** A network that breaks closes nothing: both ends wait. */
    @Test
    void connectionsThatFallSilentAreReplaced() {
        Wire wire = Wire.to(DATABASE.vertx(), DATABASE.config().port());
        pools = DbPools.open(DATABASE.vertx(), config(wire.port()), new DbPools.Waiting(10, 10_000), 2_000);
        Future<?> first = write();
        Future<?> second = write();
        await(Future.all(first, second, pools.db().read("select 1"), forTurn()));
        wire.cut();
        List<Future<?>> lost = List.of(
                write(),
                pools.db().tx(tx -> Db.run(tx, "select 1", Tuple.tuple())),
                pools.db().read("select 1"),
                forTurn());
        lost.forEach(each -> assertThatItIsAway(failure(each)));
        await(Future.all(write(), write(), pools.db().read("select 1")));
        await(wire.close());
    }

    @Test
    void proofOfTheBooksMayBeSilentForLonger() {
        pools = DbPools.open(DATABASE.vertx(), config(DATABASE.config().port()), new DbPools.Waiting(10, 10_000), 300);
        await(pools.db().snapshot(Duration.ofSeconds(30), tx -> Db.run(tx, "select pg_sleep(1)", Tuple.tuple())));
    }
}
