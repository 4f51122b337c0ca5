package dev.sluice.lightning.lnd;

import com.google.protobuf.ByteString;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.ConnectionString;
import dev.sluice.lightning.LightningNode;
import invoicesrpc.AddHoldInvoiceRequest;
import invoicesrpc.CancelInvoiceMsg;
import invoicesrpc.InvoicesGrpc;
import invoicesrpc.LookupInvoiceMsg;
import invoicesrpc.SettleInvoiceMsg;
import invoicesrpc.SubscribeSingleInvoiceRequest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lnrpc.GetInfoRequest;
import lnrpc.Invoice;
import lnrpc.InvoiceSubscription;
import lnrpc.LightningGrpc;
import lnrpc.ListChannelsRequest;
import lnrpc.ListInvoiceRequest;
import lnrpc.PayReqString;
import org.jspecify.annotations.Nullable;
import routerrpc.RouterGrpc;
import routerrpc.SendPaymentRequest;
import routerrpc.SubscribeHtlcEventsRequest;
import routerrpc.TrackPaymentRequest;

/** An LND node over gRPC. Needs at least LND 0.19: older ones lose money to known attacks on channels. */
public final class LndNode implements LightningNode {
    private static final int MINOR_MIN = 19;
    private static final Pattern VERSION = Pattern.compile("^v?(\\d+)\\.(\\d+)\\..*");
    private static final Duration QUICK = Duration.ofSeconds(10);
    /** LND reads a page of 500 invoices from a large database in well under this. */
    private static final Duration PAGE = Duration.ofSeconds(60);

    private final LndCalls calls;
    private final LndSession session;
    private final String network;

    private LndNode(LndCalls calls, LndSession session, String network) {
        this.calls = calls;
        this.session = session;
        this.network = network;
    }

    /**
     * Prepares a node from its credentials; the first call connects.
     *
     * @param network the network this gateway works on, as in {@link LightningNode.NodeInfo}
     */
    public static Future<LightningNode> open(
            Vertx vertx, LndChannels channels, ConnectionString.Lnd target, String network) {
        return LndSession.open(vertx, channels, target)
                .map(session -> new LndNode(new LndCalls(vertx, session), session, network));
    }

    @Override
    public Future<NodeInfo> info() {
        return calls.ask(LightningGrpc.getGetInfoMethod(), GetInfoRequest.getDefaultInstance(), QUICK)
                .compose(info -> calls.ask(
                                LightningGrpc.getListChannelsMethod(),
                                ListChannelsRequest.newBuilder()
                                        .setActiveOnly(true)
                                        .build(),
                                QUICK)
                        .map(channels -> LndMessages.info(info, channels)))
                .compose(info -> checked(info, network));
    }

    static Future<NodeInfo> checked(NodeInfo info, String network) {
        Matcher version = VERSION.matcher(info.version());
        boolean recent = version.matches()
                && (Integer.parseInt(version.group(1)) > 0 || Integer.parseInt(version.group(2)) >= MINOR_MIN);
        if (!recent) {
            return rejected(
                    "lightning-node-outdated",
                    "The node runs LND " + info.version() + "; at least 0." + MINOR_MIN + " is needed");
        }
        if (!info.network().equals(network)) {
            return rejected("lightning-wrong-network", "The node is on " + info.network() + ", not on " + network);
        }
        return Future.succeededFuture(info);
    }

    @Override
    public Future<AddedInvoice> addInvoice(
            Preimage preimage,
            @Nullable Msat amount,
            String memo,
            byte @Nullable [] descriptionHash,
            Duration expiry,
            boolean privateHints) {
        Invoice.Builder request = Invoice.newBuilder()
                .setRPreimage(ByteString.copyFrom(preimage.bytes()))
                .setValueMsat(amount == null ? 0 : amount.value())
                .setExpiry(expiry.toSeconds())
                .setPrivate(privateHints);
        if (descriptionHash == null) {
            request.setMemo(memo);
        } else {
            request.setDescriptionHash(ByteString.copyFrom(descriptionHash));
        }
        return calls.ask(LightningGrpc.getAddInvoiceMethod(), request.build(), QUICK)
                .map(added -> new AddedInvoice(preimage.hash(), added.getPaymentRequest(), added.getAddIndex()))
                .recover(failure -> madeBefore(preimage.hash(), failure));
    }

    @Override
    public Future<AddedInvoice> addHoldInvoice(PaymentHash hash, @Nullable Msat amount, String memo, Duration expiry) {
        AddHoldInvoiceRequest request = AddHoldInvoiceRequest.newBuilder()
                .setHash(bytes(hash))
                .setMemo(memo)
                .setValueMsat(amount == null ? 0 : amount.value())
                .setExpiry(expiry.toSeconds())
                .build();
        return calls.ask(InvoicesGrpc.getAddHoldInvoiceMethod(), request, QUICK)
                .map(added -> new AddedInvoice(hash, added.getPaymentRequest(), added.getAddIndex()))
                .recover(failure -> madeBefore(hash, failure));
    }

    /** An answer that was lost: the hash is ours alone, so an invoice of that hash is the one asked for. */
    private Future<AddedInvoice> madeBefore(PaymentHash hash, Throwable failure) {
        if (!hasCode(failure, "lightning-exists")) {
            return Future.failedFuture(failure);
        }
        return lookup(hash)
                .compose(found -> found == null
                        ? Future.failedFuture(failure)
                        : Future.succeededFuture(new AddedInvoice(hash, found.bolt11(), found.addIndex())));
    }

