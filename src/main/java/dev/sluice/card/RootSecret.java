package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.Entropy;
import dev.sluice.secret.KeyedHash;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/**
 * What secrets of the database's own follow from: the pepper of PINs, the keys of what
 * requests asked for. Kept sealed, so that it
 * stays when the master key changes; it began as the master key of its first start.
 */
public final class RootSecret {
    private static final String PURPOSE = "card root secret";

    private static final String ADD =
            "insert into card_root (sealed, sealed_with) values ($1, $2) on conflict do nothing";
    private static final String FIND = "select sealed from card_root";
    private static final String LOCK = FIND + " for update";
    private static final String SAVE = "update card_root set sealed = $1, sealed_with = $2";

    private final KeyedHash derive;

    private RootSecret(byte[] bytes) {
        this.derive = new KeyedHash(bytes);
    }

    /** Opens it; makes it where there is none. Fails where the seal is not the one it was sealed with. */
    public static Future<RootSecret> open(Db db, Seal seal, Entropy entropy) {
        return db.tx(tx -> add(tx, seal, entropy).compose(added -> find(tx, FIND)))
                .map(found -> new RootSecret(seal.open(found.orElseThrow(), PURPOSE)));
    }

    /** Seals it anew in the caller's transaction. */
    static Future<Void> reseal(SqlConnection tx, Seal from, Seal to, Entropy entropy) {
        return add(tx, from, entropy)
                .compose(added -> find(tx, LOCK))
                .compose(found -> {
                    byte[] secret = from.open(found.orElseThrow(), PURPOSE);
                    return Db.run(tx, SAVE, Tuple.of(closed(to, secret, entropy), to.fingerprint()));
                })
                .mapEmpty();
    }

    private static Future<Void> add(SqlConnection tx, Seal seal, Entropy entropy) {
        Tuple args = Tuple.of(closed(seal, seal.bytes(), entropy), seal.fingerprint());
        return Db.run(tx, ADD, args).mapEmpty();
    }

    private static Future<Optional<byte[]>> find(SqlConnection tx, String query) {
        return Db.run(tx, query, Tuple.tuple())
                .map(rows -> Columns.first(rows, row -> row.getBuffer("sealed").getBytes()));
    }

    private static Buffer closed(Seal seal, byte[] secret, Entropy entropy) {
        return Buffer.buffer(seal.close(secret, PURPOSE, entropy));
    }

    /** A secret of its own for {@code purpose}; 32 bytes. */
    byte[] derived(String purpose) {
        return derive.of(purpose);
    }

    /** A keyed hash for {@code purpose} alone. */
    public KeyedHash keyedHash(String purpose) {
        return new KeyedHash(derived(purpose));
    }
}
