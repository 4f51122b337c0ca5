package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of {@code card_charge}. */
final class ChargeRepository {

    private static final String SPENT = """
            with moment as (select $2::timestamptz as now)
            select c.id, h.day, h.week, h.month, h.recent
            from moment, card c join card_programme p on p.id = c.programme_id
            cross join lateral (
              select coalesce(sum(x.counted) filter (where x.at > now - interval '1 day'), 0)::bigint as day,
                coalesce(sum(x.counted) filter (where x.at > now - interval '7 days'), 0)::bigint as week,
                coalesce(sum(x.counted), 0)::bigint as month,
                count(*) filter (where x.at > now - make_interval(
                    mins => (p.rules -> 'velocity' ->> 'minutes')::int)) as recent
              from card_charge x
              where x.card_id = any(array(
                  with recursive line as (
                    select c.id union all select before.id from card before join line on before.replaced_by = line.id)
                  select id from line))
                and x.at > now - interval '30 days' and x.status in ('Authorized', 'Captured')) h
            where c.id = any($1)
            """;

    private static final String MADE = "select * from card_charge where request = any($1)";

    private static final String IS_MADE = "select exists (select 1 from card_charge where request = $1) as made";

    private static final String DECLINES = """
            select count(*) as declines from card_charge
            where card_id = $1 and at >= $4 and key_version = $2 and counter = $3 and status = 'Declined'
            """;

    private static final String OF_TAP = """
            select * from card_charge
            where card_id = $1 and key_version = $2 and counter = $3 and status <> 'Declined' order by at limit 1
            """;

    private static final String IS_ELSEWHERE = """
            select exists (select 1 from card_charge
            where card_id = $1 and at >= $2 and key_version = $3 and counter = $4 and store_id <> $5
              and terminal_id <> $6) as elsewhere
            """;

    private static final String UNDER_WAY = """
            select count(*) as count from card_charge where card_id = $1 and terminal_id = $2 and status = 'Authorized'
            """;

    private static final String ADD = """
            insert into card_charge (id, card_id, store_id, terminal_id, key_version, counter, status, reason, currency,
              minor, asset, units, spread, captured, refunded, counted, request, request_hash, invoice_id, until,
              version, at, asked)
            select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[], $7::text[],
              $8::text[], $9::text[], $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[],
              $15::bigint[], $16::bigint[], $17::bytea[], $18::bytea[], $19::text[], $20::timestamptz[], $21::bigint[],
              $22::timestamptz[], $23::bigint[])
            """;

    private static final String FIND = "select * from card_charge where id = $1";
    private static final String FIND_LOCKED = "select * from card_charge where id = $1 for update";
    private static final String SAVE = """
            update card_charge set status = $2, captured = $3, refunded = $4, counted = $5, spread = $6, version = $7
            where id = $1 and version = $7 - 1
            """;
    private static final String OF_TERMINAL = """
            select * from card_charge where terminal_id = $1 and ($2::timestamptz is null or at < $2::timestamptz)
            order by at desc, id desc limit $3
            """;
    private static final String HELD_OVER = """
            select * from card_charge where status = 'Authorized' and until <= $1
              and ($2::timestamptz is null or (until, id) > ($2::timestamptz, $3))
            order by until, id limit $4
            """;

    private final Db db;

    ChargeRepository(Db db) {
        this.db = db;
    }

    /**
     * What cards, and those whose place they took, spent in the last day, week and month, and how often in their
     * programme's velocity window.
     */
    Future<Map<CardId, Spent>> spent(SqlClient tx, List<CardId> cards, Instant now) {
        Tuple args = ids(cards).addValue(Columns.at(now));
        return Db.run(tx, SPENT, args).map(rows -> {
            Map<CardId, Spent> spent = new HashMap<>();
            rows.forEach(row -> spent.put(
                    new CardId(row.getString("id")),
                    new Spent(row.getLong("day"), row.getLong("week"), row.getLong("month"), row.getLong("recent"))));
            return spent;
        });
    }

    /** A charge with the request that made it. */
    record Made(Charge charge, String requestHash) {}

    /** Charges by the requests that made them, as hexadecimal digits. */
    Future<Map<String, Made>> made(SqlClient tx, List<byte[]> requests) {
        if (requests.isEmpty()) {
            return Future.succeededFuture(Map.of());
        }
        Object[] keys = requests.stream().map(Buffer::buffer).toArray(Buffer[]::new);
        return Db.run(tx, MADE, Tuple.of(keys)).map(rows -> {
            Map<String, Made> made = new HashMap<>();
            rows.forEach(row -> made.put(
                    hex(row.getBuffer("request")), new Made(CardRows.charge(row), hex(row.getBuffer("request_hash")))));
            return made;
        });
    }

    /** Whether a request made a charge. */
    Future<Boolean> isMade(byte[] request) {
        return db.read(IS_MADE, Buffer.buffer(request))
                .map(rows -> rows.iterator().next().getBoolean("made"));
    }

    /** How often a tap was declined since {@code from}. */
    Future<Long> declines(Shown tap, Instant from) {
        return db.read(DECLINES, tap.card().id().value(), tap.keyVersion(), tap.counter(), Columns.at(from))
                .map(rows -> rows.iterator().next().getLong("declines"));
    }

    /** The charge that a tap paid. */
    Future<Optional<Charge>> ofTap(SqlClient tx, Shown tap) {
        Tuple args = Tuple.of(tap.card().id().value(), tap.keyVersion(), tap.counter());
        return Db.run(tx, OF_TAP, args).map(rows -> Columns.first(rows, CardRows::charge));
    }

