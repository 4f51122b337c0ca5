package dev.sluice.lightning;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.AddedInvoice;
import dev.sluice.lightning.LightningNode.NodeInvoice.State;
import dev.sluice.lightning.LightningNode.PayRequest;
import dev.sluice.lightning.LightningNode.PaymentState;
import dev.sluice.lightning.LightningNode.Settle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What every Lightning node must do; run against the simulator and against real LND nodes. */
abstract class LightningNodeContract {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Msat AMOUNT = Msat.ofSat(1_500);

    /** The node under test, which receives. */
    abstract LightningNode payee();

    /** A node with a channel to the payee. */
    abstract LightningNode payer();

    private final Preimage preimage = Preimage.random(Entropy.secure());

    private AddedInvoice invoice(Msat amount) {
        return await(payee().addInvoice(preimage, amount, "two coffees", null, HOUR, false));
    }

    /** A stream's messages and its end, as a test reads them. */
    static final class Seen<T> {
        private final BlockingQueue<Object> queue = new LinkedBlockingQueue<>();

        void item(T item) {
            queue.add(item);
        }

        void end(Throwable cause) {
            queue.add(cause == null ? "end" : cause);
        }

        @SuppressWarnings("unchecked")
        T next() {
            Object next = anything();
            assertThat(next).isNotInstanceOf(Throwable.class).isNotEqualTo("end");
            return (T) next;
        }

        Object anything() {
            try {
                Object next = queue.poll(60, TimeUnit.SECONDS);
                assertThat(next).as("a message of the stream").isNotNull();
                return next;
            } catch (InterruptedException interrupted) {
                throw new AssertionError(interrupted);
            }
        }

        void assertRefusedWith(String code) {
            assertThat(anything())
                    .isInstanceOfSatisfying(
                            FailureException.class,
                            end -> assertThat(end.failure().code()).isEqualTo(code));
        }
    }

    private Seen<PaymentState> pay(String bolt11, Msat amount) {
        Seen<PaymentState> seen = new Seen<>();
        payer().pay(new PayRequest(bolt11, amount, Msat.ofSat(10), Duration.ofSeconds(30)), seen::item, seen::end);
        return seen;
    }

    private static PaymentState outcome(Seen<PaymentState> seen) {
        PaymentState state = seen.next();
        while (state instanceof PaymentState.InFlight) {
            state = seen.next();
        }
        return state;
    }

    private PaymentState.Succeeded paid(String bolt11, Msat amount) {
        PaymentState state = outcome(pay(bolt11, amount));
        assertThat(state).isInstanceOf(PaymentState.Succeeded.class);
        return (PaymentState.Succeeded) state;
    }

    @Test
    void nodeTellsWhoItIs() {
        LightningNode.NodeInfo info = await(payee().info());
        assertThat(info.pubkey()).matches("0[23][0-9a-f]{64}");
        assertThat(info.network()).isEqualTo("regtest");
        assertThat(info.syncedToChain()).isTrue();
        assertThat(info.activeChannels()).isPositive();
        assertThat(info.receivable()).isGreaterThan(Msat.ZERO);
    }

    @Test
    void invoiceIsPaidOnceAndSaysSo() {
        AddedInvoice added = invoice(AMOUNT);
        assertThat(added.hash()).isEqualTo(preimage.hash());
        assertThat(await(payee().lookup(added.hash())).state()).isEqualTo(State.OPEN);

        PaymentState.Succeeded paid = paid(added.bolt11(), null);
        assertThat(paid.preimage().hex()).isEqualTo(preimage.hex());
        assertThat(paid.amount()).isEqualTo(AMOUNT);

        LightningNode.NodeInvoice settled = await(payee().lookup(added.hash()));
        assertThat(settled.state()).isEqualTo(State.SETTLED);
        assertThat(settled.received()).isEqualTo(AMOUNT);
        assertThat(settled.settleIndex()).isPositive();
        assertThat(settled.settledAt()).isNotNull();

        pay(added.bolt11(), null).assertRefusedWith("payment-exists");
    }

