package dev.sluice.webhook;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.eventlog.Position;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/**
 * The deliveries' table as a queue: fan-out, claims and results. Claims are timed by the database's clock, so that
 * processes whose clocks differ agree; due times by the caller's.
 */
final class QueueRepository {
    /** The event log reader's name. */
    static final String READER = "webhook";

    private static final String BACKLOG = """
            select count(*) as due, coalesce(extract(epoch from now() - min(due_at)), 0)::float8 as oldest
            from (select due_at from webhook_delivery where state = 'due' and due_at <= now() limit 10000) as waiting
            """;

    /** Whether an endpoint hears of an event. */
    private static final String HEARS = """
            w.deleted_at is null and w.enabled and w.created_at <= e.at and (w.everything or e.kind = any (w.events))
            """;

    /** Of the events after a position, those that an endpoint may hear now, and the last that was looked at. */
    private static final String PAGE = """
            with page as materialized (
                select *, exists (select 1 from webhook w where w.store_id in (e.store_id, e.also_store_id) and
            """ + HEARS + """
                ) as told
                from event e where (tx, seq) > ($1::text::xid8, $2::bigint) and tx < event_horizon()
                order by tx, seq limit $3
            ), seen as (
                select *, lead(seq) over (order by tx, seq) is null as last, count(*) over () as looked_at from page
            )
            select tx::text::bigint as tx, seq, version, told, looked_at, at, kind, store_id, also_store_id,
                case when told then body end as body,
                case when told and also_store_id is not null then body::jsonb || also_facts end as also_body
            from seen where told or last order by tx, seq
            """;

    // The cursor moves only from where this reader saw it: of two processes one fans a page out, the other adds
    // nothing.
    private static final String FAN_OUT = """
            with moved as (
                update stream_cursor set tx = $1::text::xid8, position = $2, updated_at = now()
                where name = 'webhook' and tx = $3::text::xid8 and position = $4 returning 1
            ), fresh as (
                select substr(encode(sha256(convert_to(e.key || ':' || w.id, 'UTF8')), 'hex'), 1, 32) as id, e.ord,
                    w.id as webhook_id, e.kind, e.at as event_at, e.facts, w.store_id, w.url, w.secret,
                    case when w.previous_until > $10 then w.previous_secret end as previous_secret,
                    w.automatic_redelivery, w.id <> all ($13) as mine
                from unnest($5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[]) with ordinality
                    as e (key, kind, store_id, at, facts, ord)
                join webhook w on w.store_id = e.store_id and
            """ + HEARS + """
            ), added as (
                insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, facts, attempt, state,
                    due_at, claimed_by, claimed_until, created_at)
                select id, webhook_id, id, kind, event_at, facts, 1, 'due', $10, case when mine then $11 end,
                    case when mine then now() + $12 * interval '1 s' end, $10
                from fresh, moved
                on conflict (id) do nothing returning id
            )
            select (select count(*) from moved) as moved, f.id, f.id as original_id, 1 as attempt, f.webhook_id, f.kind,
                f.event_at, f.facts, f.store_id, f.url, f.secret, f.previous_secret, f.automatic_redelivery
            from (values (1)) as one (n) left join (
                select fresh.* from fresh join added using (id) where mine) as f on true
            order by f.ord
            """;

    private static final String CLAIM = """
            with picked as (
                select d.id from webhook w cross join lateral (
                    select id from webhook_delivery
                    where webhook_id = w.id and state = 'due' and due_at <= $1
                        and (claimed_until is null or claimed_until < now())
                    order by due_at limit $2) d
                where w.enabled and w.deleted_at is null and w.id <> all ($3)
                limit $4
            ), locked as (
                select d.id from webhook_delivery d join picked using (id)
                where d.state = 'due' and (d.claimed_until is null or d.claimed_until < now())
                for update of d skip locked
            ), claimed as (
                update webhook_delivery d set claimed_by = $5, claimed_until = now() + $6 * interval '1 s'
                from locked where d.id = locked.id
                returning d.id, d.webhook_id, d.original_id, d.attempt, d.kind, d.event_at, d.due_at
            )
            select c.id, c.webhook_id, c.original_id, c.attempt, c.kind, c.event_at, o.facts, w.store_id, w.url,
                w.secret,
                case when w.previous_until > $1 then w.previous_secret end as previous_secret, w.automatic_redelivery
            from claimed c join webhook w on w.id = c.webhook_id join webhook_delivery o on o.id = c.original_id
            where o.facts is not null order by c.due_at, c.event_at
            """;

