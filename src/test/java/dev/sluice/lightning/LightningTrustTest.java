package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInfo;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which nodes are followed and asked: the known one, in one unbroken connection, by the process whose turn it is. */
class LightningTrustTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final StreamRig rig = new StreamRig(DATABASE);

    @Test
    void processWithoutTheLeaseWritesNothing() {
        AtomicInteger refusals = new AtomicInteger();
        rig.pay(1);
        rig.deploy(rig.merchant(), tx -> {
            refusals.incrementAndGet();
            return Future.failedFuture(new Failure.Conflict("fenced", "the lease is another's").exception());
        });
        Waiting.until(DATABASE.vertx(), () -> refusals.get() >= 2);
        assertThat(rig.credits()).isEmpty();
        assertThat(rig.sink().commits()).isZero();
        assertThat(rig.streams().caughtUpAt()).isEmpty();
    }

    @Test
    void nodeRestoredFromABackupIsRefused() {
        rig.pay(1);
        rig.pay(2);
        rig.follow();
        rig.undeploy();
        await(rig.merchant().wipe());
        rig.deploy(rig.merchant(), Fence.NONE);
        Waiting.until(
                DATABASE.vertx(),
                () -> rig.streams().unavailableReason().orElse("").contains("reconciliation"));
        assertThat(rig.streams().caughtUpAt()).isEmpty();
        assertThat(rig.streams().untrustedReason().orElse("")).contains("reconciliation");
        assertThat(rig.cursor()).isEqualTo(2);
    }

    @Test
    void nodeThatIsRefusedIsNotAskedHowAnInvoiceEnded() {
        rig.pay(1);
        rig.follow();
        rig.undeploy();
        PaymentHash whileAway = rig.pay(2);
        await(rig.merchant().wipe());
        rig.deploy(rig.merchant(), Fence.NONE);
        Waiting.until(
                DATABASE.vertx(),
                () -> rig.streams().unavailableReason().orElse("").contains("reconciliation"));
        assertThat(failure(rig.streams().sweep(whileAway))).hasMessageContaining("lightning-not-connected");
        assertThat(failure(rig.streams().trust().ask(LightningNode::info)))
                .hasMessageContaining("lightning-not-connected");
    }

    @Test
    void nodeIsNotAskedBetweenItsLossAndItsNextAdmission() {
        rig.pay(1);
        rig.follow();
        await(rig.streams().trust().ask(LightningNode::info));
        await(rig.merchant().crash());
        Waiting.until(DATABASE.vertx(), () -> !rig.streams().trust().isGiven());
        PaymentHash unknown = Preimage.random(Entropy.secure()).hash();
        assertThat(failure(rig.streams().sweep(unknown))).hasMessageContaining("lightning-not-connected");
        rig.merchant().faults().down(false);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().trust().isGiven());
        await(rig.streams().sweep(unknown));
    }

    @Test
    void answerThatOutlivesItsConnectionDoesNotCount() {
        Promise<Void> release = Promise.promise();
        rig.deploy(
                AlteredNode.of(
                        rig.merchant(),
                        "lookup",
                        (arguments, usual) -> release.future().compose(on -> (Future<?>) usual.answer())),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().caughtUpAt().isPresent());
        Future<Void> swept =
                rig.streams().sweep(Preimage.random(Entropy.secure()).hash());
        await(rig.merchant().crash());
        Waiting.until(DATABASE.vertx(), () -> !rig.streams().trust().isGiven());
        rig.merchant().faults().down(false);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().trust().isGiven());
        release.complete();
        assertThat(failure(swept)).hasMessageContaining("lost before it answered");
    }

    @Test
    void nodeOfAnotherIdentityIsRefused() {
        rig.follow();
        rig.undeploy();
        rig.deploy(rig.customer(), Fence.NONE);
        Waiting.until(
                DATABASE.vertx(),
                () -> rig.streams().unavailableReason().orElse("").contains("another identity"));
    }

    @Test
    void unsyncedNodeIsUnavailableWithAReason() {
        rig.merchant().faults().unsynced(true);
        rig.deploy(rig.merchant(), Fence.NONE);
        Waiting.until(
                DATABASE.vertx(),
                () -> rig.streams().unavailableReason().orElse("").contains("not synchronised"));
    }

    @Test
    void nodeThatCannotReceiveIsUnavailableAndStillTrusted() {
        rig.deploy(
                AlteredNode.of(
                        rig.merchant(),
                        "info",
                        (arguments, usual) -> ((Future<?>) usual.answer()).map(info -> full((NodeInfo) info))),
                Fence.NONE);
        Waiting.until(DATABASE.vertx(), () -> rig.streams().caughtUpAt().isPresent());
        assertThat(rig.streams().unavailableReason().orElse("")).contains("cannot receive anything");
        assertThat(rig.streams().untrustedReason()).isEmpty();
    }

    /** All of its channels' money is its own. */
    private static NodeInfo full(NodeInfo info) {
        return new NodeInfo(
                info.pubkey(), info.alias(), info.version(), info.network(), info.blockHeight(), true, 1, Msat.ZERO);
    }
}
