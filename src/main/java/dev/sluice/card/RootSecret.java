package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.kernel.Entropy;
import dev.sluice.secret.KeyedHash;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/**
 * What secrets of the database's own follow from: the pepper of PINs, the keys of what requests asked for. Kept sealed,
 * so that it stays when the master key changes; it began as the master key of its first start.
 */
public final class RootSecret {
    private static final String PURPOSE = "card root secret";

    private final KeyedHash derive;

    private RootSecret(byte[] bytes) {
        this.derive = new KeyedHash(bytes);
    }

    /** Opens it; makes it where there is none. Fails where the seal is not the one it was sealed with. */
    public static Future<RootSecret> open(Db db, Seal seal, Entropy entropy) {
        return db.tx(tx -> find(tx, seal, entropy)).map(RootSecret::new);
    }

    /** Seals it anew in the caller's transaction. */
    static Future<Void> reseal(SqlConnection tx, Seal from, Seal to, Entropy entropy) {
        return find(tx, from, entropy)
                .compose(secret -> RootRepository.save(tx, to.close(secret, PURPOSE, entropy), to.fingerprint()));
    }

    private static Future<byte[]> find(SqlConnection tx, Seal seal, Entropy entropy) {
        return RootRepository.add(tx, seal.close(seal.bytes(), PURPOSE, entropy), seal.fingerprint())
                .compose(added -> RootRepository.find(tx))
                .map(found -> seal.open(found.orElseThrow(), PURPOSE));
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
