package dev.sluice.http;

import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes answers: the one place where replies and failures become bytes. */
final class Responder {
    private static final CharSequence TRACE_ID = HttpHeaders.createOptimized("Trace-Id");
    private static final CharSequence CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NOSNIFF = HttpHeaders.createOptimized("nosniff");
    private static final String JSON = "application/json; charset=utf-8";
    private static final String PROBLEM = "application/problem+json";
    /** Two hours, the longest that browsers keep a preflight answer. */
    private static final String PREFLIGHT_SECONDS = "7200";

    /**
     * For callers that send on to read why they should not: closing a connection with bytes that were not read resets
     * it, and the answer is lost on its way (RFC 9112, 9.6).
     */
    private static final long LINGER_MS = 2_000;

    private static final Logger log = LoggerFactory.getLogger(Responder.class);

    private Responder() {}

    static void begin(RoutingContext context, String traceId) {
        context.response().putHeader(TRACE_ID, traceId).putHeader(CONTENT_TYPE_OPTIONS, NOSNIFF);
    }

    /** Any origin may read, and never with the user's cookies: the key in the header is the only credential. */
    static void allowAnyOrigin(RoutingContext context) {
        context.response()
                .putHeader("Access-Control-Allow-Origin", "*")
                .putHeader("Access-Control-Expose-Headers", "*")
                .putHeader("Cache-Control", "no-store");
    }

    static void preflight(RoutingContext context) {
        context.response()
                .setStatusCode(204)
                .putHeader("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
                .putHeader("Access-Control-Allow-Headers", "Authorization, *") // the wildcard leaves Authorization out
                .putHeader("Access-Control-Max-Age", PREFLIGHT_SECONDS)
                .end();
    }

    static void send(RoutingContext context, Future<Reply> reply) {
        reply.onComplete(done -> {
            if (done.succeeded()) {
                write(context, done.result(), "");
            } else {
                fail(context, done.cause());
            }
        });
    }

    /** The end of a chain that failed in a page, or in vertx-web itself: then the status says why. */
    static void fail(RoutingContext context) {
        int status = context.statusCode();
        if (status >= 400 && status < 500) {
            refuse(context, Refusal.of(status, "malformed-request", "The request cannot be answered"));
        } else {
            fail(context, context.failure());
        }
    }

    static void fail(RoutingContext context, @Nullable Throwable cause) {
        refuse(
                context,
                switch (cause) {
                    case FailureException expected -> Refusal.of(expected.failure());
                    case RefusedException refused -> refused.refusal();
                    case null, default -> unexpected(context, cause);
                });
    }

    static void refuse(RoutingContext context, Refusal refusal) {
        Refusal told = refusal;
        if (!Passage.isOfApi(context)) {
            allowAnyOrigin(context); // for wallets that are web pages
            told = refusal.forWallets();
        }
        write(context, told.reply(Passage.traceOf(context), wantsProblem(context)), refusal.code());
    }

    /** Only who prefers it by name: clients of Greenfield parse an array. */
    private static boolean wantsProblem(RoutingContext context) {
        return context.parsedHeaders().accept().stream() // by weight
                .filter(range -> range.weight() > 0)
                .map(range -> range.component() + "/" + range.subComponent())
                .filter(range -> range.equals(PROBLEM) || range.equals("application/json"))
                .findFirst()
                .filter(PROBLEM::equals)
                .isPresent();
    }

    private static Refusal unexpected(RoutingContext context, @Nullable Throwable cause) {
        log.error(
                "http.failed method={} path={} trace={}",
                context.request().method(),
                RequestLog.withoutSecrets(context.request().path()),
                Passage.traceOf(context),
                cause);
        return Refusal.of(500, "internal-error", "Something broke on our side; the trace id helps to find it");
    }

    private static void write(RoutingContext context, Reply reply, String code) {
        Passage.tell(context, reply.status(), code); // also where nobody waits for the answer any more
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed() || response.headWritten()) {
            return; // also where a stream was opened
        }
        response.setStatusCode(reply.status());
        if (reply.body() != null) {
            response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
        }
        reply.headers().forEach(response::putHeader);
        if ("close".equals(reply.headers().get("Connection"))) {
            Passage.hangUp(context);
            end(response, reply.body()).onComplete(done -> hangUp(context));
        } else {
            end(response, reply.body());
        }
    }

    /** Closes a connection, once its caller has sent what it was sending or a moment has passed. */
    private static void hangUp(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpConnection connection = request.connection();
        if (request.isEnded() || context.response().closed()) {
            connection.close();
            return;
        }
        long timer = context.vertx().setTimer(LINGER_MS, late -> connection.close());
        Runnable close = () -> {
            context.vertx().cancelTimer(timer);
            connection.close();
        };
        request.handler(dropped -> {})
                .exceptionHandler(gone -> close.run())
                .endHandler(end -> close.run())
                .resume();
    }

    private static Future<Void> end(HttpServerResponse response, @Nullable String body) {
        return body == null ? response.end() : response.end(body);
    }
}
