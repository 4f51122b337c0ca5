package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deliveries of processes that stop, die, or send side by side. */
class WebhookTurnTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final Rig rig = new Rig(DATABASE);

    @RegisterExtension
    final Sink sink = new Sink(DATABASE.vertx());

    @Test
    void restartDeliversWhatWasPendingAndNothingTwice() {
        sink.script(Sink.answer(500));
        String engine = rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        String original = sink.take().header("webhook-id");
        rig.logged(webhook, "due", 1);
        rig.stopEngine(engine);
        rig.happen("InvoiceSettled", "while-down");
        sink.script(Sink.answer(200));
        rig.pass(Duration.ofSeconds(10));
        rig.startEngine();
        List<Sink.Arrived> arrived = new ArrayList<>(List.of(sink.take(), sink.take()));
        rig.logged(webhook, "success", 2);
        assertThat(arrived)
                .anyMatch(one ->
                        one.header("webhook-id").equals(original) && one.json().getBoolean("isRedelivery"));
        assertThat(arrived).anyMatch(one -> one.json().getString("invoiceId").equals("while-down"));
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'due'"))
                .isZero();
    }

    @Test
    void claimOfAKilledProcessIsTakenOverOnceItEnds() {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository killed = new QueueRepository(rig.db, "killed", Duration.ofSeconds(-1));
        QueueRepository live = new QueueRepository(rig.db, "live", Dispatcher.LEASE);
        QueueRepository other = new QueueRepository(rig.db, "other", Dispatcher.LEASE);
        List<Job> lost = await(killed.claim(rig.now.get(), List.of(), 10, 10));
        List<Job> taken = await(live.claim(rig.now.get(), List.of(), 10, 10));
        assertThat(lost).hasSize(1);
        assertThat(taken).isEqualTo(lost);
        assertThat(await(other.claim(rig.now.get(), List.of(), 10, 10))).isEmpty();
        Attempt late = new Attempt(lost.getFirst(), rig.now.get(), 500, "late", null, Optional.empty());
        await(killed.record(List.of(new Result(late, rig.now.get()))));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'due' and claimed_by = 'live'"))
                .isEqualTo(1);
    }

    @Test
    void nextTurnSendsWhatAKilledProcessHadClaimedAtOnce() throws Exception {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository killed = new QueueRepository(rig.db, "killed", Duration.ofHours(1));
        List<Job> lost = await(killed.claim(rig.now.get(), List.of(), 10, 10));
        assertThat(lost).hasSize(1);
        await(rig.service.takeOver(Fence.NONE));
        rig.startEngine();
        assertThat(sink.take().header("webhook-id")).isEqualTo(lost.getFirst().originalId());
        rig.logged(webhook, "success", 1);
        Attempt late = new Attempt(lost.getFirst(), rig.now.get(), 500, "late", null, Optional.empty());
        await(killed.record(List.of(new Result(late, rig.now.get()))));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'success'"))
                .as("the late result changes nothing")
                .isEqualTo(1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
    }

    @Test
    void whoseTurnIsOverTakesNoClaims() {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository live = new QueueRepository(rig.db, "live", Duration.ofHours(1));
        assertThat(await(live.claim(rig.now.get(), List.of(), 10, 10))).hasSize(1);
        TestDatabase.failure(rig.service.takeOver(tx -> Future.failedFuture("lease-lost")));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and claimed_by = 'live'"))
                .isEqualTo(1);
    }

    @Test
    void twoEnginesOnOneDatabaseSendEachAttemptOnce() {
        rig.startEngine();
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        Set<String> deliveries = new HashSet<>();
        for (int round = 0; round < 20; round++) {
            int number = round;
            rig.happen(IntStream.range(0, 20)
                    .mapToObj(i -> rig.event("InvoiceSettled", "r" + number + "i" + i))
                    .toList());
        }
        for (int i = 0; i < 400; i++) {
            assertThat(deliveries.add(sink.take().json().getString("deliveryId")))
                    .isTrue();
        }
        rig.logged(webhook, "success", 400);
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(400);
    }
}
