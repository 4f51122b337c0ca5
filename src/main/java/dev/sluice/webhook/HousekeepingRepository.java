package dev.sluice.webhook;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlResult;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;

/** The bounded statements of {@link Housekeeping}; each answers how many rows it touched. */
final class HousekeepingRepository {
    private static final String GIVE_UP = """
            update webhook_delivery set state = 'failed', error = 'Not delivered in time', claimed_by = null,
                claimed_until = null
            where id in (
                select id from webhook_delivery
                where state = 'due' and created_at < $1 and (claimed_until is null or claimed_until < now()) limit $2)
                and state = 'due'
            """;
    private static final String PRUNE = """
            update webhook_delivery set facts = null where id in (
                select id from webhook_delivery where facts is not null and created_at < $1
                order by created_at limit $2)
            """;
    private static final String PURGE = """
            delete from webhook_delivery where id in (
                select d.id from webhook w cross join lateral (
                    select id from webhook_delivery where webhook_id = w.id limit $1) d
                where w.deleted_at is not null limit $1)
            """;
    private static final String FORGET = """
            delete from webhook where id in (
                select id from webhook w where deleted_at < $1
                    and not exists (select 1 from webhook_delivery d where d.webhook_id = w.id)
                order by deleted_at limit $2)
            """;

    private final Db db;
    private final int batch;

    HousekeepingRepository(Db db, int batch) {
        this.db = db;
        this.batch = batch;
    }

    Future<Integer> giveUp(Instant before) {
        return db.write(GIVE_UP, Tuple.of(Columns.at(before), batch)).map(SqlResult::rowCount);
    }

    Future<Integer> prune(Instant before) {
        return db.write(PRUNE, Tuple.of(Columns.at(before), batch)).map(SqlResult::rowCount);
    }

    Future<Integer> purge() {
        return db.write(PURGE, Tuple.of(batch)).map(SqlResult::rowCount);
    }

    /** Endpoints that were deleted before a moment and have no deliveries left. */
    Future<Integer> forget(Instant before) {
        return db.write(FORGET, Tuple.of(Columns.at(before), batch)).map(SqlResult::rowCount);
    }
}
