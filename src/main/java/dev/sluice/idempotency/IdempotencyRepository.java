package dev.sluice.idempotency;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;

/** Rows of {@code request_key}. */
final class IdempotencyRepository {
    private static final String LOCK = "select pg_try_advisory_xact_lock(hashtextextended($1 || chr(10) || $2, 0))";

    private static final String FIND =
            "select request_hash, status, body from request_key where scope = $1 and key = $2";

    private static final String KEEP = """
            insert into request_key (scope, key, request_hash, status, body, created_at)
            values ($1, $2, $3, $4, $5, $6)
            """;

    private static final String PRUNE = """
            delete from request_key where (scope, key) in (
                select scope, key from request_key where created_at < $1
                order by created_at limit $2 for update skip locked)
            """;

    private final Db db;

    IdempotencyRepository(Db db) {
        this.db = db;
    }

    /** A request's row as it was kept. */
    record Kept(String requestHash, KeptReply reply) {}

    /** Whether the key is ours until the transaction ends; false where another request holds it now. */
    Future<Boolean> lock(SqlConnection tx, RequestKey key) {
        return Db.run(tx, LOCK, Tuple.of(key.scope(), key.key()))
                .map(rows -> rows.iterator().next().getBoolean(0));
    }

    Future<Optional<Kept>> find(SqlConnection tx, RequestKey key) {
        return Db.run(tx, FIND, Tuple.of(key.scope(), key.key())).map(IdempotencyRepository::kept);
    }

    /** As it was committed. */
    Future<Optional<Kept>> find(RequestKey key) {
        return db.read(FIND, key.scope(), key.key()).map(IdempotencyRepository::kept);
    }

    Future<Void> keep(SqlConnection tx, RequestKey key, KeptReply reply, Instant now) {
        Buffer hash = Buffer.buffer(HexFormat.of().parseHex(key.requestHash()));
        Tuple row = Tuple.of(key.scope(), key.key(), hash, reply.status(), reply.body(), Columns.at(now));
        return Db.run(tx, KEEP, row).mapEmpty();
    }

    /** Deletes up to {@code limit} rows made before {@code before}; how many. */
    Future<Integer> prune(Instant before, int limit) {
        return db.write(PRUNE, Tuple.of(Columns.at(before), limit)).map(RowSet::rowCount);
    }

    private static Optional<Kept> kept(RowSet<Row> rows) {
        return rows.size() == 0
                ? Optional.empty()
                : Optional.of(kept(rows.iterator().next()));
    }

    private static Kept kept(Row row) {
        String hash = HexFormat.of().formatHex(row.getBuffer("request_hash").getBytes());
        return new Kept(hash, new KeptReply(row.getInteger("status"), row.getString("body"), true));
    }
}
