package dev.sluice.webhook;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.WebhookId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The deliveries' table as a log: reading it, and putting deliveries in by hand. */
final class DeliveryRepository {
    private static final String COLUMNS = """
            d.id, d.webhook_id, w.store_id, d.original_id, d.kind, d.attempt, d.state, d.event_at, d.due_at, d.sent_at,
            d.http_code, d.error, d.excerpt
            """;
    // Each state by itself: an endpoint may have millions of lines in a state that was not asked for.
    private static final String LIST = "select " + COLUMNS + """
            , null::text as facts from (select distinct unnest($2::text[]) as state) asked cross join lateral (
                select * from webhook_delivery where webhook_id = $1 and state = asked.state
                order by created_at desc, id desc limit $3) d
            join webhook w on w.id = d.webhook_id order by d.created_at desc, d.id desc limit $3
            """;
    private static final String FIND = "select " + COLUMNS + """
            , o.facts from webhook_delivery d join webhook w on w.id = d.webhook_id
            join webhook_delivery o on o.id = d.original_id where d.webhook_id = $1 and d.id = $2
            """;
    private static final String REDELIVER = """
            insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, attempt, state,
                due_at, created_at)
            select $1, webhook_id, original_id, kind, event_at, 1, 'due', $3, $3 from webhook_delivery where id = $2
            """;
    private static final String PING = """
            insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, facts, attempt, state,
                due_at, created_at)
            values ($1, $2, $1, $3, $4, '{}', 1, 'due', $4, $4)
            """;

    private static final String RANGE = """
            from webhook w cross join lateral (
                select tx, seq, version, at, kind, body::jsonb from event
                where store_id = w.store_id and at >= $2 and at < $3
                union all
                select tx, seq, version, at, kind, body::jsonb || also_facts from event
                where also_store_id = w.store_id and at >= $2 and at < $3) e
            where w.id = $1 and e.kind = any ($4)
                and (w.everything or e.kind = any (w.events))
            """;
    private static final String COUNT = "select count(*) as events from (select 1 " + RANGE + " limit $5) as first";
    // Events this endpoint never heard become originals; heard ones are sent again under their original; what is due
    // or pruned stays as it is.
    private static final String REPLAY = """
            with told as (
                select substr(
                    encode(sha256(convert_to(e.tx::text || '-' || e.seq || ':' || w.id, 'UTF8')), 'hex'), 1, 32)
                    as id, e.kind, e.at, (e.body - $7::text[]
                        || jsonb_build_object('version', e.version, 'sequence', e.seq))::text as facts
            """ + RANGE + """
            ), missed as (
                insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, facts, attempt, state,
                    due_at, created_at)
                select id, $1, id, kind, at, facts, 1, 'due', $5, $5 from told on conflict (id) do nothing returning id
            ), again as (
                insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, attempt, state, due_at,
                    created_at)
                select substr(encode(sha256(convert_to($6 || ':' || o.id, 'UTF8')), 'hex'), 1, 32), $1, o.id, o.kind,
                    o.event_at, 1, 'due', $5, $5
                from told join webhook_delivery o on o.id = told.id
                where o.state <> 'due' and o.facts is not null
                returning id
            )
            select (select count(*) from missed) + (select count(*) from again) as deliveries
            """;

    private final Db db;

    DeliveryRepository(Db db) {
        this.db = db;
    }

    /** The latest lines in any of some states, newest first. */
    Future<List<Delivery>> list(WebhookId webhook, List<String> states, int limit) {
        return db.read(LIST, webhook.value(), states.toArray(String[]::new), limit)
                .map(rows -> Columns.list(rows, DeliveryRepository::delivery));
    }

    Future<Optional<Delivery>> find(WebhookId webhook, String id) {
        return db.read(FIND, webhook.value(), id).map(rows -> Columns.first(rows, DeliveryRepository::delivery));
    }

    /** Queues a past delivery again under a new id. */
    Future<Void> redeliver(SqlClient tx, String newId, String id, Instant now) {
        return Db.run(tx, REDELIVER, Tuple.of(newId, id, Columns.at(now))).mapEmpty();
    }

    Future<Void> ping(SqlClient tx, String newId, WebhookId webhook, Instant now) {
        return Db.run(tx, PING, Tuple.of(newId, webhook.value(), WebhookEvents.PING, Columns.at(now)))
                .mapEmpty();
    }

    /** How many events a replay would tell; counts to {@code most} and no further. */
    Future<Long> count(SqlClient tx, WebhookId webhook, Instant from, Instant to, int most) {
        return Db.run(tx, COUNT, range(webhook, from, to).addInteger(most))
                .map(rows -> rows.iterator().next().getLong("events"));
    }

    /** Queues the events of {@code [from, to)}; answers how many. {@code run} names the replay in the new ids. */
    Future<Long> replay(SqlClient tx, WebhookId webhook, Instant from, Instant to, Instant now, String run) {
        Tuple args = range(webhook, from, to)
                .addOffsetDateTime(Columns.at(now))
                .addString(run)
                .addArrayOfString(WebhookBody.ENVELOPE.toArray(String[]::new));
        return Db.run(tx, REPLAY, args).map(rows -> rows.iterator().next().getLong("deliveries"));
    }

    private static Tuple range(WebhookId webhook, Instant from, Instant to) {
        return Tuple.of(webhook.value(), Columns.at(from), Columns.at(to))
                .addArrayOfString(WebhookEvents.DELIVERED.toArray(String[]::new));
    }

    private static Delivery delivery(Row row) {
        return new Delivery(
                row.getString("id"),
                row.getString("webhook_id"),
                row.getString("store_id"),
                row.getString("original_id"),
                row.getString("kind"),
                row.getInteger("attempt"),
                row.getString("state"),
                row.getOffsetDateTime("event_at").toInstant(),
                row.getOffsetDateTime("due_at").toInstant(),
                Columns.instant(row, "sent_at"),
                row.getInteger("http_code"),
                row.getString("error"),
                row.getString("excerpt"),
                row.getString("facts"));
    }
}
