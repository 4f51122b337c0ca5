package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInfo;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LightningStreamsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final long seed = Long.getLong("seed", System.nanoTime());
    private final NodeId id = new NodeId("node-" + NUMBER.incrementAndGet());
    private final Map<PaymentHash, Long> paid = new TreeMap<>((a, b) -> a.hex().compareTo(b.hex()));
    private SimulatedNetwork network;
    private SimulatedLightning merchant;
    private SimulatedLightning customer;
    private CreditSink sink;
    private LightningStreams streams;
    private String deployment;

    @BeforeEach
    void start() {
        System.err.println("LightningStreamsTest seed=" + seed);
        network = new SimulatedNetwork(DATABASE.vertx(), Clock.system(), seed, null);
        merchant = network.node("merchant");
        customer = network.node("customer");
        sink = new CreditSink(DATABASE.db());
    }

    @AfterEach
    void stop() {
        undeploy();
        network.close();
    }

    private void undeploy() {
        if (deployment != null) {
            await(DATABASE.vertx().undeploy(deployment));
            deployment = null;
        }
    }

    private void deploy(LightningNode node, Fence fence) {
        streams = new LightningStreams(DATABASE.db(), Clock.system(), Entropy.secure(), id, node, sink, fence);
        deployment = await(DATABASE.vertx().deployVerticle(streams));
    }

    private void follow() {
        deploy(merchant, Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> streams.caughtUpAt().isPresent());
    }

    private PaymentHash pay(long sat) {
        LightningNode.AddedInvoice added = await(merchant.addInvoice(
                Preimage.random(Entropy.secure()), Msat.ofSat(sat), "", null, Duration.ofHours(1), false));
        assertThat(await(customer.pay(added.bolt11(), null))).isInstanceOf(LightningNode.PaymentState.Succeeded.class);
        paid.put(added.hash(), sat * 1_000);
        return added.hash();
    }

    private void untilAllCredited() {
        Waiting.until(DATABASE.vertx(), new CreditedCheck()::isDone);
        assertThat(sink.credits(id)).isEqualTo(paid);
    }

    /** Asks the database without blocking the timer's event loop. */
    private final class CreditedCheck {
        private volatile long seen = -1;

        boolean isDone() {
            DATABASE.db()
                    .read("select count(*) from test_credit where node = $1", id.value())
                    .onSuccess(rows -> seen = rows.iterator().next().getLong(0));
            return seen >= paid.size();
        }
    }

    private long cursor() {
        return await(DATABASE.db().read("select position from stream_cursor where name = $1", "lightning:" + id))
                .iterator()
                .next()
                .getLong(0);
    }

    @Test
    void firstStartCreditsAllThatSettledBeforeIncludingTheFirstSettle() {
        for (int i = 1; i <= 3; i++) {
            pay(i);
        }
        follow();
        assertThat(sink.credits(id)).isEqualTo(paid);
        assertThat(cursor()).isEqualTo(3);
        assertThat(streams.unavailableReason()).isEmpty();
    }

    @Test
    void settleOnAnEmptyNodeIsCreditedLive() {
        follow();
        pay(7);
        untilAllCredited();
        assertThat(cursor()).isEqualTo(1);
    }

    @Test
    void settlesWhileAwayAreCreditedAfterwards() {
        pay(1);
        follow();
        undeploy();
        pay(2);
        pay(3);
        assertThat(sink.credits(id)).hasSize(1);
        follow();
        assertThat(sink.credits(id)).isEqualTo(paid);
    }

    @Test
    void nodeThatCrashesIsFollowedAgain() {
        pay(1);
        follow();
        await(merchant.crash());
        Waiting.until(DATABASE.vertx(), () -> streams.unavailableReason().isPresent());
        merchant.faults().down(false);
        pay(2);
        untilAllCredited();
        Waiting.until(DATABASE.vertx(), () -> streams.unavailableReason().isEmpty());
    }

    @Test
    void lostRepeatedAndReorderedMessagesChangeNothing() {
        follow();
        merchant.faults().messages(25, 25, 25);
        for (int i = 1; i <= 60; i++) {
            pay(i);
        }
        merchant.faults().clear();
        await(streams.auditNow());
        assertThat(sink.credits(id)).isEqualTo(paid);
        assertThat(cursor()).isEqualTo(60);
    }

    @Test
    void streamCutAtEveryMessageLosesNothing() {
        follow();
        for (int at = 0; at < 6; at++) {
            merchant.faults().cutAfter(at % 3);
            pay(100 + at);
        }
        pay(200);
        merchant.faults().clear();
        untilAllCredited();
    }

    @Test
    void auditsFollowEachOtherAndTheTimerSkipsWhileOneRuns() {
        AtomicInteger reads = new AtomicInteger();
        AtomicReference<Future<Void>> gate = new AtomicReference<>(Future.succeededFuture());
        deploy(
                AlteredNode.of(merchant, "listInvoices", (arguments, usual) -> {
                    reads.incrementAndGet(); // the only page of empty books
                    return gate.get().compose(open -> (Future<?>) usual.answer());
                }),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> streams.caughtUpAt().isPresent());
        await(streams.auditNow()); // after what the connect reads
        Promise<Void> release = Promise.promise();
        gate.set(release.future());
        int before = reads.get();
        Future<Void> first = streams.auditNow();
        for (int tick = 0; tick < 3; tick++) {
            streams.auditDue();
        }
        Future<Void> second = streams.auditNow();
        Waiting.until(DATABASE.vertx(), () -> reads.get() > before);
        release.complete();
        await(first);
        await(second);
        assertThat(reads.get() - before).isEqualTo(2);
    }

    @Test
    void batchWhoseTransactionFailsIsTriedAgain() {
        follow();
        sink.failNext(3);
        pay(5);
        untilAllCredited();
        assertThat(sink.failuresLeft()).isZero();
        assertThat(cursor()).isEqualTo(1);
    }

    @Test
    void settleThatCannotBeAppliedIsSetAsideAndTheOthersAreCredited() {
        sink.refuse(13_000);
        pay(1);
        PaymentHash refused = pay(13);
        pay(2);
        long amount = paid.remove(refused);
        follow();
        pay(3);
        untilAllCredited();
        assertThat(cursor()).isEqualTo(4);
        assertThat(setAside()).containsExactly(refused.hex());
        await(streams.auditNow());
        assertThat(setAside()).as("it is still impossible").containsExactly(refused.hex());
        sink.refuse(0);
        paid.put(refused, amount);
        await(streams.auditNow());
        untilAllCredited();
        assertThat(setAside()).isEmpty();
    }

    @Test
    void whatANodeHadSettledBeforeItWasFirstSeenIsItsBaseline() {
        pay(1);
        pay(2);
        follow();
        assertThat(await(new LightningRepository(DATABASE.db()).find(id))
                        .orElseThrow()
                        .baseline())
                .isEqualTo(2);
        pay(3);
        untilAllCredited();
        undeploy();
        follow();
        assertThat(await(new LightningRepository(DATABASE.db()).find(id))
                        .orElseThrow()
                        .baseline())
                .isEqualTo(2);
    }

    private List<String> setAside() {
        return await(SetAside.of(DATABASE.db(), "settle:" + id, "")).stream()
                .map(SetAside.Fact::key)
                .toList();
    }

    @Test
    void processWithoutTheLeaseWritesNothing() {
        AtomicInteger refusals = new AtomicInteger();
        pay(1);
        deploy(merchant, tx -> {
            refusals.incrementAndGet();
            return Future.failedFuture(new Failure.Conflict("fenced", "the lease is another's").exception());
        });
        Waiting.until(DATABASE.vertx(), () -> refusals.get() >= 2);
        assertThat(sink.credits(id)).isEmpty();
        assertThat(sink.commits()).isZero();
        assertThat(streams.caughtUpAt()).isEmpty();
    }

    @Test
    void nodeRestoredFromABackupIsRefused() {
        pay(1);
        pay(2);
        follow();
        undeploy();
        await(merchant.wipe());
        deploy(merchant, Fence.NONE);
        Waiting.until(
                DATABASE.vertx(), () -> streams.unavailableReason().orElse("").contains("reconciliation"));
        assertThat(streams.caughtUpAt()).isEmpty();
        assertThat(streams.untrustedReason().orElse("")).contains("reconciliation");
        assertThat(cursor()).isEqualTo(2);
    }

    @Test
    void nodeThatIsRefusedIsNotAskedHowAnInvoiceEnded() {
        pay(1);
        follow();
        undeploy();
        PaymentHash whileAway = pay(2);
        await(merchant.wipe());
        deploy(merchant, Fence.NONE);
        Waiting.until(
                DATABASE.vertx(), () -> streams.unavailableReason().orElse("").contains("reconciliation"));
        assertThat(failure(streams.sweep(whileAway))).hasMessageContaining("lightning-not-connected");
        assertThat(failure(streams.trust().ask(LightningNode::info))).hasMessageContaining("lightning-not-connected");
    }

    @Test
    void nodeIsNotAskedBetweenItsLossAndItsNextAdmission() {
        pay(1);
        follow();
        await(streams.trust().ask(LightningNode::info));
        await(merchant.crash());
        Waiting.until(DATABASE.vertx(), () -> !streams.trust().isGiven());
        PaymentHash unknown = Preimage.random(Entropy.secure()).hash();
        assertThat(failure(streams.sweep(unknown))).hasMessageContaining("lightning-not-connected");
        merchant.faults().down(false);
        Waiting.until(DATABASE.vertx(), () -> streams.trust().isGiven());
        await(streams.sweep(unknown));
    }

    @Test
    void answerThatOutlivesItsConnectionDoesNotCount() {
        Promise<Void> release = Promise.promise();
        deploy(
                AlteredNode.of(
                        merchant,
                        "lookup",
                        (arguments, usual) -> release.future().compose(on -> (Future<?>) usual.answer())),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> streams.caughtUpAt().isPresent());
        Future<Void> swept = streams.sweep(Preimage.random(Entropy.secure()).hash());
        await(merchant.crash());
        Waiting.until(DATABASE.vertx(), () -> !streams.trust().isGiven());
        merchant.faults().down(false);
        Waiting.until(DATABASE.vertx(), () -> streams.trust().isGiven());
        release.complete();
        assertThat(failure(swept)).hasMessageContaining("lost before it answered");
    }

    @Test
    void nodeOfAnotherIdentityIsRefused() {
        follow();
        undeploy();
        deploy(customer, Fence.NONE);
        Waiting.until(
                DATABASE.vertx(), () -> streams.unavailableReason().orElse("").contains("another identity"));
    }

    @Test
    void unsyncedNodeIsUnavailableWithAReason() {
        merchant.faults().unsynced(true);
        deploy(merchant, Fence.NONE);
        Waiting.until(
                DATABASE.vertx(), () -> streams.unavailableReason().orElse("").contains("not synchronised"));
    }

    @Test
    void nodeThatCannotReceiveIsUnavailableAndStillTrusted() {
        deploy(
                AlteredNode.of(
                        merchant,
                        "info",
                        (arguments, usual) -> ((Future<?>) usual.answer()).map(info -> full((NodeInfo) info))),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> streams.caughtUpAt().isPresent());
        assertThat(streams.unavailableReason().orElse("")).contains("cannot receive anything");
        assertThat(streams.untrustedReason()).isEmpty();
    }

    /** All of its channels' money is its own. */
    private static NodeInfo full(NodeInfo info) {
        return new NodeInfo(
                info.pubkey(), info.alias(), info.version(), info.network(), info.blockHeight(), true, 1, Msat.ZERO);
    }

    @Test
    void sweepCreditsOneHashWithoutTheStream() {
        follow();
        merchant.faults().messages(100, 0, 0);
        PaymentHash hash = pay(9);
        await(streams.sweep(hash));
        assertThat(sink.credits(id)).isEqualTo(paid);
    }

    @Test
    void sweepOfAnOpenOrUnknownInvoiceCreditsNothing() {
        follow();
        Preimage preimage = Preimage.random(Entropy.secure());
        await(streams.sweep(preimage.hash()));
        await(merchant.addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false));
        await(streams.sweep(preimage.hash()));
        assertThat(sink.credits(id)).isEmpty();
    }

    @Test
    void settleThatItsStreamLosesIsCreditedByTheHintOfItsHtlc() {
        deploy(
                AlteredNode.of(merchant, "subscribeSettles", (arguments, usual) -> {
                    arguments[1] = (Consumer<Settle>) lost -> {};
                    return usual.answer();
                }),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> streams.caughtUpAt().isPresent());
        pay(4);
        untilAllCredited();
    }

    @Test
    void settleThatCameIsNotAskedForAgain() {
        AtomicInteger lookups = new AtomicInteger();
        HtlcHints hints = new HtlcHints(id, merchant);
        hints.open(Runnable::run);
        PaymentHash came = pay(1);
        PaymentHash lost = pay(2);
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
        await(DATABASE.db().tx(tx -> repository.register(tx, id, merchant.pubkey(), 0)));
        SettleWriter writer = new SettleWriter(DATABASE.db(), repository, id, sink, Fence.NONE, Clock.system());
        Settle late = new Settle(Preimage.random(Entropy.secure()).hash(), Msat.ofSat(1), 3, Instant.EPOCH);
        Settle newest = new Settle(Preimage.random(Entropy.secure()).hash(), Msat.ofSat(1), 9, Instant.EPOCH);
        await(writer.submit(List.of(newest)));
        await(writer.submit(List.of(late)));
        assertThat(cursor()).isEqualTo(9);
        assertThat(sink.credits(id)).hasSize(2);
        assertThat(await(repository.find(id)).orElseThrow().settledHash()).isEqualTo(newest.hash());
    }

    @Test
    void lostAnswerOfAnInvoiceIsHealedByAskingAgain() {
        Preimage preimage = Preimage.random(Entropy.secure());
        merchant.faults().loseAnswers(1);
        failure(merchant.addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false));
        long index = await(merchant.addInvoice(preimage, Msat.ofSat(1), "", null, Duration.ofHours(1), false))
                .addIndex();
        assertThat(index).isEqualTo(1);
    }
}
