package dev.sluice.http;

import dev.sluice.db.Db;
import dev.sluice.idempotency.IdempotencyService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.secret.KeyedHash;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The way of a request: admission (form, bounds, limits), then a JSON route or a page. One for all server instances;
 * holds what they share.
 */
public final class Edge {
    private static final CharSequence TRACE_PARENT = HttpHeaders.createOptimized("traceparent");
    private static final CharSequence FORWARDED_FOR = HttpHeaders.createOptimized("x-forwarded-for");

    private final HttpConfig config;
    private final HttpFeatures features;
    private final RouteTable table = new RouteTable();
    private final ClientAddress addresses;
    private final Throttle throttle;
    private final Traces traces;
    private final AccessControl access;
    private final Effects effects;
    private final HttpMeters meters;
    private final RequestLog log;
    private final Shares connections;
    private final Shares inFlight;

    /** @param requests what a request asked for is kept as; its key must not be in the database */
    public Edge(
            HttpConfig config,
            HttpFeatures features,
            IdempotencyService idempotency,
            KeyedHash requests,
            Db db,
            Clock clock,
            Entropy entropy,
            HttpMeters meters) {
        this.config = config;
        this.features = features;
        this.addresses = new ClientAddress(config.trustedProxies());
        this.throttle = new Throttle(new RateLimiter(clock), config.limits());
        this.traces = new Traces(entropy);
        this.access = new AccessControl(features.authenticator(), features.resolvers());
        this.effects = new Effects(db, idempotency, requests);
        this.meters = meters;
        HttpConfig.Bounds bounds = config.bounds();
        this.connections = new Shares(bounds.connectionsMax(), bounds.connectionsOfAnAddress());
        this.inFlight = new Shares(bounds.inFlightMax(), bounds.inFlightOfAnAddress());
        this.log = new RequestLog(clock);
        features.routes().forEach(routes -> routes.mount(table));
    }

    /** Every JSON route as {@code METHOD /path/{parameter}}, as the contract names them. */
    public Set<String> operations() {
        return table.operations();
    }

    HttpConfig config() {
        return config;
    }

    Connections connections() {
        return new Connections(addresses, connections);
    }

    /** The routes for one server instance. */
    Router router(Vertx vertx, Connections open) {
        Router router = Router.router(vertx);
        JsonRoutes json = new JsonRoutes(vertx, config, table, access, throttle, effects);
        router.route().handler(context -> arrive(context, open, json));
        features.polled().mount(router);
        features.pages().forEach(pages -> pages.mount(router));
        router.route().handler(context -> Responder.refuse(context, notFound()));
        router.route().failureHandler(Responder::fail);
        return router;
    }

    private void arrive(RoutingContext context, Connections open, JsonRoutes json) {
        HttpServerRequest request = context.request();
        Connections.Line line = open.of(request.connection());
        if (line.isOver()) {
            request.connection().close();
            return;
        }
        Passage passage = Passage.begin(
                context,
                traces.of(request.getHeader(TRACE_PARENT)),
                addresses.of(line.peer(), request.headers().getAll(FORWARDED_FOR)),
                line,
                meters,
                inFlight,
                log);
        Responder.begin(context, passage.traceId());
        List<String> segments =
                Paths.segments(Optional.ofNullable(request.path()).orElse(""));
        boolean api = segments != null && segments.getFirst().equalsIgnoreCase("api");
        if (api) {
            passage.belongsToApi();
            Responder.allowAnyOrigin(context); // a refusal too must be readable, or a browser's code cannot wait
        }
        Refusal refusal = malformed(request, line);
        if (refusal == null && api && request.method() == HttpMethod.OPTIONS) {
            Responder.preflight(context); // costs less than to refuse it, which would hide why from the browser
            return;
        }
        refusal = refusal == null ? admit(context, passage) : refusal;
        if (refusal == null) {
            route(context, json, segments, api);
        } else {
            meters.refused(refusal.code());
            Responder.refuse(context, refusal);
        }
    }

    /** Why a request is not read, or null. */
    private static @Nullable Refusal malformed(HttpServerRequest request, Connections.Line line) {
        if (line.isSurplus()) {
            return overloaded().closing();
        }
        return isWellFormed(request)
                ? null
                : Refusal.of(400, "malformed-request", "The request's head is malformed")
                        .closing();
    }

    /** Why a request is not answered now, or null. */
    private @Nullable Refusal admit(RoutingContext context, Passage passage) {
        Optional<Refusal> limited = throttle.address(context, passage.address());
        if (limited.isPresent()) {
            return limited.get();
        }
        return passage.admit() ? null : overloaded();
    }

    /** RFC 9112 3.2: exactly one Host; and nobody needs credentials twice. */
    private static boolean isWellFormed(HttpServerRequest request) {
        return request.headers().getAll(HttpHeaders.HOST).size() == 1
                && request.headers().getAll(HttpHeaders.AUTHORIZATION).size() <= 1;
    }

    private void route(RoutingContext context, JsonRoutes json, @Nullable List<String> segments, boolean api) {
        if (segments == null) {
            Responder.refuse(context, notFound());
        } else if (!features.polled().answer(context, segments) && !json.handle(context, segments)) {
            proceed(context, api);
        }
    }

    private static void proceed(RoutingContext context, boolean api) {
        if (api) {
            Responder.refuse(context, notFound());
        } else if (isReadable(context.request())) {
            context.next();
        } else {
            Responder.refuse(context, Refusal.of(400, "malformed-query", "The query cannot be read"));
        }
    }

    /** Whether a query's escapes are whole: pages read its parameters wherever they need one. */
    private static boolean isReadable(HttpServerRequest request) {
        try {
            return request.query() == null || request.params() != null;
        } catch (IllegalArgumentException brokenEscape) {
            return false;
        }
    }

    static Refusal notFound() {
        return Refusal.of(404, "not-found", "There is nothing at this path");
    }

    private static Refusal overloaded() {
        return Refusal.of(503, "overloaded", "The server is busy; try again shortly")
                .with("Retry-After", "1");
    }
}
