package dev.sluice.lightning.lnd;

import dev.sluice.lightning.LightningNode.Subscription;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Calls to LND: one answer on the caller's context, or a stream with flow control on the channel's thread. */
final class LndCalls {
    private final Vertx vertx;
    private final LndSession session;

    LndCalls(Vertx vertx, LndSession session) {
        this.vertx = vertx;
        this.session = session;
    }

    /** One request, one answer; refused credentials are read again and tried once more. */
    <Q, R> Future<R> ask(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        return once(method, request, deadline)
                .recover(failure -> LndErrors.mayHealByReload(failure)
                        ? session.refresh()
                                .compose(changed ->
                                        changed ? once(method, request, deadline) : Future.failedFuture(failure))
                        : Future.failedFuture(failure))
                .recover(failure -> Future.failedFuture(LndErrors.translate(failure)));
    }

    private <Q, R> Future<R> once(MethodDescriptor<Q, R> method, Q request, Duration deadline) {
        LndSession.State state = session.state();
        Context context = vertx.getOrCreateContext();
        Promise<R> answer = Promise.promise();
        CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(deadline.toMillis(), TimeUnit.MILLISECONDS);
        ClientCall<Q, R> call = state.channel().newCall(method, options);
        call.start(new Answer<>(context, answer), state.headers());
        call.sendMessage(request);
        call.halfClose();
        call.request(2); // a second message would be a broken server and is reported as such
        return answer.future();
    }

    /** A request answered by a stream; without deadline: keepalive ends it when the node is gone. */
    <Q, R> Subscription stream(
            MethodDescriptor<Q, R> method, Q request, Consumer<R> onItem, Consumer<@Nullable Throwable> onEnd) {
        LndSession.State state = session.state();
        ClientCall<Q, R> call = state.channel().newCall(method, CallOptions.DEFAULT);
        LndStream<R> stream = new LndStream<>(call, onItem, failure -> {
            if (failure != null && LndErrors.mayHealByReload(failure)) {
                session.refresh();
            }
            onEnd.accept(failure == null ? null : LndErrors.translate(failure));
        });
        stream.start(state.headers());
        call.sendMessage(request);
        call.halfClose();
        return stream;
    }

    private static final class Answer<R> extends ClientCall.Listener<R> {
        private final Context context;
        private final Promise<R> answer;
        private @Nullable R message;

        Answer(Context context, Promise<R> answer) {
            this.context = context;
            this.answer = answer;
        }

        @Override
        public void onMessage(R received) {
            message = received;
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            R received = message;
            context.runOnContext(back -> {
                if (status.isOk() && received != null) {
                    answer.tryComplete(received);
                } else {
                    answer.tryFail(new StatusRuntimeException(status.isOk() ? Status.INTERNAL : status));
                }
            });
        }
    }
}
