package dev.sluice.ops;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.DbConfig;
import dev.sluice.db.Lease;
import dev.sluice.db.Leases;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.eventlog.LoggedEvent;
import dev.sluice.eventlog.Position;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A dump of a busy server, loaded into a new one whose transactions are numbered from the beginning again. */
class RestoredDatabaseTest {
    private final TestDatabase database = new TestDatabase(); // one for each test: the remedy changes it for good

    private static final long FAR_AHEAD = 9_000_000_000_000L;
    private static final String READER = "shipping";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private EventLog events;

    @BeforeEach
    void open() {
        database.beforeAll(null);
        events = new EventLog(database.db(), database.bus());
    }

    @AfterEach
    void close() {
        database.afterAll(null);
    }

    /** Says that it was asked to start, which is as far as these tests go. */
    private static final class Started implements Program {
        @Override
        public Future<Void> start(Foundation foundation) {
            return Future.failedFuture(new Failure.Unavailable("started", "it was started", 1).exception());
        }

        @Override
        public UserAdmin users(Foundation foundation) {
            throw new UnsupportedOperationException();
        }

        @Override
        public KeyAdmin keys(Foundation foundation) {
            throw new UnsupportedOperationException();
        }
    }

    private int run(String... args) {
        DbConfig config = database.config();
        Map<String, String> environment = Map.of(
                "SLUICE_NETWORK", "regtest",
                "SLUICE_DATABASE_MODE", "external",
                "SLUICE_DATABASE_PORT", String.valueOf(config.port()),
                "SLUICE_DATABASE_NAME", config.database(),
                "SLUICE_DATABASE_USER", config.user(),
                "SLUICE_DATABASE_PASSWORD", config.password().value(),
                "SLUICE_LOGGING_LEVEL", "error");
        return Cli.run(new Started(), environment, new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    private void serveUntilStarted() {
        err.getBuffer().setLength(0);
        run("serve");
        assertThat(err.toString().strip()).isEqualTo("error: it was started");
    }

    private void assertServeIsRefused() {
        err.getBuffer().setLength(0);
        assertThat(run("serve")).isEqualTo(Cli.FAILED);
        assertThat(err.toString().lines()).singleElement().asString().contains("sluice migrate --after-restore");
    }

    private void write(String... subjects) {
        List<Event> all = Arrays.stream(subjects)
                .map(subject -> new Event(Instant.EPOCH, "Test", null, subject, 1, new JsonObject()))
                .toList();
        await(database.db().tx(tx -> events.append(tx, all)));
    }

    private void restored(String subject, long tx) {
        String insert = "insert into event (tx, at, kind, subject, version, body)"
                + " values ($1::text::xid8, now(), 'Test', $2, 1, '{}')";
        await(database.db().write(insert, Tuple.of(Long.toString(tx), subject)));
    }

    private void reached(Position position) {
        String move = "insert into stream_cursor (name, tx, position) values ($1, $2::text::xid8, $3)"
                + " on conflict (name) do update set tx = excluded.tx, position = excluded.position";
        await(database.db().write(move, Tuple.of(READER, Long.toString(position.tx()), position.seq())));
    }

    /** Reads as a durable reader does: from its cursor on, which then moves. */
    private List<String> delivered() {
        List<String> subjects = new ArrayList<>();
        List<LoggedEvent> batch = await(events.cursor(READER).compose(from -> events.after(from, 100)));
        batch.forEach(logged -> subjects.add(logged.event().subject()));
        if (!batch.isEmpty()) {
            reached(batch.getLast().position());
        }
        return subjects;
    }

    @Test
    void databaseInOrderIsServed() {
        write("a");
        assertThat(delivered()).containsExactly("a");
        serveUntilStarted();
    }

    @Test
    void eventsAheadOfTheServerAreRefusedWithTheRemedy() {
        restored("old", FAR_AHEAD);
        assertServeIsRefused();
    }

    @Test
    void cursorAheadOfTheServerIsRefusedWithTheRemedy() {
        reached(new Position(FAR_AHEAD, 7)); // its events are pruned
        assertServeIsRefused();
    }

    @Test
    void everyEventIsDeliveredOnceAndInOrderAfterTheRemedy() {
        restored("delivered before the dump", FAR_AHEAD);
        reached(new Position(FAR_AHEAD, 1_000_000));
        restored("not yet delivered", FAR_AHEAD + 1);
        assertThat(run("migrate", "--after-restore")).isZero();
        serveUntilStarted();
        write("new 1");
        write("new 2");
        assertThat(delivered()).containsExactly("not yet delivered", "new 1", "new 2");
        assertThat(delivered()).isEmpty();
    }

    @Test
    void positionsThatTheOldServerGaveOutAfterTheDumpArePassed() {
        restored("old", FAR_AHEAD);
        assertThat(run("migrate", "--after-restore")).isZero();
        write("new");
        Position heldElsewhere = new Position(FAR_AHEAD + 1_000_000_000L, 1);
        assertThat(await(events.after(heldElsewhere, 10))).hasSize(1);
    }

    /** Whoever heard of events that the dump does not have drops what comes with a smaller number. */
    @Test
    void sequencesThatTheOldServerGaveOutAfterTheDumpArePassed() {
        write("before the dump");
        long last = newest();
        assertThat(run("migrate", "--after-restore")).isZero();
        write("new");
        assertThat(newest() - last).isBetween(1_000_000L, 1L << 33);
        assertThat(run("migrate", "--after-restore")).isZero();
        write("newer");
        assertThat(newest() - last).isBetween(1L << 32, 1L << 34);
    }

    private long newest() {
        return await(database.db().read("select max(seq) as seq from event"))
                .iterator()
                .next()
                .getLong("seq");
    }

    @Test
    void remedyMayBeRepeatedAndDoesNoHarmWhereItWasNotNeeded() {
        write("a");
        assertThat(delivered()).containsExactly("a");
        write("b");
        assertThat(run("migrate", "--after-restore")).isZero();
        write("c");
        assertThat(run("migrate", "--after-restore")).isZero();
        write("d");
        assertThat(delivered()).containsExactly("b", "c", "d");
        serveUntilStarted();
    }

    @Test
    void lateCommitIsStillNotSkippedAfterTheRemedy() {
        assertThat(run("migrate", "--after-restore")).isZero();
        await(database.db()
                .tx(late -> events.append(
                                late, List.of(new Event(Instant.EPOCH, "Test", null, "late", 1, new JsonObject())))
                        .map(appended -> late)
                        .compose(open -> database.db()
                                .tx(tx -> events.append(
                                        tx,
                                        List.of(new Event(Instant.EPOCH, "Test", null, "early", 1, new JsonObject())))))
                        .compose(both -> events.after(Position.START, 10))
                        .map(seen -> {
                            assertThat(seen)
                                    .as("nothing is read past an open transaction")
                                    .isEmpty();
                            return null;
                        })));
        assertThat(delivered()).containsExactly("late", "early");
    }

    @Test
    void remedyIsRefusedBesideAServingGateway() {
        restored("old", FAR_AHEAD);
        Leases gateway = new Leases(database.vertx(), database.db(), "serving");
        Lease turn = await(gateway.acquire("gateway", Duration.ofMinutes(1), () -> {}))
                .orElseThrow();
        assertThat(run("migrate", "--after-restore")).isEqualTo(Cli.FAILED);
        assertThat(err.toString()).contains("Stop");
        await(turn.release());
        assertServeIsRefused();
    }

    @Test
    void planAndRemedyTogetherAreWrongUsage() {
        restored("old", FAR_AHEAD);
        assertThat(run("migrate", "--plan", "--after-restore")).isEqualTo(Cli.USAGE);
        assertServeIsRefused();
    }
}
