package dev.sluice.egress;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import org.jspecify.annotations.Nullable;

/** One request on its way: ends once, by an answer, a failure or the deadline, and lets go of its connection. */
final class Exchange {
    private static final int RETRY_AFTER_S = 5;

    private final Vertx vertx;
    private final EgressRequest request;
    private final Promise<EgressResponse> answer = Promise.promise();
    private final Buffer body = Buffer.buffer();
    private final long timer;
    private volatile @Nullable HttpClientRequest wire;
    private volatile @Nullable HttpClientResponse head;

    Exchange(Vertx vertx, EgressRequest request) {
        this.vertx = vertx;
        this.request = request;
        this.timer = vertx.setTimer(request.deadlineMs(), late -> expire());
    }

    Future<EgressResponse> answer() {
        return answer.future();
    }

    boolean isOver() {
        return answer.future().isComplete();
    }

    /** Sends on a connection; the answer's head decides, its body is read up to the limit. */
    void run(HttpClientRequest made) {
        wire = made;
        if (isOver()) {
            made.reset();
            return;
        }
        made.response().onSuccess(this::read).onFailure(this::fail);
        Buffer sent = request.body();
        (sent == null ? made.end() : made.end(sent)).onFailure(this::fail);
    }

    void fail(Throwable cause) {
        HttpClientResponse answered = head;
        if (answered == null) {
            vertx.cancelTimer(timer);
            answer.tryFail(cause);
        } else {
            finish(answered, false);
        }
    }

    private void read(HttpClientResponse response) {
        head = response;
        response.handler(this::take)
                .exceptionHandler(broken -> finish(response, false))
                .endHandler(end -> finish(response, true));
    }

    private void take(Buffer chunk) {
        HttpClientResponse answered = head;
        if (answered == null || isOver()) {
            return;
        }
        int room = EgressClient.BODY_BYTES_MAX - body.length();
        body.appendBuffer(chunk.length() <= room ? chunk : chunk.slice(0, room));
        if (chunk.length() > room) {
            finish(answered, false);
        }
    }

    private void finish(HttpClientResponse response, boolean complete) {
        vertx.cancelTimer(timer);
        boolean first =
                answer.tryComplete(new EgressResponse(response.statusCode(), response.headers(), body, complete));
        if (first && !complete) {
            drop();
        }
    }

    private void expire() {
        HttpClientResponse answered = head;
        if (answered != null) {
            finish(answered, false);
            return;
        }
        answer.tryFail(new Failure.Unavailable("egress-timeout", "No answer in time", RETRY_AFTER_S).exception());
        drop();
    }

    private void drop() {
        HttpClientRequest made = wire;
        if (made != null) {
            made.reset();
        }
    }
}
