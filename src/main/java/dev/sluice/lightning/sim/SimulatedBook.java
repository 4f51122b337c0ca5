package dev.sluice.lightning.sim;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInvoice.State;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The invoices of a simulated node, with LND's rules and indexes; used on the network's thread. */
final class SimulatedBook {
    /** Some hundred megabytes; a bench stays below. */
    private static final int INVOICES_MAX = 1_000_000;

    private final Clock clock;
    private final Journal journal;
    private final Consumer<SimulatedInvoice> onChange;
    private final Map<PaymentHash, SimulatedInvoice> invoices = new HashMap<>();
    private final List<PaymentHash> byAddIndex = new ArrayList<>();
    private final List<PaymentHash> bySettleIndex = new ArrayList<>();

    SimulatedBook(Clock clock, Journal journal, Consumer<SimulatedInvoice> onChange) {
        this.clock = clock;
        this.journal = journal;
        this.onChange = onChange;
    }

    void restore(List<String> lines) {
        for (String line : lines) {
            SimulatedInvoice invoice = SimulatedInvoice.ofLine(line);
            SimulatedInvoice before = invoices.put(invoice.hash(), invoice);
            if (before == null) {
                byAddIndex.add(invoice.hash());
            }
            if (invoice.state() == State.SETTLED && (before == null || before.state() != State.SETTLED)) {
                bySettleIndex.add(invoice.hash());
            }
        }
    }

    /** Forgets everything: a node restored from nothing but its keys. */
    void wipe() {
        invoices.clear();
        byAddIndex.clear();
        bySettleIndex.clear();
    }

    long nextAddIndex() {
        return byAddIndex.size() + 1L;
    }

    void add(SimulatedInvoice invoice) {
        if (byAddIndex.size() >= INVOICES_MAX) {
            throw refused("lightning-refused", "the simulated node is full");
        }
        byAddIndex.add(invoice.hash());
        put(invoice);
    }

    /** The invoice as it is now: an open one past its time is cancelled first, as LND does. */
    @Nullable
    SimulatedInvoice find(PaymentHash hash) {
        SimulatedInvoice invoice = invoices.get(hash);
        if (invoice != null && invoice.state() == State.OPEN && clock.now().isAfter(invoice.expiresAt())) {
            put(invoice.canceled());
            return invoices.get(hash);
        }
        return invoice;
    }

    /** Takes a payment; a reason where it must fail, null where it is accepted or settled. */
    @Nullable
    String receive(PaymentHash hash, Msat amount) {
        SimulatedInvoice invoice = find(hash);
        if (invoice == null || invoice.state() != State.OPEN) {
            return "incorrect-payment-details";
        }
        if (invoice.amount() != null && amount.compareTo(invoice.amount()) < 0) {
            return "incorrect-payment-details";
        }
        Preimage preimage = invoice.preimage();
        if (preimage == null) {
            put(invoice.accepted(amount));
        } else {
            settle(invoice, preimage, amount);
        }
        return null;
    }

    private void settle(SimulatedInvoice invoice, Preimage preimage, Msat amount) {
        bySettleIndex.add(invoice.hash());
        put(invoice.settled(preimage, amount, bySettleIndex.size(), clock.now()));
    }

    void settleHeld(Preimage preimage) {
        SimulatedInvoice invoice = known(preimage.hash());
        switch (invoice.state()) {
            case SETTLED -> {}
            case ACCEPTED -> settle(invoice, preimage, invoice.received());
            case OPEN -> throw refused("lightning-refused", "invoice still open");
            case CANCELED -> throw refused("lightning-refused", "invoice already canceled");
        }
    }

    void cancel(PaymentHash hash) {
        SimulatedInvoice invoice = known(hash);
        switch (invoice.state()) {
            case CANCELED -> {}
            case OPEN, ACCEPTED -> put(invoice.canceled());
            case SETTLED -> throw refused("lightning-refused", "invoice already settled");
        }
    }

    private SimulatedInvoice known(PaymentHash hash) {
        SimulatedInvoice invoice = find(hash);
        if (invoice == null) {
            throw refused("lightning-not-found", "unable to locate invoice");
        }
        return invoice;
    }

    List<SimulatedInvoice> addedAfter(long addIndex, int limit) {
        return page(byAddIndex, addIndex, limit);
    }

    List<SimulatedInvoice> settledAfter(long settleIndex) {
        return page(bySettleIndex, settleIndex, Integer.MAX_VALUE);
    }

    private List<SimulatedInvoice> page(List<PaymentHash> index, long after, int limit) {
        List<SimulatedInvoice> page = new ArrayList<>();
        for (long at = after; at < index.size() && page.size() < limit; at++) {
            SimulatedInvoice invoice = find(index.get((int) at));
            if (invoice != null) {
                page.add(invoice);
            }
        }
        return page;
    }

    private void put(SimulatedInvoice invoice) {
        invoices.put(invoice.hash(), invoice);
        journal.append(invoice.toLine());
        onChange.accept(invoice);
    }

    private static RuntimeException refused(String code, String message) {
        return new Failure.Rejected(code, "The Lightning node refused: " + message).exception();
    }
}
