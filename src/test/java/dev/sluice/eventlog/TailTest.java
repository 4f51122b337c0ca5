package dev.sluice.eventlog;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.bus.Bus;
import dev.sluice.db.DbPools;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.Tail.Reading;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.pubsub.PgSubscriber;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TailTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Duration NEVER = Duration.ofHours(1);
    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final String TOLD_WHOLE = "TestWhole";
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private static EventLog events;

    private final String reader = "reader" + NUMBER.incrementAndGet();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final Tail.Consumer collect = batch -> {
        batch.forEach(head -> seen.add(head.subject()));
        return Future.succeededFuture();
    };
    private Tail tail;

    @BeforeAll
    static void open() {
        events = new EventLog(DATABASE.db(), DATABASE.bus());
    }

    @AfterEach
    void stop() {
        await(tail.stop());
    }

    private static Reading reading(Duration poll) {
        return new Reading(DATABASE.vertx(), events, DATABASE.bus(), Clock.system(), poll, Set.of(TOLD_WHOLE));
    }

    private static Event event(String subject) {
        return new Event(Instant.EPOCH, "Test", null, subject, 1, new JsonObject());
    }

    private static void write(String... subjects) {
        List<Event> all = Stream.of(subjects).map(TailTest::event).toList();
        await(DATABASE.db().tx(tx -> events.append(tx, all)));
    }

    private Tail started(Tail created) {
        tail = created;
        await(tail.start());
        return tail;
    }

    private String next() {
        try {
            String subject = seen.poll(60, TimeUnit.SECONDS);
            assertThat(subject).as("an event within 60 s").isNotNull();
            return subject;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void readerFromHeadSeesOnlyWhatComesLater() {
        write("before");
        started(Tail.fromHead(reader, reading(OFTEN), collect));
        write("a", "b");
        assertThat(next()).isEqualTo("a");
        assertThat(next()).isEqualTo("b");
        assertThat(seen).isEmpty();
    }

    @Test
    void hintWakesTheReaderWithoutAPoll() {
        started(Tail.fromHead(reader, reading(NEVER), collect));
        write("hinted");
        events.hint();
        assertThat(next()).isEqualTo("hinted");
    }

    @Test
    void lostHintOnlyDelays() {
        started(Tail.fromHead(reader, reading(OFTEN), collect));
        write("polled");
        assertThat(next()).isEqualTo("polled");
    }

    @Test
    void lateCommitIsNotSkipped() {
        started(Tail.fromHead(reader, reading(OFTEN), collect));
        Promise<Void> written = Promise.promise();
        Promise<Void> commit = Promise.promise();
        Future<Void> late = DATABASE.db()
                .tx(tx -> events.append(tx, List.of(event("late"))).compose(done -> {
                    written.complete();
                    return commit.future();
                }));
        await(written.future());
        write("early");
        Instant asked = Clock.system().now();
        awaitFresh(asked); // it has looked, and holds back what an older transaction may still precede
        assertThat(seen).isEmpty();
        commit.complete();
        await(late);
        assertThat(next()).isEqualTo("late");
        assertThat(next()).isEqualTo("early");
    }

    private void awaitFresh(Instant after) {
        while (tail.freshAt().filter(at -> at.isAfter(after)).isEmpty()) {
            await(DATABASE.db().read("select 1"));
        }
    }

    @Test
    void manyPagesArriveInOrderAndOnce() {
        started(Tail.fromHead(reader, reading(NEVER), collect));
        int count = Tail.PAGE_MAX * 2 + 7;
        write(IntStream.range(0, count).mapToObj(i -> "n" + i).toArray(String[]::new));
        events.hint();
        for (int i = 0; i < count; i++) {
            assertThat(next()).isEqualTo("n" + i);
        }
        assertThat(seen).isEmpty();
    }

    @Test
    void failedBatchIsHandedOnAgain() {
        AtomicInteger attempts = new AtomicInteger();
        started(Tail.fromHead(
                reader,
                reading(OFTEN),
                batch -> attempts.incrementAndGet() < 3 ? Future.failedFuture("not yet") : collect.accept(batch)));
        write("stubborn");
        assertThat(next()).isEqualTo("stubborn");
        assertThat(attempts).hasValue(3);
    }

    @Test
    void stoppedReaderHearsNothing() {
        started(Tail.fromHead(reader, reading(OFTEN), collect));
        await(tail.stop());
        write("unheard");
        events.hint();
        await(DATABASE.db().read("select pg_sleep(0.1)")); // several polls of a reader that were not stopped
        assertThat(seen).isEmpty();
    }

    @Test
    void otherProcessIsWokenAndLosingTheListenerOnlyDelays() {
        BlockingQueue<String> hints = new LinkedBlockingQueue<>();
        Relay ours = new Relay(DATABASE.vertx(), DATABASE.bus(), DATABASE.config(), "process-a");
        Vertx other = Vertx.vertx();
        Bus otherBus = new Bus(other);
        EventLog otherEvents = new EventLog(DATABASE.db(), otherBus);
        Relay theirs = new Relay(other, otherBus, DATABASE.config(), "process-b");
        started(Tail.fromHead(reader, reading(NEVER), collect));
        await(ours.start());
        await(theirs.start());
        write("by b");
        otherEvents.hint();
        assertThat(next()).isEqualTo("by b");

        DATABASE.bus().hear(Relay.ELSEWHERE, hint -> hints.add("heard"));
        await(DATABASE.db()
                .write(
                        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'LISTEN%'",
                        Tuple.tuple()));
        write("while deaf");
        assertThat(next()).isEqualTo("while deaf"); // the reconnection itself is a hint
        assertThat(hints).isNotEmpty();
        await(ours.stop());
        await(theirs.stop());
        await(other.close());
    }

    @Test
    void burstOfHintsIsThinnedOutAndOwnNotificationsAreNotHeard() {
        tail = started(Tail.fromHead(reader, reading(NEVER), collect));
        AtomicInteger heard = new AtomicInteger();
        Promise<Void> listening = Promise.promise();
        BlockingQueue<String> notified = new LinkedBlockingQueue<>();
        PgSubscriber spy = PgSubscriber.subscriber(DATABASE.vertx(), DbPools.connecting(DATABASE.config()));
        spy.channel("sluice_event")
                .subscribeHandler(done -> listening.complete())
                .handler(notified::add);
        await(spy.connect());
        await(listening.future());
        Relay relay = new Relay(DATABASE.vertx(), DATABASE.bus(), DATABASE.config(), "process-c");
        await(relay.start());
        DATABASE.bus().hear(Relay.ELSEWHERE, hint -> heard.incrementAndGet());
        for (int i = 0; i < 1_000; i++) {
            events.hint();
        }
        assertThat(takeOne(notified)).isEqualTo("process-c");
        assertThat(takeOne(notified)).isEqualTo("process-c"); // what was hinted in the pause is said after it
        await(DATABASE.db().read("select pg_sleep(0.2)"));
        assertThat(notified.size()).isLessThan(20);
        assertThat(heard).hasValue(0);
        await(relay.stop());
        await(spy.close());
    }

    private static String takeOne(BlockingQueue<String> queue) {
        try {
            return queue.poll(60, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void bodiesComeWithTheKindsThatAskForThem() throws InterruptedException {
        BlockingQueue<EventHead> heads = new LinkedBlockingQueue<>();
        started(Tail.fromHead(reader, reading(NEVER), batch -> {
            heads.addAll(batch);
            return Future.succeededFuture();
        }));
        JsonObject facts = new JsonObject().put("amount", "1");
        StoreId store = new StoreId("heads");
        Instant at = Instant.EPOCH;
        await(DATABASE.db()
                .tx(tx -> events.append(
                        tx,
                        List.of(
                                new Event(at, "Test", store, "a", 1, facts),
                                new Event(at, TOLD_WHOLE, null, "b", 2, facts)))));
        events.hint();
        EventHead bare = heads.poll(5, TimeUnit.SECONDS);
        EventHead whole = heads.poll(5, TimeUnit.SECONDS);
        assertThat(bare).isEqualTo(new EventHead(bare.position(), "Test", store, null, "a", 1, null));
        assertThat(whole).isEqualTo(new EventHead(whole.position(), TOLD_WHOLE, null, null, "b", 2, facts));
    }
}
