package dev.sluice.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Server-sent events to one listener. Of a state ({@link #send}) only the latest waits while the listener reads too
 * slowly; who sends a history asks {@link #isFull} and goes on when it is {@link #onDrain drained}. Use it on the event
 * loop of the request.
 *
 * <pre>{@code
 * EventStream stream = EventStream.open(context, streams);
 * stream.send(view.version(), "status", view.json());
 * stream.onClose(hints::unregister);
 * }</pre>
 */
public final class EventStream {
    /** Shorter than the 30 to 60 s after which proxies give a silent connection up. */
    private static final long HEARTBEAT_MS = 15_000;
    /** How long a browser waits before it connects again. */
    private static final int RETRY_MS = 2_000;

    private final HttpServerResponse response;
    private final Vertx vertx;
    private final OpenStreams streams;
    private final Optional<String> lastEventId;
    private final Runnable closer = this::close;
    private final long heartbeat;
    private @Nullable String waiting;
    private @Nullable Runnable drained;
    private @Nullable Runnable closed;

    private EventStream(RoutingContext context, OpenStreams streams) {
        this.response = context.response();
        this.vertx = context.vertx();
        this.streams = streams;
        this.lastEventId = Optional.ofNullable(context.request().getHeader("Last-Event-ID"));
        Passage passage = Passage.of(context);
        streams.enter(passage.caller(), closer);
        passage.becomeStream();
        context.addEndHandler(end -> ended());
        this.heartbeat = vertx.setPeriodic(HEARTBEAT_MS, tick -> beat());
        response.drainHandler(read -> catchUp());
    }

    /** Answers with an open stream; throws {@code Unavailable} where too many are open. */
    public static EventStream open(RoutingContext context, OpenStreams streams) {
        EventStream stream = new EventStream(context, streams);
        stream.response
                .setChunked(true)
                .putHeader("Content-Type", "text/event-stream; charset=utf-8")
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Accel-Buffering", "no") // nginx would hold events back
                .write("retry: " + RETRY_MS + "\n\n");
        return stream;
    }

    /** The id of the last event that the listener saw before it lost us. */
    public Optional<String> lastEventId() {
        return lastEventId;
    }

    /** Whether the listener has more than enough to read. */
    public boolean isFull() {
        return response.writeQueueFull();
    }

    /** Called each time the listener has read what waited. */
    public void onDrain(Runnable handler) {
        drained = handler;
    }

    /** Sends an event of a history, whatever waits. */
    public void append(String id, String event, String data) {
        write(frame(id, event, data));
    }

    private static String frame(String id, String event, String data) {
        return "id: " + id + "\nevent: " + event + "\ndata: " + data.replace("\n", "\ndata: ") + "\n\n";
    }

    /** Sends an event, or keeps it as the one to send once the listener has caught up. */
    public void send(long id, String event, String data) {
        String frame = frame(Long.toString(id), event, data);
        if (response.writeQueueFull()) {
            waiting = frame;
        } else {
            write(frame);
        }
    }

    /** Called once when the listener is gone or the stream was closed; at once if it already is. */
    public void onClose(Runnable handler) {
        if (response.ended() || response.closed()) {
            handler.run();
        } else {
            closed = handler;
        }
    }

    /** Ends the stream; the browser will connect again. */
    public void close() {
        if (!response.ended() && !response.closed()) {
            response.end();
        }
    }

    private void beat() {
        if (!response.writeQueueFull()) {
            write(": alive\n\n");
        }
    }

    private void catchUp() {
        String latest = waiting;
        waiting = null;
        if (latest != null) {
            write(latest);
        }
        if (drained != null) {
            drained.run();
        }
    }

    private void write(String frame) {
        if (!response.ended() && !response.closed()) {
            response.write(frame);
        }
    }

    private void ended() {
        vertx.cancelTimer(heartbeat);
        streams.leave(closer);
        Runnable handler = closed;
        closed = null;
        if (handler != null) {
            handler.run();
        }
    }
}
