package dev.sluice.eventlog;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Locale;

/**
 * Keeps new events after old ones when a dump was loaded into another database server, whose transaction ids are behind
 * those of the dump.
 */
public final class EventOrder {
    /** As PostgreSQL's own epochs: further than any server's ids go on between a dump and the loss of its server. */
    private static final int EPOCH_BITS = 32;

    private static final String AHEAD = """
            select exists (select 1 from event where tx >= following) or
                exists (select 1 from stream_cursor where tx >= following) as ahead
            from (select (pg_snapshot_xmax(pg_current_snapshot())::text::bigint + event_shift())::text::xid8) as next
                (following)
            """;

    // Who writes events meanwhile has finished, or waits and writes with the new shift.
    private static final String LOCK = "lock table event in share row exclusive mode";
    private static final String HIGHEST = """
            select running, greatest(running + event_shift(),
                (select tx::text::bigint from event order by tx desc limit 1),
                (select max(tx::text::bigint) from stream_cursor)) as highest
            from (select pg_snapshot_xmin(pg_current_snapshot())::text::bigint) as oldest (running)
            """;
    private static final String SHIFT =
            "create or replace function event_shift() returns bigint language sql stable return %d::bigint";

    // Receivers of webhooks keep the greatest number they saw, also of events that the restored database never had.
    private static final String PASS_SEQUENCES = """
            select setval(name, ((greatest(nextval(name), (select seq from event order by tx desc, seq desc limit 1))
                >> $1) + 1) << $1)
            from pg_get_serial_sequence('event', 'seq') as serial (name)
            """;

    private EventOrder() {}

    /** Fails with {@code Conflict} where an event or a cursor is ahead of what this server would give a new event. */
    public static Future<Void> check(Db db) {
        return db.read(AHEAD).compose(rows -> {
            if (!rows.iterator().next().getBoolean("ahead")) {
                return Future.succeededFuture();
            }
            String message = "The database was restored into a server whose transaction ids are behind those of its"
                    + " events, so new events would never be delivered: run 'sluice migrate --after-restore' once";
            return Future.failedFuture(new Failure.Conflict("events-ahead", message).exception());
        });
    }

    /**
     * Puts every new event after all that are known, and after every position that the server before can have given
     * out. Nothing stored is changed; it may be repeated.
     *
     * @param fence proves that no gateway serves
     */
    public static Future<Void> startEpoch(Db db, Fence fence) {
        return db.tx(tx -> fence.check(tx)
                .compose(alone -> tx.query(LOCK).execute())
                .compose(locked -> Db.run(tx, HIGHEST, Tuple.tuple()))
                .compose(rows -> shift(tx, rows.iterator().next()))
                .compose(shifted -> Db.run(tx, PASS_SEQUENCES, Tuple.of(EPOCH_BITS)))
                .mapEmpty());
    }

    private static Future<Void> shift(SqlConnection tx, Row row) {
        long next = Math.multiplyExact((row.getLong("highest") >> EPOCH_BITS) + 1, 1L << EPOCH_BITS);
        long shift = next - row.getLong("running"); // the oldest running transaction comes out at the epoch's start
        return tx.query(String.format(Locale.ROOT, SHIFT, shift)).execute().mapEmpty();
    }
}