    @Override
    public Future<@Nullable NodeInvoice> lookup(PaymentHash hash) {
        LookupInvoiceMsg request =
                LookupInvoiceMsg.newBuilder().setPaymentHash(bytes(hash)).build();
        return calls.ask(InvoicesGrpc.getLookupInvoiceV2Method(), request, QUICK)
                .<@Nullable NodeInvoice>map(LndMessages::invoice)
                .recover(failure -> hasCode(failure, "lightning-not-found")
                        ? Future.succeededFuture()
                        : Future.failedFuture(failure));
    }

    @Override
    public Future<Void> cancel(PaymentHash hash) {
        CancelInvoiceMsg request =
                CancelInvoiceMsg.newBuilder().setPaymentHash(bytes(hash)).build();
        return calls.ask(InvoicesGrpc.getCancelInvoiceMethod(), request, QUICK).mapEmpty();
    }

    @Override
    public Future<Void> settle(Preimage preimage) {
        SettleInvoiceMsg request = SettleInvoiceMsg.newBuilder()
                .setPreimage(ByteString.copyFrom(preimage.bytes()))
                .build();
        return calls.ask(InvoicesGrpc.getSettleInvoiceMethod(), request, QUICK).mapEmpty();
    }

    @Override
    public Subscription subscribeSettles(
            long settleIndex, Consumer<Settle> onSettle, Consumer<@Nullable Throwable> onEnd) {
        InvoiceSubscription request =
                InvoiceSubscription.newBuilder().setSettleIndex(settleIndex).build();
        return calls.stream(
                LightningGrpc.getSubscribeInvoicesMethod(),
                request,
                invoice -> LndMessages.settle(invoice).ifPresent(onSettle),
                onEnd);
    }

    @Override
    public Future<Page> listInvoices(long afterAddIndex, int limit) {
        ListInvoiceRequest request = ListInvoiceRequest.newBuilder()
                .setIndexOffset(afterAddIndex)
                .setNumMaxInvoices(limit)
                .build();
        return calls.ask(LightningGrpc.getListInvoicesMethod(), request, PAGE)
                .map(page -> new Page(
                        page.getInvoicesList().stream()
                                .filter(invoice -> !invoice.getIsAmp())
                                .map(LndMessages::invoice)
                                .toList(),
                        page.getInvoicesCount() == 0 ? 0 : page.getLastIndexOffset()));
    }

    @Override
    public Subscription subscribeInvoice(
            PaymentHash hash, Consumer<NodeInvoice> onState, Consumer<@Nullable Throwable> onEnd) {
        SubscribeSingleInvoiceRequest request =
                SubscribeSingleInvoiceRequest.newBuilder().setRHash(bytes(hash)).build();
        return calls.stream(
                InvoicesGrpc.getSubscribeSingleInvoiceMethod(),
                request,
                invoice -> onState.accept(LndMessages.invoice(invoice)),
                onEnd);
    }

    @Override
    public Subscription subscribeHtlcs(Consumer<PaymentHash> onSettled, Consumer<@Nullable Throwable> onEnd) {
        return calls.stream(
                RouterGrpc.getSubscribeHtlcEventsMethod(),
                SubscribeHtlcEventsRequest.getDefaultInstance(),
                event -> LndMessages.settledHtlc(event).ifPresent(onSettled),
                onEnd);
    }

    @Override
    public Subscription pay(PayRequest request, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd) {
        SendPaymentRequest send = SendPaymentRequest.newBuilder()
                .setPaymentRequest(request.bolt11())
                .setAmtMsat(request.amount() == null ? 0 : request.amount().value())
                .setFeeLimitMsat(request.feeLimit().value())
                .setTimeoutSeconds((int) request.timeout().toSeconds())
                .build();
        return calls.stream(
                RouterGrpc.getSendPaymentV2Method(),
                send,
                payment -> onState.accept(LndMessages.payment(payment)),
                onEnd);
    }

    @Override
    public Subscription track(PaymentHash hash, Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onEnd) {
        TrackPaymentRequest request =
                TrackPaymentRequest.newBuilder().setPaymentHash(bytes(hash)).build();
        return calls.stream(
                RouterGrpc.getTrackPaymentV2Method(),
                request,
                payment -> onState.accept(LndMessages.payment(payment)),
                failure -> onEnd.accept(hasCode(failure, "lightning-not-found") ? NO_SUCH_PAYMENT : failure));
    }

    private static final FailureException NO_SUCH_PAYMENT =
            new Failure.Rejected("payment-not-found", "The node knows no payment of this hash").exception();

    @Override
    public Future<DecodedInvoice> decode(String bolt11) {
        PayReqString request = PayReqString.newBuilder().setPayReq(bolt11).build();
        return calls.ask(LightningGrpc.getDecodePayReqMethod(), request, QUICK).map(LndMessages::decoded);
    }

    @Override
    public void close() {
        session.close();
    }

    private static ByteString bytes(PaymentHash hash) {
        return ByteString.copyFrom(hash.bytes());
    }

    private static boolean hasCode(@Nullable Throwable failure, String code) {
        return failure instanceof FailureException expected
                && expected.failure().code().equals(code);
    }

    private static <T> Future<T> rejected(String code, String message) {
        return Future.failedFuture(new Failure.Rejected(code, message).exception());
    }
}