    /** Whether a terminal of another store was shown a tap, since it was first shown, and was refused. */
    Future<Boolean> isElsewhere(SqlClient tx, Shown tap, Instant shown, StoreId store) {
        Tuple args =
                Tuple.of(tap.card().id().value(), Columns.at(shown), tap.keyVersion(), tap.counter(), store.value());
        return Db.run(tx, IS_ELSEWHERE, args.addString(Charge.LNURL))
                .map(rows -> rows.iterator().next().getBoolean("elsewhere"));
    }

    /** Payments over Lightning of a card that have not ended. */
    Future<Long> underWay(SqlClient tx, CardId card) {
        return Db.run(tx, UNDER_WAY, Tuple.of(card.value(), Charge.LNURL))
                .map(rows -> rows.iterator().next().getLong("count"));
    }

    /** A charge to be written with the request that made it. */
    record Added(Charge charge, ChargeAsk.@Nullable Request request) {}

    Future<Void> add(SqlClient tx, List<Added> added) {
        if (added.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Charge> charges = added.stream().map(Added::charge).toList();
        Tuple args = Tuple.tuple();
        args.addValue(Columns.of(charges, String.class, Charge::id))
                .addValue(Columns.of(charges, String.class, c -> c.card().value()))
                .addValue(Columns.of(charges, String.class, c -> c.store().value()))
                .addValue(Columns.of(charges, String.class, Charge::terminal))
                .addValue(Columns.of(charges, Integer.class, Charge::keyVersion))
                .addValue(Columns.of(charges, Integer.class, Charge::counter))
                .addValue(Columns.of(charges, String.class, c -> c.status().apiName()))
                .addValue(Columns.of(
                        charges,
                        String.class,
                        c -> c.reason() == null ? null : c.reason().name()))
                .addValue(Columns.of(
                        charges, String.class, c -> c.price().currency().code()))
                .addValue(Columns.of(charges, Long.class, c -> c.price().minor()))
                .addValue(Columns.of(charges, String.class, Charge::asset))
                .addValue(Columns.of(charges, Long.class, Charge::units))
                .addValue(Columns.of(charges, Long.class, Charge::spread))
                .addValue(Columns.of(charges, Long.class, Charge::captured))
                .addValue(Columns.of(charges, Long.class, Charge::refunded))
                .addValue(Columns.of(charges, Long.class, Charge::counted))
                .addValue(Columns.of(
                        added,
                        Buffer.class,
                        a -> a.request() == null
                                ? null
                                : Buffer.buffer(a.request().key())))
                .addValue(Columns.of(
                        added,
                        Buffer.class,
                        a -> a.request() == null
                                ? null
                                : Buffer.buffer(a.request().hash())))
                .addValue(Columns.of(
                        charges,
                        String.class,
                        c -> c.invoice() == null ? null : c.invoice().value()))
                .addValue(Columns.of(charges, OffsetDateTime.class, c -> Columns.atOrNull(c.until())))
                .addValue(Columns.of(charges, Long.class, Charge::version))
                .addValue(Columns.of(charges, OffsetDateTime.class, c -> Columns.at(c.at())))
                .addValue(Columns.of(charges, Long.class, Charge::asked));
        return Db.run(tx, ADD, args).mapEmpty();
    }

    Future<Optional<Charge>> find(String id) {
        return db.read(FIND, id).map(rows -> Columns.first(rows, CardRows::charge));
    }

    Future<Optional<Charge>> lock(SqlClient tx, String id) {
        return Db.run(tx, FIND_LOCKED, Tuple.of(id)).map(rows -> Columns.first(rows, CardRows::charge));
    }

    /** Writes what a capture, void or refund changed. */
    Future<Void> save(SqlClient tx, Charge charge) {
        Tuple args = Tuple.of(
                charge.id(),
                charge.status().apiName(),
                charge.captured(),
                charge.refunded(),
                charge.counted(),
                charge.spread());
        return Db.run(tx, SAVE, args.addValue(charge.version()))
                .compose(rows -> rows.rowCount() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a locked charge changed its version")));
    }

    /** A terminal's charges, newest first. */
    Future<List<Charge>> list(String terminal, @Nullable Instant before, int limit) {
        Tuple args = Tuple.of(terminal, Columns.atOrNull(before), limit);
        return db.write(OF_TERMINAL, args).map(rows -> Columns.list(rows, CardRows::charge));
    }

    /** Authorisations whose time is over, oldest first, behind one of them where it is given. */
    Future<List<Charge>> heldOver(Instant now, @Nullable Charge behind, int limit) {
        Tuple args = behind == null
                ? Tuple.of(Columns.at(now), null, null, limit)
                : Tuple.of(Columns.at(now), Columns.atOrNull(behind.until()), behind.id(), limit);
        return db.write(HELD_OVER, args).map(rows -> Columns.list(rows, CardRows::charge));
    }

    /** The store of a charge, for authorisation. */
    Future<Optional<StoreId>> storeOf(String id) {
        return find(id).map(found -> found.map(Charge::store));
    }

    private static Tuple ids(List<CardId> cards) {
        Object[] ids = cards.stream().map(CardId::value).toArray(String[]::new);
        return Tuple.of(ids);
    }

    private static String hex(Buffer bytes) {
        return HexFormat.of().formatHex(bytes.getBytes());
    }
}
