package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.Outgoing.Result;
import dev.sluice.lightning.Outgoing.State;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PaymentMachineTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final Preimage preimage = Preimage.random(Entropy.secure());
    private SimulatedNetwork network;
    private SimulatedLightning ours;
    private SimulatedLightning theirs;
    private PaymentRig rig;

    @BeforeEach
    void start() {
        network = new SimulatedNetwork(DATABASE.vertx(), Clock.system(), 7, null);
        ours = network.node("ours");
        theirs = network.node("theirs");
        rig = new PaymentRig(DATABASE, ours);
        rig.start();
    }

    @AfterEach
    void stop() {
        rig.stop();
        network.close();
    }

    private String invoice() {
        return await(theirs.addInvoice(preimage, Msat.ofSat(100), "", null, Duration.ofHours(1), false))
                .bolt11();
    }

    private String holdInvoice() {
        return await(theirs.addHoldInvoice(preimage.hash(), Msat.ofSat(100), "", Duration.ofHours(1)))
                .bolt11();
    }

    private NodeInvoice.State theirState() {
        return await(theirs.lookup(preimage.hash())).state();
    }

    private void untilTheyHoldIt() {
        LightningNodeContract.Seen<NodeInvoice> seen = new LightningNodeContract.Seen<>();
        theirs.subscribeInvoice(preimage.hash(), seen::item, seen::end);
        while (seen.next().state() != NodeInvoice.State.ACCEPTED) {}
    }

    private void assertPaidOnce(PaymentHash hash) {
        assertThat(rig.outcome(hash).result()).isEqualTo(new Result.Paid(preimage.hex(), Msat.ofSat(100), Msat.ZERO));
        assertThat(rig.row(hash).state()).isEqualTo(State.SUCCEEDED);
        assertThat(rig.timesTold(hash)).isEqualTo(1);
    }

    @Test
    void paymentIsMadeAndTold() {
        assertPaidOnce(rig.pay(invoice()));
    }

    @Test
    void intentAloneSendsNothing() {
        PaymentHash hash = rig.intend(invoice());
        assertThat(rig.row(hash).state()).isEqualTo(State.INTENDED);
        assertThat(theirState()).isEqualTo(NodeInvoice.State.OPEN);
    }

    @Test
    void intentIsTakenUpAfterARestart() {
        PaymentHash hash = rig.intend(invoice());
        rig.stop();
        rig.start();
        assertPaidOnce(hash);
    }

    /** Whoever waited for it has paid otherwise by then. */
    @Test
    void orderThatNobodyBeganInTimeHasFailed() {
        Outgoing.Order order = Outgoing.Order.of(PaymentRig.NODE, invoice(), null, Msat.ofSat(10), "tap")
                .startingBy(Clock.system().now().minusSeconds(1));
        await(DATABASE.db().tx(tx -> rig.machine().intend(tx, order)));
        rig.machine().drive(order.hash());
        assertThat(rig.outcome(order.hash()).result()).isEqualTo(new Result.NotPaid("not-sent-in-time"));
        assertThat(rig.row(order.hash()).state()).isEqualTo(State.FAILED);
        assertThat(rig.row(order.hash()).sends()).isZero();
        assertThat(theirState()).isEqualTo(NodeInvoice.State.OPEN);
    }

    /** Between its commit and its call another may have taken over and given the money back. */
    @Test
    void processThatWasFrozenBeforeItsCallAsksWhatBecameOfItFirst() {
        AtomicBoolean freezes = new AtomicBoolean();
        AtomicReference<Duration> frozenFor = new AtomicReference<>(Duration.ZERO);
        rig.fence = tx -> {
            freezes.set(rig.outcomes.isEmpty() && frozenFor.get().isZero());
            return Future.succeededFuture();
        };
        rig.clock = () -> { // stands still for the moment that is committed, and is half a minute on after it
            Instant now = Instant.now().plus(frozenFor.get());
            if (freezes.compareAndSet(true, false)) {
                frozenFor.set(PaymentMachine.GRACE.dividedBy(2));
            }
            return now;
        };
        PaymentHash hash = rig.pay(invoice());
        assertPaidOnce(hash);
        assertThat(rig.row(hash).sends())
                .as("commits, of which the first was followed by no call")
                .isEqualTo(2);
    }

    @Test
    void orderInTimeIsPaid() {
        Outgoing.Order order = Outgoing.Order.of(PaymentRig.NODE, invoice(), null, Msat.ofSat(10), "tap")
                .startingBy(Clock.system().now().plusSeconds(60));
        await(DATABASE.db().tx(tx -> rig.machine().intend(tx, order)));
        rig.machine().drive(order.hash());
        assertPaidOnce(order.hash());
    }

    @Test
    void sameOrderAgainIsTheSamePaymentAndAnotherOneIsAConflict() {
        String bolt11 = invoice();
        PaymentHash hash = rig.pay(bolt11);
        assertPaidOnce(hash);
        assertThat(rig.pay(bolt11)).isEqualTo(hash);
        Outgoing.Order other = Outgoing.Order.of(PaymentRig.NODE, bolt11, null, Msat.ofSat(11), "other");
        assertThat(failure(DATABASE.db().tx(tx -> rig.machine().intend(tx, other))))
                .hasMessageContaining("payment-hash-used");
        assertThat(rig.timesTold(hash)).isEqualTo(1);
        assertThat(rig.row(hash).sends()).isEqualTo(1);
    }

    @Test
    void cancelledInvoiceFailsForGood() {
        String bolt11 = invoice();
        await(theirs.cancel(preimage.hash()));
        PaymentHash hash = rig.pay(bolt11);
        assertThat(rig.outcome(hash).result()).isEqualTo(new Result.NotPaid("incorrect-payment-details"));
        assertThat(rig.row(hash).state()).isEqualTo(State.FAILED);
    }

    /** The payer's stream carries two messages: in flight, paid. A third cut hits the tracking stream. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void streamCutAtEveryMessageStillPaysOnce(int at) {
        ours.faults().cutAfter(at);
        PaymentHash hash = rig.pay(invoice());
        assertPaidOnce(hash);
        assertThat(rig.row(hash).sends()).isEqualTo(1);
    }

    @Test
    void lostConnectionIsNeverAFailure() {
        String bolt11 = holdInvoice();
        PaymentHash hash = rig.pay(bolt11);
        untilTheyHoldIt();
        await(ours.crash());
        rig.stop();
        rig.start();
        assertThat(rig.row(hash).state()).isEqualTo(State.IN_FLIGHT);
        await(theirs.settle(preimage));
        assertThat(rig.timesTold(hash)).isZero();
        ours.faults().down(false);
        assertPaidOnce(hash);
    }

    @Test
    void heldPaymentThatIsCancelledFails() {
        PaymentHash hash = rig.pay(holdInvoice());
        untilTheyHoldIt();
        assertThat(rig.row(hash).state()).isEqualTo(State.IN_FLIGHT);
        await(theirs.cancel(preimage.hash()));
        assertThat(rig.outcome(hash).result()).isInstanceOf(Result.NotPaid.class);
    }

    private PaymentHash sentButNeverArrived(String bolt11) {
        rig.stop(); // first: the machine looks for orders by itself
        PaymentHash hash = rig.intend(bolt11);
        Outgoing intended = rig.row(hash);
        await(DATABASE.db()
                .tx(tx -> new PaymentRepository(DATABASE.db())
                        .sending(tx, intended, ours.pubkey(), Clock.system().now())));
        return hash;
    }

    @Test
    void crashBetweenCommitAndCallSendsTheSameHashAgain() {
        PaymentHash hash = sentButNeverArrived(invoice());
        rig.start();
        assertPaidOnce(hash);
        assertThat(rig.row(hash).sends()).isEqualTo(2);
    }

    @Test
    void nothingIsSentAgainWithinTheGracePeriod() {
        PaymentHash hash = sentButNeverArrived(invoice());
        rig.grace = Duration.ofHours(1);
        rig.start();
        assertStaysUnsent(hash);
    }

    @Test
    void nothingIsSentAgainWhileTheNodeIsNotTrusted() {
        PaymentHash hash = sentButNeverArrived(invoice());
        rig.untrusted = Optional.of("restored");
        rig.start();
        assertStaysUnsent(hash);
    }

    @Test
    void nothingIsSentWhileTheNodeIsNotTrusted() {
        rig.untrusted = Optional.of("restored");
        PaymentHash hash = rig.pay(invoice());
        assertStays(hash, 0);
        rig.untrusted = Optional.empty();
        assertPaidOnce(hash);
    }

    @Test
    void nothingIsSentAgainWhileTheNodeIsBehindTheChain() {
        PaymentHash hash = sentButNeverArrived(invoice());
        ours.faults().unsynced(true);
        rig.start();
        assertStaysUnsent(hash);
        ours.faults().unsynced(false);
        assertPaidOnce(hash);
    }

    @Test
    void nothingIsSentAgainToAnotherNode() {
        PaymentHash hash = sentButNeverArrived(invoice());
        rig.use(network.node("stranger"));
        rig.start();
        assertStaysUnsent(hash);
    }

    /** Another payment that goes all the way shows that the machine has had its chance. */
    private void assertStaysUnsent(PaymentHash hash) {
        assertStays(hash, 1);
    }

    private void assertStays(PaymentHash hash, int sends) {
        Preimage marker = Preimage.random(Entropy.secure());
        String bolt11 = await(theirs.addInvoice(marker, Msat.ofSat(1), "", null, Duration.ofHours(1), false))
                .bolt11();
        rig.outcome(rig.payByOther(bolt11));
        assertThat(rig.row(hash).sends()).isEqualTo(sends);
        assertThat(rig.row(hash).state()).isEqualTo(sends == 0 ? State.INTENDED : State.IN_FLIGHT);
        assertThat(theirState()).isEqualTo(NodeInvoice.State.OPEN);
    }
}
