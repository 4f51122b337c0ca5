package dev.sluice.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What one request holds on its way through the edge: its names, its connection's attention, its place among those in
 * flight. Everything is given back when the answer is out; a stream gives its place back when it opens and a long poll
 * when it begins to wait, because those have bounds of their own.
 */
final class Passage {
    private static final String KEY = "sluice.passage";

    private final String traceId;
    private final String address;
    private final Connections.Line line;
    private final HttpMeters meters;
    private final Shares inFlight;
    private final AtomicReference<Place> place = new AtomicReference<>(Place.NONE); // what waits wakes on any thread
    private final RequestLog log;
    private final long beganNanos = System.nanoTime();
    private boolean api;
    private boolean streams;
    private RouteTable.@Nullable Route route;
    private @Nullable String credential;

    /** A place among those in flight, and whether it counts for the caller's address. */
    private enum Place {
        NONE,
        OF_ADDRESS,
        OF_NOBODY
    }

    private Passage(
            String traceId, String address, Connections.Line line, HttpMeters meters, Shares inFlight, RequestLog log) {
        this.traceId = traceId;
        this.address = address;
        this.line = line;
        this.meters = meters;
        this.inFlight = inFlight;
        this.log = log;
    }

    /** Begins a request's passage, which ends with its answer. */
    static Passage begin(
            RoutingContext context,
            String traceId,
            String address,
            Connections.Line line,
            HttpMeters meters,
            Shares inFlight,
            RequestLog log) {
        line.begin();
        Passage passage = new Passage(traceId, address, line, meters, inFlight, log);
        context.put(KEY, passage);
        context.addEndHandler(end -> passage.end(context));
        return passage;
    }

    static Passage of(RoutingContext context) {
        return context.get(KEY);
    }

    /** The trace id of a request; empty where vertx-web refused it before its passage began. */
    static String traceOf(RoutingContext context) {
        Passage passage = context.get(KEY);
        return passage == null ? "" : passage.traceId();
    }

    /** Tells the log how a request was answered. */
    static void tell(RoutingContext context, int status, String code) {
        Passage passage = context.get(KEY);
        if (passage != null) {
            HttpServerRequest request = context.request();
            passage.log.tell(new RequestLog.Line(
                    request.method().name(),
                    request.path(),
                    passage.route,
                    status,
                    code,
                    passage.credential,
                    passage.traceId));
        }
    }

    /** Lets its answer be the last of its connection: what the caller sent behind the request is not served. */
    static void hangUp(RoutingContext context) {
        Passage passage = context.get(KEY);
        if (passage != null) {
            passage.line.hangUp();
        }
    }

    /** Its path is the API's. */
    void belongsToApi() {
        api = true;
    }

    /** Whether clients of the API ask, who know its errors; else a browser, a wallet or an app that writes cards. */
    static boolean isOfApi(RoutingContext context) {
        Passage passage = context.get(KEY);
        return passage != null && passage.api;
    }

    /** Which route it found. */
    void reached(RouteTable.Route found) {
        route = found;
    }

    /** Whose credentials were right. */
    void belongsTo(Optional<Principal> caller) {
        credential = caller.map(Principal::credentialId).orElse(null);
    }

    String traceId() {
        return traceId;
    }

    /** Where the caller is. */
    String address() {
        return address;
    }

    /** Whose requests are counted together as long as nobody knows the caller. */
    String subscriber() {
        return ClientAddress.subscriber(address);
    }

    /** Whose streams and waits are counted together: those of a credential, or of an address where there is none. */
    String caller() {
        return credential == null ? subscriber() : credential;
    }

    /** Takes a place among those in flight; false where all, or those of the address, are taken. */
    boolean admit() {
        if (!inFlight.enter(subscriber())) {
            return false;
        }
        place.set(Place.OF_ADDRESS);
        return true;
    }

    /** The caller has a credential, which has limits of its own: the place counts for its address no longer. */
    void known() {
        if (place.compareAndSet(Place.OF_ADDRESS, Place.OF_NOBODY)) {
            inFlight.release(subscriber());
        }
    }

    /** Goes on as one that waits, also for its answer, which is one look more. */
    void rest() {
        leave();
    }

    /** Goes on as a stream. */
    void becomeStream() {
        streams = true;
        leave();
    }

    private void end(RoutingContext context) {
        line.end();
        leave();
        meters.answered(context.response().getStatusCode(), streams ? 0 : System.nanoTime() - beganNanos);
    }

    private void leave() {
        switch (place.getAndSet(Place.NONE)) {
            case OF_ADDRESS -> inFlight.leave(subscriber());
            case OF_NOBODY -> inFlight.leave();
            case NONE -> {}
        }
    }
}
