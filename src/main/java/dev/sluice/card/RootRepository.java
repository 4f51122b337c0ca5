package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** The one row of {@code card_root}. */
final class RootRepository {
    private static final String ADD =
            "insert into card_root (sealed, sealed_with) values ($1, $2) on conflict do nothing";
    private static final String FIND = "select sealed from card_root for update";
    private static final String SAVE = "update card_root set sealed = $1, sealed_with = $2";

    private RootRepository() {}

    /** Adds it where there is none. */
    static Future<Void> add(SqlClient tx, byte[] sealed, String sealedWith) {
        return Db.run(tx, ADD, Tuple.of(Buffer.buffer(sealed), sealedWith)).mapEmpty();
    }

    /** The sealed secret, locked. */
    static Future<Optional<byte[]>> find(SqlClient tx) {
        return Db.run(tx, FIND, Tuple.tuple())
                .map(rows -> Columns.first(rows, row -> row.getBuffer("sealed").getBytes()));
    }

    static Future<Void> save(SqlClient tx, byte[] sealed, String sealedWith) {
        return Db.run(tx, SAVE, Tuple.of(Buffer.buffer(sealed), sealedWith)).mapEmpty();
    }
}