    @Test
    void addingTheSamePreimageAgainGivesTheSameInvoice() {
        AddedInvoice first = invoice(AMOUNT);
        assertThat(invoice(AMOUNT)).isEqualTo(first);
    }

    @Test
    void invoiceDecodesToWhatWasAsked() {
        AddedInvoice added = invoice(new Msat(1_234_567));
        LightningNode.DecodedInvoice decoded = await(payer().decode(added.bolt11()));
        assertThat(decoded.hash()).isEqualTo(added.hash());
        assertThat(decoded.amount()).isEqualTo(new Msat(1_234_567));
        assertThat(decoded.description()).isEqualTo("two coffees");
        assertThat(decoded.destination()).isEqualTo(await(payee().info()).pubkey());

        Bolt11 own = Bolt11.parse(added.bolt11());
        assertThat(own.hash()).isEqualTo(decoded.hash());
        assertThat(own.amount()).isEqualTo(decoded.amount());
        assertThat(own.description()).isEqualTo(decoded.description());
        assertThat(own.payee()).isEqualTo(decoded.destination());
        assertThat(own.expiresAt()).isEqualTo(decoded.expiresAt());
    }

    @Test
    void anyAmountInvoiceTakesThePayersAmount() {
        AddedInvoice added = invoice(null);
        assertThat(paid(added.bolt11(), Msat.ofSat(321)).amount()).isEqualTo(Msat.ofSat(321));
        assertThat(await(payee().lookup(added.hash())).received()).isEqualTo(Msat.ofSat(321));
    }

