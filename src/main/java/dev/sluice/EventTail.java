package dev.sluice;

import dev.sluice.eventlog.EventHead;
import dev.sluice.eventlog.Tail;
import dev.sluice.ops.Foundation;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Reads the event log once for all boards and streams of this process. */
final class EventTail {
    private static final Duration POLL = Duration.ofSeconds(1);
    /** Boards serve while everything was seen this recently. */
    private static final Duration FRESH = Duration.ofSeconds(3);

    /** What is counted by a fact of it. */
    private static final Set<String> BODIES = Set.of(GatewayMeters.PAYMENT_SETTLED);

    private final Foundation f;
    private final List<Consumer<List<EventHead>>> hearers = new CopyOnWriteArrayList<>();
    private final Tail tail;

    EventTail(Foundation foundation) {
        this.f = foundation;
        Tail.Reading reading = new Tail.Reading(f.vertx(), f.events(), f.bus(), f.clock(), POLL, BODIES);
        this.tail = Tail.fromHead("boards", reading, events -> {
            hearers.forEach(hearer -> hearer.accept(events));
            return Future.succeededFuture();
        });
    }

    /** Tells what is read from now on. */
    void tell(Consumer<List<EventHead>> hearer) {
        hearers.add(hearer);
    }

    Future<Void> start() {
        f.shutdown().started("tail", tail::stop);
        return tail.start();
    }

    Optional<Instant> freshAt() {
        return tail.freshAt();
    }

    boolean isFresh() {
        Instant since = f.clock().now().minus(FRESH);
        return freshAt().filter(since::isBefore).isPresent();
    }
}
