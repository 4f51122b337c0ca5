package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.Position;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The cursor lags behind what was read while nobody hears of it: nothing is told twice for that, nor missed. */
class FanOutTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final Rig rig = new Rig(DATABASE);

    @RegisterExtension
    final Sink sink = new Sink(DATABASE.vertx());

    /** More than a page. */
    private static final int MANY = Lane.QUEUE_MAX + 1;

    private Webhook webhook;

    @BeforeEach
    void open() {
        webhook = rig.endpoint(
                new WebhookSettings(sink.url(), true, true, Optional.of(Rig.SECRET), false, Set.of("InvoiceSettled")));
    }

    @Test
    void toldAfterManyThatNobodyHearsIsToldOnce() {
        rig.startEngine();
        settle("first");
        unheard();
        settle("second");
        assertThat(rig.logged(webhook, "success", 2)).hasSize(2);
        untilCursorIsAtTheEnd();
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void restartBehindWhatWasReadTellsNothingTwice() {
        String engine = rig.startEngine();
        settle("first");
        unheard();
        rig.stopEngine(engine);
        rig.happen("InvoiceSettled", "while-down");
        rig.startEngine();
        assertThat(sink.take().json().getString("invoiceId")).isEqualTo("while-down");
        assertThat(rig.logged(webhook, "success", 2)).hasSize(2);
        untilCursorIsAtTheEnd();
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void cursorFollowsOnceASecondWhereNobodyHears() {
        rig.startEngine();
        settle("first");
        Position told = cursor();
        unheard();
        assertThat(cursor()).as("the clock stands still").isEqualTo(told);
        rig.pass(Duration.ofSeconds(1));
        rig.happen("InvoiceCreated", "a second later");
        until(() -> rig.events.cursor(QueueRepository.READER), at -> !at.equals(told));
    }

    private void settle(String invoice) {
        rig.happen("InvoiceSettled", invoice);
        assertThat(sink.take().json().getString("invoiceId")).isEqualTo(invoice);
    }

    private void unheard() {
        rig.happen(IntStream.range(0, MANY)
                .mapToObj(n -> rig.event("InvoiceCreated", "unheard" + n))
                .toList());
    }

    private Position cursor() {
        return await(rig.events.cursor(QueueRepository.READER));
    }

    private void untilCursorIsAtTheEnd() {
        until(
                () -> rig.events.cursor(QueueRepository.READER).compose(at -> rig.events.heads(at, 1, List.of())),
                List::isEmpty);
    }
}
