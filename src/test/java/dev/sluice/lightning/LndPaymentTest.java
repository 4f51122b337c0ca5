package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
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
import dev.sluice.lightning.lnd.LndChannels;
import dev.sluice.lightning.lnd.LndNode;
import dev.sluice.lightning.sim.SimulatedNetwork;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The payment machine with a real LND as payer. */
@Tag("node")
class LndPaymentTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final LndChannels CHANNELS = new LndChannels();
    private static final Duration HOUR = Duration.ofHours(1);
    private static LndPair pair;
    private static LightningNode theirs;
    private static PaymentRig rig;

    private final Preimage preimage = Preimage.random(Entropy.secure());

    @BeforeAll
    static void start() {
        pair = new LndPair();
        theirs = open(pair.merchant().connection("admin"));
        rig = new PaymentRig(DATABASE, open(pair.customer().connection("admin")));
        rig.start();
    }

    @AfterAll
    static void stop() {
        if (pair != null) {
            rig.stop();
            pair.close();
        }
        CHANNELS.close();
    }

    private static LightningNode open(String connection) {
        return await(LndNode.open(DATABASE.vertx(), CHANNELS, ConnectionString.parse(connection), "regtest"));
    }

    private void assertPaidOnce(PaymentHash hash) {
        assertThat(rig.outcome(hash).result()).isInstanceOfSatisfying(Result.Paid.class, paid -> {
            assertThat(paid.preimageHex()).isEqualTo(preimage.hex());
            assertThat(paid.amount()).isEqualTo(Msat.ofSat(100));
        });
        assertThat(rig.timesTold(hash)).isEqualTo(1);
    }

    @Test
    void realInvoiceIsPaidOnce() {
        String bolt11 = await(theirs.addInvoice(preimage, Msat.ofSat(100), "", null, HOUR, false))
                .bolt11();
        assertPaidOnce(rig.pay(bolt11));
    }

    @Test
    void invoiceOfANodeNobodyKnowsFailsForGood() {
        SimulatedNetwork elsewhere = new SimulatedNetwork(DATABASE.vertx(), Clock.system(), 9, null);
        String bolt11 = await(elsewhere.node("island").addInvoice(preimage, Msat.ofSat(100), "", null, HOUR, false))
                .bolt11();
        PaymentHash hash = rig.pay(bolt11);
        assertThat(rig.outcome(hash).result()).isEqualTo(new Result.NotPaid("no-route"));
        assertThat(rig.row(hash).state()).isEqualTo(State.FAILED);
        elsewhere.close();
    }

    @Test
    void expiredInvoiceIsRefusedForGood() {
        SimulatedNetwork past = new SimulatedNetwork(
                DATABASE.vertx(), () -> Clock.system().now().minus(HOUR.multipliedBy(3)), 9, null);
        String bolt11 = await(past.node("island").addInvoice(preimage, Msat.ofSat(100), "", null, HOUR, false))
                .bolt11();
        assertThat(rig.outcome(rig.pay(bolt11)).result())
                .isInstanceOfSatisfying(
                        Result.NotPaid.class,
                        failed -> assertThat(failed.reason()).contains("expired"));
        past.close();
    }

    @Test
    void paymentSurvivesTheDeathOfItsNode() {
        String bolt11 = await(theirs.addHoldInvoice(preimage.hash(), Msat.ofSat(100), "", HOUR))
                .bolt11();
        PaymentHash hash = rig.pay(bolt11);
        LightningNodeContract.Seen<NodeInvoice> seen = new LightningNodeContract.Seen<>();
        theirs.subscribeInvoice(hash, seen::item, seen::end);
        while (seen.next().state() != NodeInvoice.State.ACCEPTED) {}
        pair.customer().kill();
        await(theirs.settle(preimage));
        assertThat(rig.row(hash).state()).isEqualTo(State.IN_FLIGHT);
        assertThat(rig.timesTold(hash)).isZero();
        pair.customer().start();
        assertPaidOnce(hash);
        assertThat(rig.row(hash).sends()).isEqualTo(1);
    }
}
