package dev.sluice.eventlog;

import dev.sluice.bus.Bus;
import dev.sluice.bus.Topic;
import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes and reads the event log. */
public final class EventLog {
    /** A hint that something was committed: readers look now instead of at their next poll. Carries no truth. */
    public static final Topic<Written> WRITTEN = new Topic<>("eventlog.written", Written.class);

    /** The hint's content: nothing. */
    public record Written() {}

    private static final String APPEND = """
            insert into event (at, kind, store_id, subject, version, body, also_store_id, also_facts)
            select at, kind, store_id, subject, version, body, also_store_id, also_facts::jsonb
            from unnest($1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::json[], $7::text[],
              $8::text[]) as e (at, kind, store_id, subject, version, body, also_store_id, also_facts)
            """;

    // A plain "seq > last" loses rows whose transaction commits late; below the oldest running one nothing can appear.
    private static final String PAGE = """
            select tx::text::bigint as tx, seq, at, kind, store_id, subject, version, body, also_store_id, also_facts
            from event
            where (tx, seq) > ($1::text::xid8, $2::bigint) and tx < event_horizon()
            order by tx, seq limit $3
            """;

    /** Most of an event is its body: what nobody wants of it is not sent. */
    private static final String HEADS = """
            select tx::text::bigint as tx, seq, kind, store_id, also_store_id, subject, version,
              case when kind = any($4::text[]) then body end as body from event
            where (tx, seq) > ($1::text::xid8, $2::bigint) and tx < event_horizon()
            order by tx, seq limit $3
            """;

    /**
     * Looks at a bounded part of the log by its key, however few of its events are of the store. Each is told as the
     * store hears it.
     */
    private static final String OF_STORE = """
            with page as materialized (
                select * from event where (tx, seq) > ($1::text::xid8, $2::bigint) and tx < event_horizon()
                order by tx, seq limit 1000
            ), seen as (
                select *, coalesce($3 in (store_id, also_store_id), false) and starts_with(kind, $4) as found,
                  lead(seq) over (order by tx, seq) is null as last from page)
            select tx::text::bigint as tx, seq, found, at, kind, $3 as store_id, subject, version,
              case when also_store_id = $3 then (body::jsonb || also_facts)::json else body end as body,
              null::text as also_store_id, null::jsonb as also_facts from seen
            where found or last order by tx, seq
            """;

    private static final String CURSOR = "select tx::text::bigint as tx, position from stream_cursor where name = $1";
    private static final String HEAD = """
            select tx::text::bigint as tx, seq from event
            where tx < event_horizon() order by tx desc, seq desc limit 1
            """;

    private final Db db;
    private final Bus bus;

    public EventLog(Db db, Bus bus) {
        this.db = db;
        this.bus = bus;
    }

    /** Appends inside the caller's transaction. After its commit the caller says {@link #hint()}. */
    public Future<Void> append(SqlClient tx, List<Event> events) {
        if (events.isEmpty()) {
            return Future.succeededFuture();
        }
        Tuple args = Tuple.of(
                Columns.of(events, OffsetDateTime.class, e -> Columns.at(e.at())),
                Columns.of(events, String.class, Event::kind),
                Columns.of(events, String.class, e -> storeOf(e.store())),
                Columns.of(events, String.class, Event::subject),
                Columns.of(events, Long.class, Event::version),
                Columns.of(events, Object.class, Event::body));
        // As text: the driver makes JSON's null of a null in an array of JSON.
        args.addValue(Columns.of(
                        events,
                        String.class,
                        e -> e.also() == null ? null : e.also().store().value()))
                .addValue(Columns.of(
                        events,
                        String.class,
                        e -> e.also() == null ? null : e.also().facts().encode()));
        return Db.run(tx, APPEND, args).mapEmpty();
    }

    /** Wakes the readers of this process; others poll. */
    public void hint() {
        bus.publish(WRITTEN, new Written());
    }

    /** Up to {@code limit} events after a position, oldest first; never skips one that commits late. */
    public Future<List<LoggedEvent>> after(Position position, int limit) {
        return db.read(PAGE, Long.toString(position.tx()), position.seq(), limit)
                .map(rows -> Columns.list(rows, EventLog::event));
    }

    /** The same without bodies, but for events of the kinds {@code withBody}. */
    public Future<List<EventHead>> heads(Position position, int limit, Collection<String> withBody) {
        return db.read(HEADS, Long.toString(position.tx()), position.seq(), limit, withBody.toArray(String[]::new))
                .map(rows -> Columns.list(rows, EventLog::head));
    }

    /**
     * Events of a store, oldest first.
     *
     * @param events those that were found
     * @param end how far was looked; where it is not beyond where the look began, there is nothing more now
     */
    public record Part(List<LoggedEvent> events, Position end) {}

    /** Events of a store after a position whose kind begins with {@code kinds}; looks at 1,000 events at most. */
    public Future<Part> ofStore(StoreId store, String kinds, Position after) {
        return db.read(OF_STORE, Long.toString(after.tx()), after.seq(), store.value(), kinds)
                .map(rows -> {
                    Position end = after;
                    List<LoggedEvent> found = new ArrayList<>();
                    for (Row row : rows) {
                        end = position(row);
                        if (row.getBoolean("found")) {
                            found.add(event(row));
                        }
                    }
                    return new Part(found, end);
                });
    }

    /** The newest position that is safe to start from. */
    public Future<Position> head() {
        return db.read(HEAD)
                .map(rows -> rows.size() == 0
                        ? Position.START
                        : new Position(
                                rows.iterator().next().getLong("tx"),
                                rows.iterator().next().getLong("seq")));
    }

    /** Where a named reader stands; {@link Position#START} before its first move. */
    public Future<Position> cursor(String reader) {
        return db.read(CURSOR, reader).map(rows -> {
            for (Row row : rows) {
                return new Position(row.getLong("tx"), row.getLong("position"));
            }
            return Position.START;
        });
    }

    private static @Nullable String storeOf(@Nullable StoreId store) {
        return store == null ? null : store.value();
    }

    private static EventHead head(Row row) {
        return new EventHead(
                position(row),
                row.getString("kind"),
                store(row, "store_id"),
                store(row, "also_store_id"),
                row.getString("subject"),
                row.getLong("version"),
                row.get(JsonObject.class, "body"));
    }

    private static Position position(Row row) {
        return new Position(row.getLong("tx"), row.getLong("seq"));
    }

    private static @Nullable StoreId store(Row row, String column) {
        String store = row.getString(column);
        return store == null ? null : new StoreId(store);
    }

    private static LoggedEvent event(Row row) {
        StoreId also = store(row, "also_store_id");
        return new LoggedEvent(
                position(row),
                new Event(
                        row.getOffsetDateTime("at").toInstant(),
                        row.getString("kind"),
                        store(row, "store_id"),
                        row.getString("subject"),
                        row.getLong("version"),
                        row.get(JsonObject.class, "body"),
                        also == null ? null : new Event.Also(also, row.get(JsonObject.class, "also_facts"))));
    }
}