    @Test
    void unknownHashIsNullAndCannotBeCancelled() {
        assertThat(await(payee().lookup(preimage.hash()))).isNull();
        assertThat(failure(payee().cancel(preimage.hash())))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure().code()).isEqualTo("lightning-not-found"));
    }

    @Test
    void cancelledInvoiceCannotBePaid() {
        AddedInvoice added = invoice(AMOUNT);
        await(payee().cancel(added.hash()));
        await(payee().cancel(added.hash()));
        assertThat(outcome(pay(added.bolt11(), null)))
                .isInstanceOfSatisfying(
                        PaymentState.Failed.class,
                        failed -> assertThat(failed.reason()).isEqualTo("incorrect-payment-details"));
        assertThat(await(payee().lookup(added.hash())).state()).isEqualTo(State.CANCELED);
    }

    @Test
    void settledInvoiceCannotBeCancelled() {
        AddedInvoice added = invoice(AMOUNT);
        paid(added.bolt11(), null);
        assertThat(failure(payee().cancel(added.hash())))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Rejected.class));
    }

    @Test
    void heldPaymentSettlesWhenThePreimageIsGiven() {
        AddedInvoice held = await(payee().addHoldInvoice(preimage.hash(), AMOUNT, "hold", HOUR));
        assertThat(await(payee().addHoldInvoice(preimage.hash(), AMOUNT, "hold", HOUR)))
                .isEqualTo(held);
        Seen<LightningNode.NodeInvoice> states = new Seen<>();
        payee().subscribeInvoice(held.hash(), states::item, states::end);
        assertThat(states.next().state()).isEqualTo(State.OPEN);
        Seen<PaymentState> payment = pay(held.bolt11(), null);
        assertThat(states.next().state()).isEqualTo(State.ACCEPTED);
        assertThat(payment.next()).isInstanceOf(PaymentState.InFlight.class);
        await(payee().settle(preimage));
        assertThat(states.next().state()).isEqualTo(State.SETTLED);
        assertThat(states.anything()).isEqualTo("end");
        assertThat(outcome(payment)).isInstanceOf(PaymentState.Succeeded.class);
        await(payee().settle(preimage));
    }

    @Test
    void heldPaymentFailsWhenCancelled() {
        AddedInvoice held = await(payee().addHoldInvoice(preimage.hash(), AMOUNT, "hold", HOUR));
        assertThat(failure(payee().settle(preimage))).isInstanceOf(FailureException.class);
        Seen<LightningNode.NodeInvoice> states = new Seen<>();
        payee().subscribeInvoice(held.hash(), states::item, states::end);
        assertThat(states.next().state()).isEqualTo(State.OPEN);
        Seen<PaymentState> payment = pay(held.bolt11(), null);
        assertThat(states.next().state()).isEqualTo(State.ACCEPTED);
        await(payee().cancel(held.hash()));
        assertThat(states.next().state()).isEqualTo(State.CANCELED);
        assertThat(outcome(payment)).isInstanceOf(PaymentState.Failed.class);
    }

    @Test
    void streamReplaysWhatSettledAfterTheIndex() {
        AddedInvoice first = invoice(AMOUNT);
        paid(first.bolt11(), null);
        long index = await(payee().lookup(first.hash())).settleIndex();
        List<AddedInvoice> more = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            more.add(await(payee().addInvoice(Preimage.random(Entropy.secure()), AMOUNT, "", null, HOUR, false)));
            paid(more.get(i).bolt11(), null);
        }
        Seen<Settle> replay = new Seen<>();
        LightningNode.Subscription stream = payee().subscribeSettles(index, replay::item, replay::end);
        for (AddedInvoice each : more) {
            Settle settle = replay.next();
            assertThat(settle.hash()).isEqualTo(each.hash());
            assertThat(settle.received()).isEqualTo(AMOUNT);
            assertThat(settle.settleIndex()).isGreaterThan(index);
        }
        stream.cancel();
    }

    @Test
    void htlcEventsNameTheInvoiceThatWasPaid() {
        Seen<PaymentHash> hints = new Seen<>();
        LightningNode.Subscription stream = payee().subscribeHtlcs(hints::item, hints::end);
        await(payee().info());
        AddedInvoice added = invoice(AMOUNT);
        paid(added.bolt11(), null);
        while (!hints.next().equals(added.hash())) {} // hints of other payments come between
        stream.cancel();
    }

    @Test
    void booksListInvoicesOfEveryState() {
        AddedInvoice open = invoice(AMOUNT);
        AddedInvoice settled =
                await(payee().addInvoice(Preimage.random(Entropy.secure()), AMOUNT, "", null, HOUR, false));
        paid(settled.bolt11(), null);
        LightningNode.Page page = await(payee().listInvoices(open.addIndex() - 1, 10));
        assertThat(page.invoices().getFirst().hash()).isEqualTo(open.hash());
        assertThat(page.invoices().getFirst().state()).isEqualTo(State.OPEN);
        assertThat(page.invoices()).anySatisfy(invoice -> {
            assertThat(invoice.hash()).isEqualTo(settled.hash());
            assertThat(invoice.state()).isEqualTo(State.SETTLED);
        });
        assertThat(await(payee().listInvoices(page.lastAddIndex(), 10)).lastAddIndex())
                .isZero();
        assertThat(await(payee().listInvoices(open.addIndex() - 1, 1)).invoices())
                .hasSize(1);
    }

    @Test
    void trackingTellsTheEndAndRefusesTheUnknown() {
        AddedInvoice added = invoice(AMOUNT);
        Seen<PaymentState> unknown = new Seen<>();
        payer().track(added.hash(), unknown::item, unknown::end);
        unknown.assertRefusedWith("payment-not-found");
        paid(added.bolt11(), null);
        Seen<PaymentState> known = new Seen<>();
        payer().track(added.hash(), known::item, known::end);
        assertThat(outcome(known)).isInstanceOf(PaymentState.Succeeded.class);
    }

    @Test
    void malformedInvoiceIsRefused() {
        assertThat(failure(payer().decode("lnbcrt1nonsense")))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Rejected.class));
    }
}
