package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Answers JSON routes: body, caller, limits, permission, what is kept, then the feature's handler. */
final class JsonRoutes {
    private static final Set<HttpMethod> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

    private final HttpConfig config;
    private final RouteTable table;
    private final BodyReader bodies;
    private final AccessControl access;
    private final Throttle throttle;
    private final Effects effects;

    JsonRoutes(
            Vertx vertx,
            HttpConfig config,
            RouteTable table,
            AccessControl access,
            Throttle throttle,
            Effects effects) {
        this.config = config;
        this.table = table;
        this.bodies = new BodyReader(vertx, config.bounds());
        this.access = access;
        this.throttle = throttle;
        this.effects = effects;
    }

    /** Answers a request if its path is a JSON route's; false leaves it alone. */
    boolean handle(RoutingContext context, List<String> segments) {
        RouteTable.Match match = table.find(segments);
        if (match == null) {
            return false;
        }
        HttpMethod method = context.request().method();
        RouteTable.Route route =
                method == HttpMethod.HEAD ? looked(match) : match.methods().get(method);
        if (route == null) {
            Responder.refuse(context, methodNotAllowed(match.methods()));
        } else {
            Responder.send(context, inTime(context, answer(context, route, match.values())));
        }
        return true;
    }

    /** Whoever asks for the head of an answer wants to know it and to change nothing (RFC 9110 9.2.1). */
    private static RouteTable.@Nullable Route looked(RouteTable.Match match) {
        RouteTable.Route route = match.methods().get(HttpMethod.GET);
        return route != null && route.access() instanceof Access.Anyone anyone && anyone.makes() ? null : route;
    }

    /** A deadline decides nothing: what the request began may still take place, and its key finds out. */
    private Future<Reply> inTime(RoutingContext context, Future<Reply> answer) {
        String query = context.request().query();
        boolean waits = query != null && query.contains("wait=");
        long most = config.bounds().answerTimeoutMs() + (waits ? Changes.WAIT_MS_MAX : 0);
        boolean read = READS.contains(context.request().method());
        return within(context.vertx(), most, answer)
                .recover(failure -> Future.failedFuture(failure instanceof TimeoutException ? late(read) : failure));
    }

    /**
     * Like {@link Future#timeout}, which for a future without a context wakes the one timer thread of the process
     * twice, and answers from there.
     */
    private static Future<Reply> within(Vertx vertx, long ms, Future<Reply> answer) {
        if (answer.isComplete()) {
            return answer;
        }
        Promise<Reply> told = Promise.promise();
        long timer = vertx.setTimer(ms, over -> told.tryFail(new TimeoutException()));
        answer.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                told.tryComplete(done.result());
            } else {
                told.tryFail(done.cause());
            }
        });
        return told.future();
    }

    private static RefusedException late(boolean read) {
        return Refusal.of(
                        503,
                        read ? "answer-late" : "outcome-unknown",
                        read
                                ? "There was no answer in time; try again"
                                : "There was no answer in time and the change may still take place: "
                                        + "repeat the request with the same Idempotency-Key to learn its outcome")
                .with("Retry-After", "5")
                .exception();
    }

    private Future<Reply> answer(RoutingContext context, RouteTable.Route route, List<String> values) {
        boolean read = READS.contains(context.request().method());
        Passage.of(context).reached(route);
        Future<Buffer> body = read ? Future.succeededFuture(Buffer.buffer()) : bodies.read(context.request());
        return body.compose(bytes -> {
            String address = Passage.of(context).address();
            return serve(context, new RequestCall.Arrival(context, route, values, bytes, address), read);
        });
    }

    private Future<Reply> serve(RoutingContext context, RequestCall.Arrival arrival, boolean read) {
        return access.authenticate(arrival).compose(caller -> {
            Passage.of(context).belongsTo(caller);
            boolean limited = arrival.route().access() instanceof Access.Anyone anyone && anyone.limited();
            Optional<Refusal> refusal = throttle.caller(context, caller, arrival.remoteAddress(), read && !limited);
            if (refusal.isPresent()) {
                return Future.failedFuture(refusal.get().exception());
            }
            caller.ifPresent(known -> Passage.of(context).known());
            RequestCall call = new RequestCall(arrival, caller, config.publicUrl(), effects);
            Future<Void> allowed = access.authorise(arrival, caller);
            return arrival.route().replays()
                    ? allowed.transform(may -> may.succeeded() ? once(arrival, call) : refused(call, may.cause()))
                    : allowed.compose(may -> ask(arrival, call));
        });
    }

    /** What was done is told again before anything is asked that doing it, or time, has changed. */
    private Future<Reply> once(RequestCall.Arrival arrival, RequestCall call) {
        return effects.kept(call)
                .compose(kept -> kept.map(Future::succeededFuture).orElseGet(() -> ask(arrival, call)));
    }

    /**
     * A caller who deleted something may not be allowed any more just because it is gone, and hears that it was done. A
     * reply that holds something needs the permission as the request did: who lost it is not shown the reply.
     */
    private Future<Reply> refused(RequestCall call, Throwable why) {
        if (call.caller().isEmpty()) {
            return Future.failedFuture(why);
        }
        return effects.kept(call)
                .otherwise(Optional.empty())
                .compose(kept -> kept.filter(reply -> reply.body() == null)
                        .map(Future::succeededFuture)
                        .orElseGet(() -> Future.failedFuture(why)));
    }

    private static Future<Reply> ask(RequestCall.Arrival arrival, RequestCall call) {
        return arrival.route().handler().apply(call);
    }

    private static Refusal methodNotAllowed(Map<HttpMethod, RouteTable.Route> methods) {
        String allowed =
                methods.keySet().stream().map(HttpMethod::name).sorted().collect(Collectors.joining(", "));
        return Refusal.of(405, "method-not-allowed", "Allowed here: " + allowed).with("Allow", allowed);
    }
}
