package dev.sluice.lightning.sim;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Bolt11;
import dev.sluice.lightning.LightningNode.NodeInvoice.State;
import dev.sluice.lightning.LightningNode.PayRequest;
import dev.sluice.lightning.LightningNode.PaymentState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a simulated node pays; used on the network's thread. Payments between direct peers cost no fee. */
final class SimulatedPayments {
    private final Clock clock;
    private final SimulatedNetwork network;
    private final Map<PaymentHash, PaymentState> payments = new HashMap<>();
    private final Map<PaymentHash, Msat> amounts = new HashMap<>();
    private final Map<PaymentHash, List<SimulatedStream<PaymentState>>> followers = new HashMap<>();

    SimulatedPayments(Clock clock, SimulatedNetwork network) {
        this.clock = clock;
        this.network = network;
    }

    void pay(SimulatedLightning payer, PayRequest request, SimulatedStream<PaymentState> stream) {
        Bolt11 invoice;
        Msat amount;
        try {
            invoice = Bolt11.parse(request.bolt11());
            amount = amount(invoice, request.amount());
            if (clock.now().isAfter(invoice.expiresAt())) {
                throw new Failure.Rejected("lightning-refused", "invoice expired").exception();
            }
        } catch (FailureException refused) {
            stream.end(refused);
            return;
        }
        PaymentState before = payments.get(invoice.hash());
        if (before != null && !(before instanceof PaymentState.Failed)) {
            stream.refuse("payment-exists", "the payment is in flight or paid");
            return;
        }
        amounts.put(invoice.hash(), amount);
        follow(invoice.hash(), stream);
        report(new PaymentState.InFlight(invoice.hash()));
        String refusal = network.deliver(payer, invoice.payee(), invoice.hash(), amount);
        if (refusal != null) {
            report(new PaymentState.Failed(invoice.hash(), refusal));
        }
    }

    private static Msat amount(Bolt11 invoice, @Nullable Msat chosen) {
        if ((invoice.amount() == null) == (chosen == null)) {
            throw new Failure.Rejected("lightning-refused", "an amount belongs to invoices without one, and only there")
                    .exception();
        }
        return invoice.amount() == null ? chosen : invoice.amount();
    }

    void track(PaymentHash hash, SimulatedStream<PaymentState> stream) {
        PaymentState state = payments.get(hash);
        if (state == null) {
            stream.refuse("payment-not-found", "the node knows no payment of this hash");
            return;
        }
        follow(hash, stream);
        stream.offer(state);
        if (!(state instanceof PaymentState.InFlight)) {
            stream.finish();
        }
    }

    private void follow(PaymentHash hash, SimulatedStream<PaymentState> stream) {
        List<SimulatedStream<PaymentState>> streams = followers.computeIfAbsent(hash, none -> new ArrayList<>());
        streams.removeIf(SimulatedStream::isEnded);
        streams.add(stream);
    }

    /** The payee settled or cancelled what this node has in flight. */
    void resolved(SimulatedInvoice invoice) {
        Preimage preimage = invoice.preimage();
        if (!(payments.get(invoice.hash()) instanceof PaymentState.InFlight)) {
            return;
        }
        if (invoice.state() == State.SETTLED && preimage != null) {
            Msat amount = amounts.getOrDefault(invoice.hash(), invoice.received());
            report(new PaymentState.Succeeded(invoice.hash(), preimage, amount, Msat.ZERO));
        } else if (invoice.state() == State.CANCELED) {
            report(new PaymentState.Failed(invoice.hash(), "incorrect-payment-details"));
        }
    }

    private void report(PaymentState state) {
        payments.put(state.hash(), state);
        boolean over = !(state instanceof PaymentState.InFlight);
        for (SimulatedStream<PaymentState> stream : List.copyOf(followers.getOrDefault(state.hash(), List.of()))) {
            stream.offer(state);
            if (over) {
                stream.finish();
            }
        }
        if (over) {
            followers.remove(state.hash());
        }
    }

    /** Forgets every payment, as a node restored from its seed does. */
    void wipe() {
        payments.clear();
        amounts.clear();
    }

    void endStreams(Throwable cause) {
        List<SimulatedStream<PaymentState>> all = new ArrayList<>();
        followers.values().forEach(all::addAll);
        followers.clear();
        all.forEach(stream -> stream.end(cause));
    }
}
