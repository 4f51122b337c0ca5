package dev.sluice.http;

import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request that reached its route. */
final class RequestCall implements Call {
    private final RoutingContext context;
    private final HttpServerRequest request;
    private final RouteTable.Route route;
    private final List<String> values;
    private final Buffer body;
    private final Optional<Principal> caller;
    private final String remoteAddress;
    private final String publicUrl;
    private final Effects effects;
    private @Nullable JsonObject parsed;

    RequestCall(Arrival arrival, Optional<Principal> caller, String publicUrl, Effects effects) {
        this.context = arrival.context();
        this.request = context.request();
        this.route = arrival.route();
        this.values = arrival.values();
        this.body = arrival.body();
        this.remoteAddress = arrival.remoteAddress();
        this.caller = caller;
        this.publicUrl = publicUrl;
        this.effects = effects;
    }

    /** What is known of a request before its caller is. */
    record Arrival(
            RoutingContext context, RouteTable.Route route, List<String> values, Buffer body, String remoteAddress) {
        HttpServerRequest request() {
            return context.request();
        }

        /** A path parameter's value, where the route has it. */
        Optional<String> path(String name) {
            int index = route.parameters().indexOf(name);
            return index < 0 ? Optional.empty() : Optional.of(values.get(index));
        }
    }

    @Override
    public String path(String name) {
        return values.get(route.parameters().indexOf(name));
    }

    @Override
    public boolean hasPath(String name) {
        return route.parameters().contains(name);
    }

    @Override
    public Optional<String> query(String name) {
        List<String> all = queries(name);
        return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
    }

    @Override
    public List<String> queries(String name) {
        MultiMap parameters = parameters();
        List<String> all = new ArrayList<>(parameters.getAll(name));
        all.addAll(parameters.getAll(name + "[]"));
        if (all.stream().anyMatch(value -> value.indexOf('\0') >= 0)) {
            throw malformedQuery();
        }
        return List.copyOf(all);
    }

    private MultiMap parameters() {
        try {
            return request.params();
        } catch (IllegalArgumentException brokenEscape) {
            throw malformedQuery();
        }
    }

    private static RuntimeException malformedQuery() {
        return new Failure.Rejected("malformed-query", "The query cannot be read").exception();
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    List<String> headers(String name) {
        return request.headers().getAll(name);
    }

    @Override
    public JsonObject body() {
        if (parsed == null) {
            parsed = StrictJson.object(body);
        }
        return parsed;
    }

    @Override
    public Principal principal() {
        return caller.orElseThrow(() -> AccessControl.unauthenticated().exception());
    }

    @Override
    public Optional<Principal> caller() {
        return caller;
    }

    @Override
    public String remoteAddress() {
        return remoteAddress;
    }

    @Override
    public String publicUrl() {
        return publicUrl;
    }

    /** Route and path values: what the request is about, however its path was spelled. */
    String target() {
        return route.operation() + " " + String.join("/", values);
    }

    @Override
    public EventStream stream(OpenStreams streams) {
        return EventStream.open(context, streams);
    }

    @Override
    public LongPoll longPoll() {
        return LongPoll.of(context);
    }

    @Override
    public Future<Reply> effect(Function<SqlConnection, Future<Reply>> work) {
        return effects.run(this, work);
    }
}