    private static final String TAKE_OVER = """
            update webhook_delivery set claimed_by = null, claimed_until = null
            where state = 'due' and claimed_by is not null
            """;

    private static final String RELEASE = """
            update webhook_delivery set claimed_by = null, claimed_until = null, due_at = greatest(due_at, $3)
            where id = any ($1) and state = 'due' and claimed_by = $2
            """;

    // A result counts only while its claim holds; the next attempt is a row of its own, made in the same statement.
    private static final String RECORD = """
            with r as (
                select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::text[], $6::text[],
                    $7::text[], $8::timestamptz[]) as r (id, state, sent_at, code, error, excerpt, next_id, next_due)
            ), done as (
                update webhook_delivery d set state = r.state, sent_at = r.sent_at, http_code = nullif(r.code, 0),
                    error = nullif(r.error, ''), excerpt = nullif(r.excerpt, ''),
                    claimed_by = null, claimed_until = null
                from r where d.id = r.id and d.state = 'due' and d.claimed_by = $9
                returning d.webhook_id, d.original_id, d.kind, d.event_at, d.attempt, r.next_id, r.next_due, r.sent_at
            )
            insert into webhook_delivery (id, webhook_id, original_id, kind, event_at, attempt, state,
                due_at, created_at)
            select next_id, webhook_id, original_id, kind, event_at, attempt + 1, 'due', next_due, sent_at
            from done where next_id <> '' on conflict (id) do nothing
            """;

    private final Db db;
    private final String owner;
    private final Duration lease;

    /**
     * @param owner names this process among the claimants
     * @param lease how long a claim holds
     */
    QueueRepository(Db db, String owner, Duration lease) {
        this.db = db;
        this.owner = owner;
        this.lease = lease;
    }

    /**
     * What happened to a store that has an endpoint.
     *
     * @param version the subject's after it
     * @param facts the event's body
     */
    record Fact(Position position, Instant at, String kind, String store, long version, JsonObject facts) {
        String written() {
            return WebhookBody.facts(facts, version, position.seq());
        }
    }

    /**
     * Facts, oldest first, of the events that were looked at.
     *
     * @param end the last of those; where the look began if there was none
     * @param looked how many were looked at
     */
    record Page(List<Fact> facts, Position end, long looked) {}

    /** What endpoints may hear of the {@code limit} events after a position; of one event, each store it tells. */
    Future<Page> page(Position after, int limit) {
        return db.read(PAGE, Long.toString(after.tx()), after.seq(), limit).map(rows -> {
            List<Fact> facts = new ArrayList<>();
            Position end = after;
            long looked = 0;
            for (Row row : rows) {
                end = new Position(row.getLong("tx"), row.getLong("seq"));
                looked = row.getLong("looked_at");
                if (row.getBoolean("told")) {
                    facts.add(fact(end, row, "store_id", "body"));
                    if (row.getString("also_store_id") != null) {
                        facts.add(fact(end, row, "also_store_id", "also_body"));
                    }
                }
            }
            return new Page(facts, end, looked);
        });
    }

    private static Fact fact(Position position, Row row, String store, String body) {
        return new Fact(
                position,
                row.getOffsetDateTime("at").toInstant(),
                row.getString("kind"),
                row.getString(store),
                row.getLong("version"),
                row.get(JsonObject.class, body));
    }

    /**
     * Makes a page of events into deliveries and moves the cursor. Answers those claimed, which leaves out {@code shut}
     * endpoints, or empty where another reader was faster.
     */
    Future<Optional<List<Job>>> fanOut(
            Position from, Position to, List<Fact> events, Instant now, Collection<String> shut) {
        Tuple args = Tuple.of(Long.toString(to.tx()), to.seq(), Long.toString(from.tx()), from.seq())
                .addArrayOfString(strings(events, event -> event.position().toString()))
                .addArrayOfString(strings(events, Fact::kind))
                .addArrayOfString(strings(events, Fact::store))
                .addArrayOfOffsetDateTime(
                        events.stream().map(event -> Columns.at(event.at())).toArray(OffsetDateTime[]::new))
                .addArrayOfString(strings(events, Fact::written))
                .addOffsetDateTime(Columns.at(now))
                .addString(owner)
                .addLong(lease.toSeconds())
                .addArrayOfString(shut.toArray(String[]::new));
        // What a crash takes back is fanned out again from the events: the ids of deliveries follow from them.
        return db.writeRelaxed(FAN_OUT, args)
                .map(rows -> rows.iterator().next().getLong("moved") == 1 ? Optional.of(jobs(rows)) : Optional.empty());
    }

