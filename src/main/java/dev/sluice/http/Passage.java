package dev.sluice.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one request holds on its way through the edge: its names, its connection's attention, its place among those in
 * flight. Everything is given back when the answer is out; a stream gives its place back when it opens, because streams
 * have a bound of their own.
 */
final class Passage {
    private static final String KEY = "sluice.passage";

    private final String traceId;
    private final String address;
    private final HttpConnection connection;
    private final Connections open;
    private final HttpMeters meters;
    private final AtomicInteger inFlight;
    private final long beganNanos = System.nanoTime();
    private boolean admitted;
    private boolean streams;

    private Passage(
            String traceId,
            String address,
            HttpConnection connection,
            Connections open,
            HttpMeters meters,
            AtomicInteger inFlight) {
        this.traceId = traceId;
        this.address = address;
        this.connection = connection;
        this.open = open;
        this.meters = meters;
        this.inFlight = inFlight;
    }

    /** Begins a request's passage, which ends with its answer. */
    static Passage begin(
            RoutingContext context,
            String traceId,
            String address,
            Connections open,
            HttpMeters meters,
            AtomicInteger inFlight) {
        HttpConnection connection = context.request().connection();
        Passage passage = new Passage(traceId, address, connection, open, meters, inFlight);
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

    String traceId() {
        return traceId;
    }

    /** Where the caller is. */
    String address() {
        return address;
    }

    /** Takes a place among those in flight; false where {@code max} are taken. */
    boolean admit(int max) {
        if (inFlight.incrementAndGet() > max) {
            inFlight.decrementAndGet();
            return false;
        }
        admitted = true;
        return true;
    }

    /** Goes on as a stream. */
    void becomeStream() {
        streams = true;
        leave();
    }

    private void end(RoutingContext context) {
        open.end(connection);
        leave();
        meters.answered(context.response().getStatusCode(), streams ? 0 : System.nanoTime() - beganNanos);
    }

    private void leave() {
        if (admitted) {
            admitted = false;
            inFlight.decrementAndGet();
        }
    }
}
