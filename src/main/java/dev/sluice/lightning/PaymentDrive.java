package dev.sluice.lightning;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.NodeInfo;
import dev.sluice.lightning.LightningNode.PayRequest;
import dev.sluice.lightning.LightningNode.PaymentState;
import dev.sluice.lightning.LightningNode.Subscription;
import dev.sluice.lightning.Outgoing.Result;
import dev.sluice.lightning.PaymentTransitions.Event;
import dev.sluice.lightning.PaymentTransitions.Step;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One payment on its way to a final state; used on the machine's context. */
final class PaymentDrive {
    private static final Logger log = LoggerFactory.getLogger(PaymentDrive.class);
    /** How long LND starts new attempts; attempts under way may take longer, and are waited for. */
    private static final Duration ATTEMPTS = Duration.ofSeconds(60);
    /** A process that was held up for longer asks nobody: another may have taken over and given the money back. */
    private static final Duration CALL_WITHIN = PaymentMachine.GRACE.dividedBy(2);

    private final Vertx vertx;
    private final Context context;
    private final PaymentMachine.Parts parts;
    private final PaymentRepository repository;
    private final Runnable onEnd;
    private final PaymentHash hash;
    private final Backoff pauses;
    private Outgoing payment;
    private @Nullable String refusal;
    private @Nullable Result result;
    private @Nullable Subscription stream;
    private boolean stopped;

    PaymentDrive(
            Vertx vertx,
            Context context,
            PaymentMachine.Parts parts,
            PaymentRepository repository,
            Outgoing payment,
            Runnable onEnd) {
        this.vertx = vertx;
        this.context = context;
        this.parts = parts;
        this.repository = repository;
        this.payment = payment;
        this.onEnd = onEnd;
        this.hash = payment.order().hash();
        this.pauses = new Backoff(parts.entropy(), 200, 60_000);
    }

    /** Ends the work on it, not the payment. */
    void stop() {
        stopped = true;
        unfollow();
    }

    void on(Event event) {
        if (stopped) {
            return;
        }
        Step step = PaymentTransitions.of(payment.state(), event);
        switch (step.act()) {
            case SEND -> send();
            case TRACK -> track();
            case TRACK_LATER -> later(this::track);
            case WAIT -> pauses.reset();
            case FINISH -> finish();
            case IGNORE -> log.warn("payment.event.ignored payment={} state={} event={}", hash, payment.state(), event);
        }
    }

    private void send() {
        unfollow();
        if (isTooLate()) {
            end(tx -> repository.lapse(tx, hash, parts.clock().now()), this::send);
            return;
        }
        Optional<LightningNode> node = parts.nodes().apply(payment.order().node());
        if (node.isEmpty() || parts.untrusted().apply(payment.order().node()).isPresent()) {
            later(() -> on(Event.DRIVE)); // another node, or one restored from a backup, is given nobody's money
            return;
        }
        Future<Optional<Preimage>> own = payment.sends() > 0
                ? Future.succeededFuture(Optional.empty())
                : parts.own().waiting(hash);
        own.onSuccess(waiting ->
                        waiting.ifPresentOrElse(preimage -> payInside(node.get(), preimage), () -> ask(node.get())))
                .onFailure(failure -> later(() -> on(Event.DRIVE)));
    }

    /** First the node cancels it, so that nobody else can pay it; then the books move the money. */
    private void payInside(LightningNode node, Preimage preimage) {
        parts.own()
                .withdraw(hash)
                .onComplete(done -> context.runOnContext(here -> {
                    if (stopped) {
                        return;
                    }
                    if (done.succeeded()) {
                        end(tx -> paidInside(tx, preimage), () -> on(Event.DRIVE));
                    } else if (rejection(done.cause()) != null) {
                        ask(node); // somebody has paid it, which the node says itself
                    } else {
                        later(() -> on(Event.DRIVE));
                    }
                }));
    }

    private Future<Optional<Outgoing>> paidInside(SqlConnection tx, Preimage preimage) {
        Instant now = parts.clock().now();
        Msat amount =
                Objects.requireNonNull(Bolt11.parse(payment.order().bolt11()).amount());
        return parts.own()
                .settle(tx, hash, amount, now)
                .compose(credited -> repository.paidInside(tx, hash, preimage, amount, now))
                .map(ended ->
                        Optional.of(ended.orElseThrow(() -> new IllegalStateException("it has ended meanwhile"))));
    }

    private void ask(LightningNode node) {
        node.info()
                .compose(this::commitSending)
                .onSuccess(committed -> {
                    if (committed.isEmpty()) {
                        giveUp("another process or another node");
                    } else if (!stopped) {
                        payment = committed.get();
                        if (since(payment.sentAt()).compareTo(CALL_WITHIN) < 0) {
                            call(node);
                        } else {
                            track();
                        }
                    }
                })
                .onFailure(failure -> later(() -> on(Event.DRIVE)));
    }

    private Future<Optional<Outgoing>> commitSending(NodeInfo info) {
        return parts.db()
                .tx(tx -> parts.fences()
                        .apply(payment.order().node())
                        .check(tx)
                        .compose(held -> repository.sending(
                                tx, payment, info.pubkey(), parts.clock().now())));
    }

    private void call(LightningNode node) {
        refusal = null;
        Outgoing.Order order = payment.order();
        log.info("payment.send payment={} node={} sends={}", hash, order.node(), payment.sends());
        PayRequest request = new PayRequest(order.bolt11(), order.amount(), order.feeLimit(), ATTEMPTS);
        follow((onState, onClose) -> node.pay(request, onState, onClose), this::onSendEnded);
    }

