package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Rows of {@code card_factory}. */
final class FactoryRepository {
    private static final String ADD = """
            insert into card_factory (id, programme_id, name, secret_hash, wipes, cards_max, made_by, expires_at,
              created_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9
            where (select count(*) from card_factory where programme_id = $2) < $10
            """;

    private static final String LIST = "select * from card_factory where programme_id = $1 order by created_at, id";
    private static final String LOCK_BY_SECRET = "select * from card_factory where secret_hash = $1 for update";
    private static final String CLOSE = """
            update card_factory set closed_at = coalesce(closed_at, $3) where id = $1 and programme_id = $2 returning *
            """;
    private static final String COUNT = "update card_factory set cards_made = cards_made + 1 where id = $1";
    private static final String MARK = "update card set factory_id = $2 where id = $1";
    private static final String IS_MADE = "select 1 from card where id = $1 and factory_id = $2";

    private final Db db;

    FactoryRepository(Db db) {
        this.db = db;
    }

    /** False where the programme has {@code most} already. */
    Future<Boolean> add(SqlClient tx, CardFactory factory, byte[] secretHash, int most) {
        Tuple args = Tuple.of(
                factory.id(),
                factory.programme(),
                factory.name(),
                Buffer.buffer(secretHash),
                factory.wipes(),
                factory.cardsMax());
        args.addValue(factory.madeBy())
                .addValue(Columns.at(factory.expiresAt()))
                .addValue(Columns.at(factory.createdAt()))
                .addValue(most);
        return Db.run(tx, ADD, args).map(rows -> rows.rowCount() == 1);
    }

    Future<List<CardFactory>> list(String programme) {
        return db.read(LIST, programme).map(rows -> Columns.list(rows, FactoryRepository::factory));
    }

    /** Locked, so that it makes one card after the other. */
    Future<Optional<CardFactory>> lock(SqlClient tx, byte[] secretHash) {
        return Db.run(tx, LOCK_BY_SECRET, Tuple.of(Buffer.buffer(secretHash)))
                .map(rows -> Columns.first(rows, FactoryRepository::factory));
    }

    Future<Optional<CardFactory>> close(SqlClient tx, String programme, String id, Instant now) {
        return Db.run(tx, CLOSE, Tuple.of(id, programme, Columns.at(now)))
                .map(rows -> Columns.first(rows, FactoryRepository::factory));
    }

    /** Notes that a locked factory made a card. */
    Future<Void> made(SqlClient tx, CardFactory factory, CardId card) {
        return Db.run(tx, COUNT, Tuple.of(factory.id()))
                .compose(counted -> Db.run(tx, MARK, Tuple.of(card.value(), factory.id())))
                .mapEmpty();
    }

    /** Whether the factory made the card. */
    Future<Boolean> isMade(SqlClient tx, CardFactory factory, CardId card) {
        return Db.run(tx, IS_MADE, Tuple.of(card.value(), factory.id())).map(rows -> rows.size() > 0);
    }

    private static CardFactory factory(Row row) {
        return new CardFactory(
                row.getString("id"),
                row.getString("programme_id"),
                row.getString("name"),
                row.getBoolean("wipes"),
                row.getInteger("cards_max"),
                row.getInteger("cards_made"),
                row.getString("made_by"),
                row.getOffsetDateTime("expires_at").toInstant(),
                Columns.instant(row, "closed_at"),
                row.getOffsetDateTime("created_at").toInstant());
    }
}