    /**
     * Claims due deliveries of enabled endpoints, {@code perEndpoint} of each at most, leaving out {@code shut} ones.
     */
    Future<List<Job>> claim(Instant now, Collection<String> shut, int perEndpoint, int limit) {
        Tuple args = Tuple.of(Columns.at(now), perEndpoint)
                .addArrayOfString(shut.toArray(String[]::new))
                .addInteger(limit)
                .addString(owner)
                .addLong(lease.toSeconds());
        return db.write(CLAIM, args).map(QueueRepository::jobs);
    }

    /** Gives claims back; the deliveries are due again at {@code dueAt} at the earliest. */
    Future<Void> release(List<Job> jobs, Instant dueAt) {
        Tuple args = Tuple.tuple()
                .addArrayOfString(jobs.stream().map(Job::id).toArray(String[]::new))
                .addString(owner)
                .addOffsetDateTime(Columns.at(dueAt));
        return db.write(RELEASE, args).mapEmpty();
    }

    static Future<WebhookService.Backlog> backlog(Db db) {
        return db.read(BACKLOG).map(rows -> {
            Row row = rows.iterator().next();
            return new WebhookService.Backlog(row.getLong("due"), row.getDouble("oldest"));
        });
    }

    /** Ends the claims of everybody. */
    static Future<Void> takeOver(SqlClient tx) {
        return Db.run(tx, TAKE_OVER, Tuple.tuple()).mapEmpty();
    }

    /** Writes results down, with the attempts that follow. */
    Future<Void> record(SqlClient tx, List<Result> results) {
        return Db.run(tx, RECORD, recordArgs(results)).mapEmpty();
    }

    /** The same in a transaction of its own. */
    Future<Void> record(List<Result> results) {
        return db.write(RECORD, recordArgs(results)).mapEmpty();
    }

    private Tuple recordArgs(List<Result> results) {
        List<Attempt> attempts = results.stream().map(Result::attempt).toList();
        return Tuple.tuple()
                .addArrayOfString(strings(attempts, attempt -> attempt.job().id()))
                .addArrayOfString(strings(attempts, Attempt::state))
                .addArrayOfOffsetDateTime(
                        attempts.stream().map(a -> Columns.at(a.sentAt())).toArray(OffsetDateTime[]::new))
                .addArrayOfInteger(attempts.stream()
                        .map(attempt -> Objects.requireNonNullElse(attempt.httpCode(), 0))
                        .toArray(Integer[]::new))
                .addArrayOfString(strings(attempts, attempt -> Objects.requireNonNullElse(attempt.error(), "")))
                .addArrayOfString(strings(attempts, attempt -> Objects.requireNonNullElse(attempt.excerpt(), "")))
                .addArrayOfString(strings(
                        results,
                        r -> r.retryAt() == null ? "" : r.attempt().job().nextId()))
                .addArrayOfOffsetDateTime(results.stream()
                        .map(result -> Columns.at(Objects.requireNonNullElse(result.retryAt(), Instant.EPOCH)))
                        .toArray(OffsetDateTime[]::new))
                .addString(owner);
    }

    private static <T> String[] strings(List<T> from, Function<T, String> text) {
        return Columns.of(from, String.class, text);
    }

    private static List<Job> jobs(RowSet<Row> rows) {
        List<Job> jobs = new ArrayList<>(rows.size());
        for (Row row : rows) {
            if (row.getString("id") != null) {
                jobs.add(job(row));
            }
        }
        return jobs;
    }

    private static Job job(Row row) {
        String previous = row.getString("previous_secret");
        return new Job(
                row.getString("id"),
                row.getString("webhook_id"),
                row.getString("original_id"),
                row.getInteger("attempt"),
                row.getString("kind"),
                row.getOffsetDateTime("event_at").toInstant(),
                row.getString("store_id"),
                row.getString("facts"),
                row.getString("url"),
                new Secret(row.getString("secret")),
                previous == null ? null : new Secret(previous),
                row.getBoolean("automatic_redelivery"));
    }
}
