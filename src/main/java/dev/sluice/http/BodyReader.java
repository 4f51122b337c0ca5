package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/** Reads a body whole, within a size and a time. */
final class BodyReader {
    private final Vertx vertx;
    private final HttpConfig.Bounds bounds;

    BodyReader(Vertx vertx, HttpConfig.Bounds bounds) {
        this.vertx = vertx;
        this.bounds = bounds;
    }

    /** The body; fails with a {@link RefusedException}: 413, 408 or 415. Must be called before anything waits. */
    Future<Buffer> read(HttpServerRequest request) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            return Future.failedFuture(unsupported().exception());
        }
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (length == null && request.getHeader(HttpHeaders.TRANSFER_ENCODING) == null) {
            return Future.succeededFuture(Buffer.buffer());
        }
        if (length != null && (length.length() > 18 || Long.parseLong(length) > bounds.bodyMaxBytes())) {
            return Future.failedFuture(tooLarge().exception());
        }
        return collect(request);
    }

    private Future<Buffer> collect(HttpServerRequest request) {
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        long timer = vertx.setTimer(bounds.bodyTimeoutMs(), late -> whole.tryFail(late().exception()));
        request.handler(chunk -> {
            if (body.length() + chunk.length() > bounds.bodyMaxBytes()) {
                whole.tryFail(tooLarge().exception());
            } else {
                body.appendBuffer(chunk);
            }
        });
        request.exceptionHandler(gone -> whole.tryFail(Refusal.of(400, "malformed-request", "The body broke off")
                .closing()
                .exception()));
        request.endHandler(end -> whole.tryComplete(body));
        return whole.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    private Refusal tooLarge() {
        String message = "The body is larger than " + bounds.bodyMaxBytes() + " bytes";
        return Refusal.of(413, "payload-too-large", message).closing();
    }

    private static Refusal late() {
        return Refusal.of(408, "request-timeout", "The body did not arrive in time")
                .closing();
    }

    private static Refusal unsupported() {
        return Refusal.of(415, "unsupported-encoding", "Content-Encoding is not accepted")
                .closing();
    }
}
