package dev.sluice.lightning;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A Lightning payment of ours. Until it is final, amount and fee limit stay reserved by whoever ordered it.
 *
 * @param nodePubkey the node that was asked first, null before
 * @param sends how often the node was asked to send it
 * @param sentAt when it was last asked
 */
public record Outgoing(
        Order order,
        State state,
        @Nullable String nodePubkey,
        int sends,
        @Nullable Instant sentAt,
        @Nullable Result result) {
    /** Intended: certainly not sent. InFlight: perhaps sent; only the node knows. The others are final. */
    public enum State {
        INTENDED,
        IN_FLIGHT,
        SUCCEEDED,
        FAILED
    }

    /**
     * What is to be paid.
     *
     * @param amount given for invoices without one, and only there
     * @param purpose the business fact behind it, as {@code payout:<id>}; not shown to anyone outside
     * @param startBy if no node was asked by then, none is any more and it has failed; null for never
     */
    public record Order(
            PaymentHash hash,
            NodeId node,
            String bolt11,
            @Nullable Msat amount,
            Msat feeLimit,
            String purpose,
            @Nullable Instant startBy) {
        public Order {
            Check.require(!purpose.isBlank() && purpose.length() <= 200, "purpose");
        }

        /** An order for an invoice; its amount or {@code amount} must be known. */
        public static Order of(NodeId node, String bolt11, @Nullable Msat amount, Msat feeLimit, String purpose) {
            Bolt11 invoice = Bolt11.parse(bolt11);
            Check.require((invoice.amount() == null) == (amount != null), "an amount belongs to invoices without one");
            return new Order(invoice.hash(), node, bolt11, amount, feeLimit, purpose, null);
        }

        /** The same for somebody who waits for it. */
        public Order startingBy(Instant latest) {
            return new Order(hash, node, bolt11, amount, feeLimit, purpose, latest);
        }
    }

    /** How it ended. */
    public sealed interface Result {
        /** {@code preimageHex} proves the payment. */
        record Paid(String preimageHex, Msat amount, Msat fee) implements Result {
            @Override
            public String toString() {
                return "Paid(" + amount + ", fee " + fee + ")";
            }
        }

        /** Certainly not paid. */
        record NotPaid(String reason) implements Result {}
    }
}
