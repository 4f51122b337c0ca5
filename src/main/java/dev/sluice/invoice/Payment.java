package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Money that arrived for an invoice.
 *
 * @param id {@code txid-vout} on chain, the payment hash on Lightning: unique, so it counts once
 * @param fee the part that covers the cost of spending it, not counted towards the price
 * @param late received after the invoice's expiry
 * @param confirmationsNeeded to be settled under the invoice's speed policy; 0 on Lightning
 * @param blockHeight the block that holds it, or null while unconfirmed or on Lightning
 * @param conflictTxid the transaction that double-spent it, for {@link Status#INVALID}
 * @param credits how often the ledger credited it
 * @param credited whether the last credit stands
 */
public record Payment(
        String id,
        InvoiceId invoice,
        Rail rail,
        Holder holder,
        String destination,
        Msat value,
        Msat fee,
        Status status,
        Instant receivedAt,
        boolean late,
        int confirmationsNeeded,
        @Nullable Integer blockHeight,
        @Nullable String blockHash,
        @Nullable String conflictTxid,
        int credits,
        boolean credited) {
    /** Greenfield's payment states. */
    public enum Status {
        PROCESSING("Processing"),
        SETTLED("Settled"),
        INVALID("Invalid");

        private final String apiName;

        Status(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }

    /** What counts towards the price. */
    Msat net() {
        return value.minusOrZero(fee);
    }

    boolean isAccounted() {
        return status != Status.INVALID;
    }

    /** Confirmations the ledger waits for: never less than one, whatever the merchant shows its buyer. */
    int confirmationsToCredit() {
        return rail == Rail.LIGHTNING ? 0 : Math.max(1, confirmationsNeeded);
    }

    /** How deep it is under a tip; 0 while unconfirmed. */
    int confirmations(int tipHeight) {
        return blockHeight == null ? 0 : Math.max(0, tipHeight - blockHeight + 1);
    }

    Payment withStatus(Status next, @Nullable String conflict) {
        return new Payment(
                id,
                invoice,
                rail,
                holder,
                destination,
                value,
                fee,
                next,
                receivedAt,
                late,
                confirmationsNeeded,
                blockHeight,
                blockHash,
                conflict,
                credits,
                credited);
    }

    Payment withBlock(@Nullable Integer height, @Nullable String hash) {
        return new Payment(
                id,
                invoice,
                rail,
                holder,
                destination,
                value,
                fee,
                status,
                receivedAt,
                late,
                confirmationsNeeded,
                height,
                hash,
                conflictTxid,
                credits,
                credited);
    }

    Payment withCredit(int times, boolean stands) {
        return new Payment(
                id,
                invoice,
                rail,
                holder,
                destination,
                value,
                fee,
                status,
                receivedAt,
                late,
                confirmationsNeeded,
                blockHeight,
                blockHash,
                conflictTxid,
                times,
                stands);
    }
}