    private void track() {
        unfollow();
        Optional<LightningNode> node = parts.nodes().apply(payment.order().node());
        if (node.isEmpty()) {
            later(this::track);
        } else {
            follow((onState, onClose) -> node.get().track(hash, onState, onClose), this::onTrackEnded);
        }
    }

    /** Opens a stream of this payment's states. */
    @FunctionalInterface
    private interface Opening {
        Subscription open(Consumer<PaymentState> onState, Consumer<@Nullable Throwable> onClose);
    }

    /** Callbacks come on the stream's thread and count only while their stream is the current one. */
    private void follow(Opening opening, Consumer<@Nullable Throwable> onClose) {
        Object[] current = new Object[1];
        Subscription opened = opening.open(
                state -> context.runOnContext(here -> {
                    if (stream != null && stream == current[0]) {
                        onState(state);
                    }
                }),
                cause -> context.runOnContext(here -> {
                    if (stream != null && stream == current[0]) {
                        onClose.accept(cause);
                    }
                }));
        current[0] = opened;
        stream = opened;
    }

    private void unfollow() {
        if (stream != null) {
            stream.cancel();
            stream = null;
        }
    }

    private void onState(PaymentState state) {
        switch (state) {
            case PaymentState.InFlight pending -> on(Event.PENDING);
            case PaymentState.Succeeded paid -> {
                if (paid.fee().compareTo(payment.order().feeLimit()) > 0) {
                    log.error(
                            "payment.fee.above-limit payment={} fee={} limit={}",
                            hash,
                            paid.fee(),
                            payment.order().feeLimit());
                }
                result = new Result.Paid(paid.preimage().hex(), paid.amount(), paid.fee());
                on(Event.PAID);
            }
            case PaymentState.Failed failed -> {
                result = new Result.NotPaid(failed.reason());
                on(Event.NOT_PAID);
            }
        }
    }

    private void onSendEnded(@Nullable Throwable cause) {
        Failure.Rejected refused = rejection(cause);
        if (refused == null) {
            on(Event.LOST);
        } else if (refused.code().equals("payment-exists")) {
            on(Event.EXISTS);
        } else {
            refusal = refused.message();
            on(Event.REFUSED);
        }
    }

    private void onTrackEnded(@Nullable Throwable cause) {
        Failure.Rejected refused = rejection(cause);
        if (refused == null || !refused.code().equals("payment-not-found")) {
            on(Event.LOST);
            return;
        }
        String refusedBefore = refusal;
        isTrusted().onComplete(checked -> {
            if (checked.failed() || !checked.result()) {
                on(Event.UNKNOWN_YET);
            } else if (refusedBefore != null) {
                result = new Result.NotPaid(refusedBefore);
                on(Event.UNKNOWN_AND_REFUSED);
            } else {
                on(isGraceOver() ? Event.UNKNOWN : Event.UNKNOWN_YET);
            }
        });
    }

    /** Whether the node is the one that was asked, in sync, and not restored since. */
    private Future<Boolean> isTrusted() {
        NodeId id = payment.order().node();
        Optional<LightningNode> node = parts.nodes().apply(id);
        if (node.isEmpty() || parts.untrusted().apply(id).isPresent()) {
            return Future.succeededFuture(false);
        }
        return node.get()
                .info()
                .map(info -> info.syncedToChain() && info.pubkey().equals(payment.nodePubkey()));
    }

    private boolean isGraceOver() {
        return since(payment.sentAt()).compareTo(parts.grace()) >= 0;
    }

    /** How long ago; zero where it never was. */
    private Duration since(@Nullable Instant moment) {
        return moment == null
                ? Duration.ZERO
                : Duration.between(moment, parts.clock().now());
    }

    /** Whether nobody was asked, and nobody is to be any more. */
    private boolean isTooLate() {
        Instant startBy = payment.order().startBy();
        return payment.sends() == 0 && startBy != null && parts.clock().now().isAfter(startBy);
    }

    /** A commit that fails is tried again: the node keeps its answer, and so do we. */
    private void finish() {
        unfollow();
        Result end = result;
        if (end == null) {
            throw new IllegalStateException("a payment ends with a result");
        }
        end(tx -> repository.finish(tx, hash, end, parts.clock().now()), this::finish);
    }

    private void end(Function<SqlConnection, Future<Optional<Outgoing>>> step, Runnable again) {
        parts.db()
                .tx(tx -> parts.fences()
                        .apply(payment.order().node())
                        .check(tx)
                        .compose(held -> step.apply(tx))
                        .compose(ended -> ended.isEmpty()
                                ? Future.succeededFuture(ended)
                                : parts.sink().apply(tx, ended.get()).map(ended)))
                .onSuccess(ended -> {
                    log.info(
                            "payment.final payment={} result={}",
                            hash,
                            ended.map(Outgoing::result).orElse(result));
                    stop();
                    onEnd.run();
                })
                .onFailure(failure -> {
                    log.warn("payment.final.unwritten payment={} cause={}", hash, failure.toString());
                    later(again);
                });
    }

    private void giveUp(String why) {
        log.warn("payment.left payment={} why={}", hash, why);
        stop();
        onEnd.run();
    }

    private void later(Runnable next) {
        unfollow();
        vertx.setTimer(pauses.nextMs(), woken -> {
            if (!stopped) {
                next.run();
            }
        });
    }

    private static Failure.@Nullable Rejected rejection(@Nullable Throwable cause) {
        return cause instanceof FailureException expected && expected.failure() instanceof Failure.Rejected refused
                ? refused
                : null;
    }
}
