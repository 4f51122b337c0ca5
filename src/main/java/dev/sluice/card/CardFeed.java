package dev.sluice.card;

import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventHead;
import dev.sluice.eventlog.EventLog;
import dev.sluice.eventlog.LoggedEvent;
import dev.sluice.eventlog.Position;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.EventStream;
import dev.sluice.http.Listeners;
import dev.sluice.http.OpenStreams;
import dev.sluice.http.Reply;
import dev.sluice.http.Routes;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens to a store's cards, as it happens: server-sent events, or the same as JSON for who asks again and again.
 * Each event has its place in the log as id, so that who lost the connection misses nothing.
 */
final class CardFeed implements Routes {
    private static final Logger log = LoggerFactory.getLogger(CardFeed.class);

    private static final Access VIEW = Access.needs("btcpay.store.canviewpullpayments");
    private static final String KINDS = "card.";
    /** How late an event is whose hint was lost. */
    private static final long POLL_MS = 5_000;
    /** How long a stream lives: who comes back is asked for credentials that still hold. */
    private static final long LIFE_MS = 900_000;

    /** Looks at the log at once, of all streams; who catches up from far behind waits its turn. */
    private static final int LOOKS_MAX = 4;

    private static final long TURN_MS = 50;

    private final EventLog events;
    private final OpenStreams streams;
    private final AtomicInteger looks = new AtomicInteger();
    private final Listeners<StoreId> listeners = new Listeners<>();

    CardFeed(EventLog events, OpenStreams streams) {
        this.events = events;
        this.streams = streams;
    }

    @Override
    public void mount(Api api) {
        api.get("/api/v1/stores/{storeId}/cards/events", VIEW, this::answer);
    }

    /** New events were read: whoever follows their stores looks now. */
    void heard(List<EventHead> batch) {
        batch.stream()
                .filter(event -> event.kind().startsWith(KINDS))
                .flatMap(event -> Stream.of(event.store(), event.also()).filter(Objects::nonNull))
                .distinct()
                .forEach(listeners::tell);
    }

    private Future<Reply> answer(Call call) {
        StoreId store = call.store();
        boolean stream = call.header("Accept")
                .filter(accept -> accept.contains("text/event-stream"))
                .isPresent();
        Optional<Position> asked =
                call.query("after").or(() -> call.header("Last-Event-ID")).map(CardFeed::position);
        Future<Position> from = asked.map(Future::succeededFuture).orElseGet(events::head);
        return from.compose(after -> {
            if (stream) {
                new Follower(store, after, call.stream(streams)).begin();
                return Future.succeededFuture(Reply.done());
            }
            return events.ofStore(store, KINDS, after).map(CardFeed::reply);
        });
    }

    private static Position position(String text) {
        try {
            return Position.parse(text);
        } catch (IllegalArgumentException malformed) {
            throw Failure.invalid("after", "This must be the id of an event").exception();
        }
    }

    private static Reply reply(EventLog.Part part) {
        JsonArray all = new JsonArray();
        part.events().forEach(logged -> all.add(json(logged)));
        return Reply.json(
                new JsonObject().put("events", all).put("next", part.end().toString()));
    }

    private static JsonObject json(LoggedEvent logged) {
        Event event = logged.event();
        return new JsonObject()
                .put("id", logged.position().toString())
                .put("type", event.kind())
                .put("time", event.at().getEpochSecond())
                .put("subject", event.subject())
                .put("data", event.body());
    }

    /** One listener; it lives on the event loop of its request. */
    private final class Follower {
        private final StoreId store;
        private final EventStream stream;
        private final Context loop = Vertx.currentContext();
        private final Runnable look = () -> loop.runOnContext(go -> look());
        private Position position;
        private boolean reading;
        private boolean again;
        private boolean closed;

        Follower(StoreId store, Position after, EventStream stream) {
            this.store = store;
            this.position = after;
            this.stream = stream;
        }

        void begin() {
            Runnable ended = listeners.hear(store, look);
            long timer = loop.owner().setPeriodic(POLL_MS, tick -> look());
            long end = loop.owner().setTimer(LIFE_MS, over -> stream.close());
            stream.onDrain(this::look);
            stream.onClose(() -> {
                closed = true;
                loop.owner().cancelTimer(timer);
                loop.owner().cancelTimer(end);
                ended.run();
            });
            look();
        }

        private void look() {
            if (reading) {
                again = true;
                return;
            }
            if (closed || stream.isFull()) {
                return;
            }
            reading = true;
            if (looks.incrementAndGet() > LOOKS_MAX) {
                looks.decrementAndGet();
                loop.owner().setTimer(TURN_MS, turn -> {
                    reading = false;
                    look();
                });
                return;
            }
            again = false;
            events.ofStore(store, KINDS, position)
                    .onComplete(done -> loop.runOnContext(back -> {
                        looks.decrementAndGet();
                        reading = false;
                        if (done.failed()) {
                            log.warn("card.feed.failed cause={}", done.cause().toString()); // the next look tries again
                            return;
                        }
                        boolean moved = !done.result().end().equals(position);
                        position = done.result().end();
                        done.result().events().forEach(this::tell);
                        if (moved || again) {
                            look();
                        }
                    }));
        }

        private void tell(LoggedEvent logged) {
            JsonObject json = json(logged);
            stream.append(json.getString("id"), json.getString("type"), json.encode());
        }
    }
}
