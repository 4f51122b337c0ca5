package dev.sluice.lightning.lnd;

import com.google.protobuf.ByteString;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.DecodedInvoice;
import dev.sluice.lightning.LightningNode.NodeInfo;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.LightningNode.PaymentState;
import dev.sluice.lightning.LightningNode.Settle;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import lnrpc.Channel;
import lnrpc.GetInfoResponse;
import lnrpc.Invoice;
import lnrpc.ListChannelsResponse;
import lnrpc.PayReq;
import lnrpc.Payment;
import routerrpc.HtlcEvent;

/** LND's messages in our words. */
final class LndMessages {
    private static final int PREIMAGE_BYTES = 32;

    private LndMessages() {}

    static NodeInfo info(GetInfoResponse info, ListChannelsResponse channels) {
        return new NodeInfo(
                info.getIdentityPubkey(),
                info.getAlias(),
                info.getVersion(),
                info.getChainsCount() == 0 ? "" : info.getChains(0).getNetwork(),
                info.getBlockHeight(),
                info.getSyncedToChain(),
                info.getNumActiveChannels(),
                receivable(channels));
    }

    private static Msat receivable(ListChannelsResponse channels) {
        long sat = 0;
        for (Channel channel : channels.getChannelsList()) {
            long reserve = channel.getRemoteConstraints().getChanReserveSat();
            sat += channel.getActive() ? Math.max(0, channel.getRemoteBalance() - reserve) : 0;
        }
        return Msat.ofSat(sat);
    }

    static NodeInvoice invoice(Invoice invoice) {
        return new NodeInvoice(
                hash(invoice.getRHash()),
                state(invoice),
                new Msat(invoice.getAmtPaidMsat()),
                invoice.getAddIndex(),
                invoice.getSettleIndex(),
                invoice.getSettleDate() == 0 ? null : Instant.ofEpochSecond(invoice.getSettleDate()),
                invoice.getPaymentRequest());
    }

    private static NodeInvoice.State state(Invoice invoice) {
        return switch (invoice.getState()) {
            case OPEN -> NodeInvoice.State.OPEN;
            case ACCEPTED -> NodeInvoice.State.ACCEPTED;
            case SETTLED -> NodeInvoice.State.SETTLED;
            case CANCELED -> NodeInvoice.State.CANCELED;
            case UNRECOGNIZED -> throw new IllegalStateException("invoice state " + invoice.getStateValue());
        };
    }

    /** The settle an event reports, if it is one. AMP invoices are paid many times under hashes that are not ours. */
    static Optional<Settle> settle(Invoice invoice) {
        if (invoice.getState() != Invoice.InvoiceState.SETTLED || invoice.getIsAmp()) {
            return Optional.empty();
        }
        return Optional.of(new Settle(
                hash(invoice.getRHash()),
                new Msat(invoice.getAmtPaidMsat()),
                invoice.getSettleIndex(),
                Instant.ofEpochSecond(invoice.getSettleDate())));
    }

    static PaymentState payment(Payment payment) {
        PaymentHash hash = new PaymentHash(payment.getPaymentHash());
        return switch (payment.getStatus()) {
            case SUCCEEDED ->
                new PaymentState.Succeeded(
                        hash,
                        Preimage.of(HexFormat.of().parseHex(payment.getPaymentPreimage())),
                        new Msat(payment.getValueMsat()),
                        new Msat(payment.getFeeMsat()));
            case FAILED -> new PaymentState.Failed(hash, reason(payment));
            case UNKNOWN, IN_FLIGHT, INITIATED, UNRECOGNIZED -> new PaymentState.InFlight(hash);
        };
    }

    private static String reason(Payment payment) {
        return payment.getFailureReason()
                .name()
                .replace("FAILURE_REASON_", "")
                .replace('_', '-')
                .toLowerCase(Locale.ROOT);
    }

    static DecodedInvoice decoded(PayReq request) {
        return new DecodedInvoice(
                new PaymentHash(request.getPaymentHash()),
                request.getDestination(),
                request.getNumMsat() == 0 ? null : new Msat(request.getNumMsat()),
                request.getDescription(),
                Instant.ofEpochSecond(request.getTimestamp() + request.getExpiry()));
    }

    /**
     * The hash of an HTLC that ended here and was settled. LND names none before: a receive has no forward event, and
     * its failures carry no hash.
     */
    static Optional<PaymentHash> settledHtlc(HtlcEvent event) {
        if (event.getEventType() != HtlcEvent.EventType.RECEIVE) {
            return Optional.empty();
        }
        byte[] preimage = event.getSettleEvent().getPreimage().toByteArray();
        return preimage.length == PREIMAGE_BYTES
                ? Optional.of(Preimage.of(preimage).hash())
                : Optional.empty();
    }

    private static PaymentHash hash(ByteString bytes) {
        return PaymentHash.of(bytes.toByteArray());
    }
}
