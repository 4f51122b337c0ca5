package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Rows of {@code card_session}. */
final class SessionRepository {
    private static final String ADD = """
            insert into card_session (k1_hash, card_id, key_version, counter, expires_at)
            select *, $5::timestamptz from unnest($1::bytea[], $2::text[], $3::int[], $4::int[])
            on conflict do nothing returning card_id
            """;
    private static final String FIND =
            "select card_id, key_version, counter from card_session where k1_hash = $1 and expires_at > $2";
    private static final String PRUNE = """
            delete from card_session where k1_hash in (
              select k1_hash from card_session where expires_at < $1 order by expires_at limit 5000)
            """;

    private final Db db;

    SessionRepository(Db db) {
        this.db = db;
    }

    /** A session to be opened: the card as its tap leaves it, and as it was. */
    record Session(byte[] k1Hash, Card card, Card before) {}

    /** A session that is open. */
    record Found(CardId card, int keyVersion, int counter) {}

    /** Adds sessions of different cards; the cards that had none for their tap. */
    Future<Set<CardId>> add(SqlClient tx, List<Session> sessions, Instant until) {
        if (sessions.isEmpty()) {
            return Future.succeededFuture(Set.of());
        }
        Tuple args = Tuple.of(
                Columns.of(sessions, Buffer.class, s -> Buffer.buffer(s.k1Hash())),
                Columns.of(sessions, String.class, s -> s.card().id().value()),
                Columns.of(
                        sessions,
                        Integer.class,
                        s -> Objects.requireNonNull(s.card().chip()).version()),
                Columns.of(sessions, Integer.class, s -> s.card().counter()),
                Columns.at(until));
        return Db.run(tx, ADD, args).map(rows -> {
            Set<CardId> made = new HashSet<>();
            rows.forEach(row -> made.add(new CardId(row.getString("card_id"))));
            return made;
        });
    }

    Future<Optional<Found>> find(byte[] k1Hash, Instant now) {
        return db.read(FIND, Buffer.buffer(k1Hash), Columns.at(now))
                .map(rows -> Columns.first(
                        rows,
                        row -> new Found(
                                new CardId(row.getString("card_id")),
                                row.getInteger("key_version"),
                                row.getInteger("counter"))));
    }

    Future<Integer> prune(Instant before) {
        return db.write(PRUNE, Tuple.of(Columns.at(before))).map(RowSet::rowCount);
    }
}
