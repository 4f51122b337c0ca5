package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A way to pay an invoice.
 *
 * @param generation counts the prompts of a rail; the highest is the one shown
 * @param source wallet or node that receives
 * @param destination address or BOLT 11 invoice; null until active
 * @param amount what it asks for; null for any amount
 * @param reason why it cannot be used, or not yet, for people
 */
public record Prompt(
        InvoiceId invoice,
        Rail rail,
        int generation,
        Holder holder,
        String source,
        State state,
        @Nullable String destination,
        @Nullable String script,
        @Nullable String keyPath,
        @Nullable PaymentHash paymentHash,
        @Nullable Preimage preimage,
        @Nullable Msat amount,
        @Nullable String reason,
        Instant createdAt) {
    /** Life of a prompt. */
    public enum State {
        /** Made when somebody asks for it. */
        LAZY,
        /** Intended; the node has not confirmed it yet. */
        PENDING,
        ACTIVE,
        /** To be cancelled at its node; may still be paid until the node says so. */
        CLOSING,
        /** Must not be shown or paid any more. */
        CLOSED
    }

    /** Stands for a method that an invoice does not offer; no such row is stored. */
    static Prompt leftOut(Invoice invoice, Rail rail, String reason) {
        return new Prompt(
                invoice.id(),
                rail,
                1,
                Holder.STORE,
                "",
                State.CLOSED,
                null,
                null,
                null,
                null,
                null,
                invoice.due(),
                reason,
                invoice.createdAt());
    }

    boolean isActive() {
        return state == State.ACTIVE;
    }

    /** Whether it never was a way to pay: one that was and is closed has a hash or a script. */
    boolean isLeftOut() {
        return state == State.CLOSED && paymentHash == null && script == null;
    }
}
