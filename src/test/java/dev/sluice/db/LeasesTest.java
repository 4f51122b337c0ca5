package dev.sluice.db;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;

class LeasesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Duration LONG = Duration.ofMinutes(10);
    /** So that a loaded machine manages its renewals, every third of it. */
    private static final Duration SHORT = Duration.ofSeconds(1);

    private String name;

    @BeforeEach
    void nameTheLease(TestInfo test) {
        name = test.getDisplayName();
    }

    private static Leases process(String holder) {
        return new Leases(DATABASE.vertx(), DATABASE.db(), holder);
    }

    private Lease take(String holder, Duration term, Runnable onLost) {
        return await(process(holder).acquire(name, term, onLost)).orElseThrow();
    }

    private void expire() {
        await(DATABASE.db().write("update lease set expires_at = '-infinity' where name = $1", Tuple.of(name)));
    }

    private Future<Void> checked(Lease lease) {
        return DATABASE.db().tx(lease::check);
    }

    @Test
    void onlyOneOfManyRacersHolds() {
        List<Future<Optional<Lease>>> all = IntStream.range(0, 20)
                .mapToObj(i -> process("racer" + i).acquire(name, LONG, () -> {}))
                .toList();
        await(Future.all(all));
        assertThat(all.stream().filter(f -> f.result().isPresent())).hasSize(1);
    }

    @Test
    void heldLeaseIsRefusedToOthersAndToTheSameHolderAgain() {
        take("a", LONG, () -> {});
        assertThat(await(process("b").acquire(name, LONG, () -> {}))).isEmpty();
        assertThat(await(process("a").acquire(name, LONG, () -> {}))).isEmpty();
    }

    @Test
    void releasedLeaseIsTakenWithAHigherToken() {
        Lease first = take("a", LONG, () -> {});
        await(first.release());
        Lease second = take("b", LONG, () -> {});
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(first.held()).isFalse();
        await(first.release());
        assertThat(await(process("c").acquire(name, LONG, () -> {})))
                .as("a stale release changes nothing")
                .isEmpty();
    }

    /** Its only event loop stands still, as in a long collection: no answer of the database reaches it. */
    @Test
    void pausedHolderOfAnExpiredLeaseIsFencedOff() throws InterruptedException {
        Vertx holder = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
        CountDownLatch goOn = new CountDownLatch(1);
        try {
            Lease paused = await(new Leases(holder, DATABASE.db(), "a").acquire(name, LONG, () -> {}))
                    .orElseThrow();
            await(checked(paused));
            pause(holder, goOn);
            writesNothingOnceAnotherHolds(paused);
        } finally {
            goOn.countDown();
            await(holder.close());
        }
    }

    private static void pause(Vertx vertx, CountDownLatch goOn) throws InterruptedException {
        CountDownLatch paused = new CountDownLatch(1);
        vertx.runOnContext(now -> {
            paused.countDown();
            try {
                goOn.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        });
        paused.await();
    }

    private void writesNothingOnceAnotherHolds(Lease paused) {
        expire();
        Lease next = take("b", LONG, () -> {});
        assertThat(paused.held()).as("it does not know yet").isTrue();
        Future<Object> write = DATABASE.db()
                .tx(tx -> paused.check(tx)
                        .compose(ours ->
                                Db.run(tx, "insert into stream_cursor (name, position) values ($1, 1)", Tuple.of(name)))
                        .mapEmpty());
        assertThat(failure(write)).hasMessageContaining("lease-lost");
        assertThat(await(DATABASE.db().read("select 1 from stream_cursor where name = $1", name))
                        .size())
                .isZero();
        await(checked(next));
    }

    @Test
    void takeOverWaitsForTheCommitThatTheOldHolderBegan() {
        Lease old = take("a", LONG, () -> {});
        Promise<Void> inside = Promise.promise();
        Promise<Void> goOn = Promise.promise();
        Future<Void> writing = DATABASE.db()
                .tx(tx -> old.check(tx).compose(ours -> {
                    inside.complete();
                    return goOn.future();
                }));
        await(inside.future());
        expire();
        Future<Optional<Lease>> taking = process("b").acquire(name, LONG, () -> {});
        await(DATABASE.db().read("select pg_sleep(0.2)")); // the take-over has come to the lock
        assertThat(taking.isComplete()).isFalse();
        goOn.complete();
        await(writing);
        assertThat(await(taking)).isPresent();
        assertThat(failure(checked(old))).hasMessageContaining("lease-lost");
    }

    @Test
    void renewalKeepsAShortLease() {
        Lease lease = take("a", SHORT, () -> {});
        long first = expiry();
        while (expiry() <= first + SHORT.toMillis()) { // only renewals move it
            assertThat(lease.held()).isTrue();
        }
        await(lease.release());
    }

    @Test
    void renewalDoesNotWaitForTheHoldersOwnWrites() {
        Lease lease = take("a", Duration.ofSeconds(2), () -> {});
        Promise<Void> inside = Promise.promise();
        Promise<Void> goOn = Promise.promise();
        Future<Void> writing = DATABASE.db()
                .tx(tx -> lease.check(tx).compose(ours -> {
                    inside.complete();
                    return goOn.future();
                }));
        await(inside.future());
        long before = expiry();
        while (expiry() <= before) { // only a renewal moves it
            assertThat(lease.held()).isTrue();
        }
        goOn.complete();
        await(writing);
        await(lease.release());
    }

    @Test
    void renewalDoesNotWaitBehindTheTraffic() {
        Duration term = Duration.ofSeconds(2);
        Lease lease = take("a", term, () -> {});
        Promise<Void> goOn = Promise.promise();
        List<Future<Void>> traffic = new ArrayList<>();
        for (int i = 0; i < 2 * DATABASE.config().poolSize(); i++) { // every connection, and a queue
            traffic.add(DATABASE.db().tx(tx -> goOn.future()));
        }
        long full = expiry();
        while (expiry() <= full + term.toMillis()) { // more than the renewal that was under way
            assertThat(lease.held()).isTrue();
        }
        goOn.complete();
        await(Future.all(traffic));
        await(lease.release());
    }

    private long expiry() {
        return await(DATABASE.db()
                        .read(
                                "select (extract(epoch from expires_at) * 1000)::bigint as at from lease where name=$1",
                                name))
                .iterator()
                .next()
                .getLong("at");
    }

    @Test
    void holderLearnsThatItsLeaseWasTaken() {
        Promise<Void> lost = Promise.promise();
        AtomicInteger times = new AtomicInteger();
        Lease lease = take("a", Duration.ofMillis(300), () -> {
            times.incrementAndGet();
            lost.complete();
        });
        await(DATABASE.db().write("update lease set token = token + 1, holder = 'b' where name = $1", Tuple.of(name)));
        await(lost.future());
        assertThat(lease.held()).isFalse();
        assertThat(times).hasValue(1);
    }
}
