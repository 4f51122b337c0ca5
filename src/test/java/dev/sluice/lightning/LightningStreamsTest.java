package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.Settle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a node settled is credited once, whatever becomes of the messages that tell it. */
class LightningStreamsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final StreamRig rig = new StreamRig(DATABASE);

    @Test
    void firstStartCreditsAllThatSettledBeforeIncludingTheFirstSettle() {
        for (int i = 1; i <= 3; i++) {
            rig.pay(i);
        }
        rig.follow();
        assertThat(rig.credits()).isEqualTo(rig.paid());
        assertThat(rig.cursor()).isEqualTo(3);
        assertThat(rig.streams().unavailableReason()).isEmpty();
    }

    @Test
    void settleOnAnEmptyNodeIsCreditedLive() {
        rig.follow();
        rig.pay(7);
        rig.untilAllCredited();
        assertThat(rig.cursor()).isEqualTo(1);
    }

    @Test
    void settlesWhileAwayAreCreditedAfterwards() {
        rig.pay(1);
        rig.follow();
        rig.undeploy();
        rig.pay(2);
        rig.pay(3);
        assertThat(rig.credits()).hasSize(1);
        rig.follow();
        assertThat(rig.credits()).isEqualTo(rig.paid());
    }

    @Test
    void nodeThatCrashesIsFollowedAgain() {
        rig.pay(1);
        rig.follow();
        await(rig.merchant().crash());
        Waiting.until(DATABASE.vertx(), () -> rig.streams().unavailableReason().isPresent());
        rig.merchant().faults().down(false);
        rig.pay(2);
        rig.untilAllCredited();
        Waiting.until(DATABASE.vertx(), () -> rig.streams().unavailableReason().isEmpty());
    }

    @Test
    void lostRepeatedAndReorderedMessagesChangeNothing() {
        rig.follow();
        rig.merchant().faults().messages(25, 25, 25);
        for (int i = 1; i <= 60; i++) {
            rig.pay(i);
        }
        rig.merchant().faults().clear();
        await(rig.streams().auditNow());
        assertThat(rig.credits()).isEqualTo(rig.paid());
        assertThat(rig.cursor()).isEqualTo(60);
    }

    @Test
    void streamCutAtEveryMessageLosesNothing() {
        rig.follow();
        for (int at = 0; at < 6; at++) {
            rig.merchant().faults().cutAfter(at % 3);
            rig.pay(100 + at);
        }
        rig.pay(200);
        rig.merchant().faults().clear();
        rig.untilAllCredited();
    }

    @Test
    void auditsFollowEachOtherAndTheTimerSkipsWhileOneRuns() {
        AtomicInteger reads = new AtomicInteger();
        AtomicReference<Future<Void>> gate = new AtomicReference<>(Future.succeededFuture());
        rig.deploy(
                AlteredNode.of(rig.merchant(), "listInvoices", (arguments, usual) -> {
                    reads.incrementAndGet(); // the only page of empty books
                    return gate.get().compose(open -> (Future<?>) usual.answer());
                }),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().caughtUpAt().isPresent());
        await(rig.streams().auditNow()); // after what the connect reads
        Promise<Void> release = Promise.promise();
        gate.set(release.future());
        int before = reads.get();
        Future<Void> first = rig.streams().auditNow();
        for (int tick = 0; tick < 3; tick++) {
            rig.streams().auditDue();
        }
        Future<Void> second = rig.streams().auditNow();
        Waiting.until(DATABASE.vertx(), () -> reads.get() > before);
        release.complete();
        await(first);
        await(second);
        assertThat(reads.get() - before).isEqualTo(2);
    }

    @Test
    void batchWhoseTransactionFailsIsTriedAgain() {
        rig.follow();
        rig.sink().failNext(3);
        rig.pay(5);
        rig.untilAllCredited();
        assertThat(rig.sink().failuresLeft()).isZero();
        assertThat(rig.cursor()).isEqualTo(1);
    }

    @Test
    void settleThatCannotBeAppliedIsSetAsideAndTheOthersAreCredited() {
        rig.sink().refuse(13_000);
        rig.pay(1);
        PaymentHash refused = rig.pay(13);
        rig.pay(2);
        long amount = rig.paid().remove(refused);
        rig.follow();
        rig.pay(3);
        rig.untilAllCredited();
        assertThat(rig.cursor()).isEqualTo(4);
        assertThat(setAside()).containsExactly(refused.hex());
        await(rig.streams().auditNow());
        assertThat(setAside()).as("it is still impossible").containsExactly(refused.hex());
        rig.sink().refuse(0);
        rig.paid().put(refused, amount);
        await(rig.streams().auditNow());
        rig.untilAllCredited();
        assertThat(setAside()).isEmpty();
    }

    @Test
    void whatANodeHadSettledBeforeItWasFirstSeenIsItsBaseline() {
        rig.pay(1);
        rig.pay(2);
        rig.follow();
        assertThat(await(new LightningRepository(DATABASE.db()).find(rig.id()))
                        .orElseThrow()
                        .baseline())
                .isEqualTo(2);
        rig.pay(3);
        rig.untilAllCredited();
        rig.undeploy();
        rig.follow();
        assertThat(await(new LightningRepository(DATABASE.db()).find(rig.id()))
                        .orElseThrow()
                        .baseline())
                .isEqualTo(2);
    }

    @Test
    void sweepCreditsOneHashWithoutTheStream() {
        rig.follow();
        rig.merchant().faults().messages(100, 0, 0);
        PaymentHash hash = rig.pay(9);
        await(rig.streams().sweep(hash));
        assertThat(rig.credits()).isEqualTo(rig.paid());
    }

    @Test
    void sweepOfAnOpenOrUnknownInvoiceCreditsNothing() {
        rig.follow();
        Preimage preimage = Preimage.random(Entropy.secure());
        await(rig.streams().sweep(preimage.hash()));
        await(rig.merchant().addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false));
        await(rig.streams().sweep(preimage.hash()));
        assertThat(rig.credits()).isEmpty();
    }

    @Test
    void settleThatItsStreamLosesIsCreditedByTheHintOfItsHtlc() {
        rig.deploy(
                AlteredNode.of(rig.merchant(), "subscribeSettles", (arguments, usual) -> {
                    arguments[1] = (Consumer<Settle>) lost -> {};
                    return usual.answer();
                }),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().caughtUpAt().isPresent());
        rig.pay(4);
        rig.untilAllCredited();
    }

    @Test
    void settleThatCameIsNotAskedForAgain() {
        AtomicInteger lookups = new AtomicInteger();
        HtlcHints hints = new HtlcHints(rig.id(), rig.merchant());
        hints.open(Runnable::run);
        PaymentHash came = rig.pay(1);
        PaymentHash lost = rig.pay(2);
        hints.look(came::equals, hash -> lookups.incrementAndGet());
        assertThat(lookups).as("the stream has its time").hasValue(0);
        hints.look(came::equals, hash -> {
            lookups.incrementAndGet();
            assertThat(hash).isEqualTo(lost);
        });
        hints.look(came::equals, hash -> lookups.incrementAndGet());
        assertThat(lookups).hasValue(1);
        hints.close();
    }

    @Test
    void cursorNeverGoesBack() {
        LightningRepository repository = new LightningRepository(DATABASE.db());
        await(DATABASE.db()
                .tx(tx -> repository.register(tx, rig.id(), rig.merchant().pubkey(), 0)));
        SettleWriter writer =
                new SettleWriter(DATABASE.db(), repository, rig.id(), rig.sink(), Fence.NONE, Clock.system());
        Settle late = new Settle(Preimage.random(Entropy.secure()).hash(), Msat.ofSat(1), 3, Instant.EPOCH);
        Settle newest = new Settle(Preimage.random(Entropy.secure()).hash(), Msat.ofSat(1), 9, Instant.EPOCH);
        await(writer.submit(List.of(newest)));
        await(writer.submit(List.of(late)));
        assertThat(rig.cursor()).isEqualTo(9);
        assertThat(rig.credits()).hasSize(2);
        assertThat(await(repository.find(rig.id())).orElseThrow().settledHash()).isEqualTo(newest.hash());
    }

    @Test
    void lostAnswerOfAnInvoiceIsHealedByAskingAgain() {
        Preimage preimage = Preimage.random(Entropy.secure());
        rig.merchant().faults().loseAnswers(1);
        failure(rig.merchant().addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false));
        long index = await(rig.merchant().addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false))
                .addIndex();
        assertThat(index).isEqualTo(1);
    }

    private List<String> setAside() {
        return await(SetAside.of(DATABASE.db(), "settle:" + rig.id(), "")).stream()
                .map(SetAside.Fact::key)
                .toList();
    }
}
