package dev.sluice.lightning;

import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A Lightning node. Every future fails with {@link dev.sluice.kernel.FailureException}: {@code Unavailable} where the
 * node cannot answer (its effect is then unknown), {@code Rejected} where it refused. Callbacks of streams come on one
 * thread each and must only enqueue.
 */
public interface LightningNode {
    /** Identity and readiness. */
    Future<NodeInfo> info();

    /**
     * {@code network}: {@code mainnet}, {@code testnet}, {@code signet}, {@code regtest} or {@code simnet};
     * {@code receivable}: what active channels could take in all together.
     */
    record NodeInfo(
            String pubkey,
            String alias,
            String version,
            String network,
            int blockHeight,
            boolean syncedToChain,
            int activeChannels,
            Msat receivable) {}

    /**
     * Makes an invoice for a preimage of ours. Repeating it with the same preimage returns the invoice made before.
     *
     * @param amount null for any amount
     * @param memo description, up to 639 bytes; ignored when {@code descriptionHash} is given
     */
    Future<AddedInvoice> addInvoice(
            Preimage preimage,
            @Nullable Msat amount,
            String memo,
            byte @Nullable [] descriptionHash,
            Duration expiry,
            boolean privateHints);

    /** An invoice whose preimage the node does not know: payments stay accepted until settled or cancelled. */
    Future<AddedInvoice> addHoldInvoice(PaymentHash hash, @Nullable Msat amount, String memo, Duration expiry);

    /** {@code bolt11} lower case. */
    record AddedInvoice(PaymentHash hash, String bolt11, long addIndex) {}

    /** The node's view of an invoice, or null where it has none of that hash. */
    Future<@Nullable NodeInvoice> lookup(PaymentHash hash);

    /** State of an invoice at the node. */
    record NodeInvoice(
            PaymentHash hash,
            State state,
            Msat received,
            long addIndex,
            long settleIndex,
            @Nullable Instant settledAt,
            String bolt11) {
        /** OPEN, ACCEPTED (held), SETTLED, CANCELED as BOLT nodes use the words. */
        public enum State {
            OPEN,
            ACCEPTED,
            SETTLED,
            CANCELED
        }
    }

    /** Cancels an unpaid or held invoice; cancelling a cancelled one succeeds; a settled one is {@code Rejected}. */
    Future<Void> cancel(PaymentHash hash);

    /** Settles a held invoice; settling a settled one succeeds. */
    Future<Void> settle(Preimage preimage);

    /**
     * Streams settles after {@code settleIndex} (above 0; 0 would mean no backlog), then new ones. Duplicates and
     * disorder happen. Ends by {@code onEnd}, once, with the cause or null.
     */
    Subscription subscribeSettles(long settleIndex, Consumer<Settle> onSettle, Consumer<@Nullable Throwable> onEnd);

    /** A settled invoice. */
    record Settle(PaymentHash hash, Msat received, long settleIndex, Instant settledAt) {}

    /** A page of invoices in every state by add index, ascending: the node's own books, for catch-up and audit. */
    Future<Page> listInvoices(long afterAddIndex, int limit);

    /** {@code lastAddIndex} is 0 when the page is empty. */
    record Page(List<NodeInvoice> invoices, long lastAddIndex) {
        public Page {
            invoices = List.copyOf(invoices);
        }
    }

    /** Streams every state change of one invoice, its current state first. */
    Subscription subscribeInvoice(PaymentHash hash, Consumer<NodeInvoice> onState, Consumer<@Nullable Throwable> onEnd);

    /**
     * Streams the payment hash of each HTLC that ended here and was settled, once for every part of a payment. A hint,
     * never for accounts: LND replays none and promises to deliver none. Of an HTLC that arrived and is not settled yet
     * it says nothing.
     */
    Subscription subscribeHtlcs(Consumer<PaymentHash> onSettled, Consumer<@Nullable Throwable> onEnd);

    /**
     * Sends a payment; the returned subscription delivers its states until a final one. A payment hash already in
     * flight or paid is {@code onEnd} with a failure whose code is {@code payment-exists}: track it.
     */
    Subscription pay(PayRequest request, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd);

    /** {@code feeLimit} is what routing may cost at most; {@code amount} only for invoices without one. */
    record PayRequest(String bolt11, @Nullable Msat amount, Msat feeLimit, Duration timeout) {}

    /** Follows a payment to its end; {@code onEnd} with code {@code payment-not-found} where the node has none. */
    Subscription track(PaymentHash hash, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd);

    /** A payment's state at the node. */
    sealed interface PaymentState {
        PaymentHash hash();

        /** Not decided yet; the money stays reserved. */
        record InFlight(PaymentHash hash) implements PaymentState {}

        /** Paid; {@code fee} is what routing cost. */
        record Succeeded(PaymentHash hash, Preimage preimage, Msat amount, Msat fee) implements PaymentState {}

        /** Definitely not paid. */
        record Failed(PaymentHash hash, String reason) implements PaymentState {}
    }

    /** Decodes a BOLT 11 invoice as the node understands it. */
    Future<DecodedInvoice> decode(String bolt11);

    /** What a payer needs to know of an invoice. */
    record DecodedInvoice(
            PaymentHash hash, String destination, @Nullable Msat amount, String description, Instant expiresAt) {}

    /** A running stream. */
    interface Subscription {
        /** Ends it; {@code onEnd} is not called afterwards. */
        void cancel();

        /** Asks for no more; what is under way (up to 128 messages) still arrives. */
        default void pause() {}

        /** Asks for more again. */
        default void resume() {}
    }

    void close();
}
