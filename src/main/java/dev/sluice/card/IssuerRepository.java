package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Entropy;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Rows of {@code card_issuer}. */
final class IssuerRepository {
    /** What a key is sealed for. */
    static final String PURPOSE = "card issuer key";

    private static final String ALL = "select id, sealed, writes, named from card_issuer order by id";
    private static final String LIST = """
            select i.id, i.writes, i.sealed_with, i.created_at, count(c.id) as cards
            from card_issuer i left join card c on c.issuer_id = i.id group by i.id order by i.id
            """;
    private static final String ADD =
            "insert into card_issuer (sealed, sealed_with, created_at, writes, named) values ($1, $2, $3, $4, $5)"
                    + " returning id";
    private static final String LOCK = "select id, sealed, writes, named from card_issuer order by id for update";
    private static final String RESEAL = "update card_issuer set sealed = $2, sealed_with = $3 where id = $1";

    private static final String LOCK_OWN =
            "select id, own_keys from card where own_keys is not null order by id for update";
    private static final String RESEAL_OWN = """
            update card set own_keys = u.sealed from unnest($1::text[], $2::bytea[]) as u(card, sealed)
            where id = u.card
            """;

    private static final String ADD_SALT = "insert into card_master (salt) values ($1) on conflict do nothing";
    private static final String SALT = "select salt from card_master";

    private final Db db;

    IssuerRepository(Db db) {
        this.db = db;
    }

    /**
     * A key as it is kept.
     *
     * @param use what it is for
     */
    record Sealed(int id, byte[] sealed, Use use) {
        boolean writes() {
            return use == Use.WRITES;
        }
    }

    /** What an issuer key is for. */
    enum Use {
        /** New cards have its keys. */
        WRITES,
        /** Cards that were taken over have its keys, or share its K1. */
        READS,
        /** Knows chips whose keys follow from nothing and whose links name them. */
        NAMES
    }

    Future<List<Sealed>> all() {
        return db.read(ALL).map(rows -> Columns.list(rows, IssuerRepository::sealed));
    }

    /** What an operator sees of them; no more than fit into a reader. */
    Future<List<CardIssuers.Issuer>> list() {
        return db.read(LIST)
                .map(rows -> Columns.list(
                        rows,
                        row -> new CardIssuers.Issuer(
                                row.getInteger("id"),
                                row.getBoolean("writes"),
                                row.getString("sealed_with"),
                                row.getLong("cards"),
                                row.getOffsetDateTime("created_at").toInstant())));
    }

    /** The salt of this database's master key; {@code fresh} where there was none. */
    Future<byte[]> masterSalt(byte[] fresh) {
        return db.write(ADD_SALT, Tuple.of(Buffer.buffer(fresh)))
                .compose(added -> db.read(SALT))
                .map(rows -> rows.iterator().next().getBuffer("salt").getBytes());
    }

    /** Adds a key; its id. */
    Future<Integer> add(Seal seal, byte[] key, Use use, Instant now, Entropy entropy) {
        Buffer sealed = Buffer.buffer(seal.close(key, PURPOSE, entropy));
        return db.write(ADD, Tuple.of(sealed, seal.fingerprint(), Columns.at(now), use == Use.WRITES, use == Use.NAMES))
                .map(rows -> rows.iterator().next().getInteger("id"));
    }

    /** A key that was sealed: from 16 bytes all follows, 32 are a key of ours and the K1 of a foreign issuer. */
    static IssuerKey open(Sealed row, Seal seal) {
        return opened(seal.open(row.sealed(), PURPOSE));
    }

    static IssuerKey opened(byte[] key) {
        AesKey first = new AesKey(Arrays.copyOf(key, AesKey.BYTES));
        return key.length == AesKey.BYTES
                ? new IssuerKey(first)
                : new IssuerKey(first, new AesKey(Arrays.copyOfRange(key, AesKey.BYTES, 2 * AesKey.BYTES)));
    }

    /** Seals every key anew, those of cards too, all or none; how many. */
    Future<Integer> reseal(Seal from, Seal to, Entropy entropy) {
        return db.tx(tx -> Db.run(tx, LOCK, Tuple.tuple()).compose(rows -> {
            Future<Void> chain = Future.succeededFuture();
            for (Sealed row : Columns.list(rows, IssuerRepository::sealed)) {
                chain = chain.compose(done -> reseal(tx, row, from, to, entropy));
            }
            return chain.compose(done -> RootSecret.reseal(tx, from, to, entropy))
                    .compose(done -> resealCards(tx, from, to, entropy))
                    .map(cards -> rows.size() + cards);
        }));
    }

    private static Future<Void> reseal(SqlConnection tx, Sealed row, Seal from, Seal to, Entropy entropy) {
        byte[] key = from.open(row.sealed(), PURPOSE);
        Buffer sealed = Buffer.buffer(to.close(key, PURPOSE, entropy));
        return Db.run(tx, RESEAL, Tuple.of(row.id(), sealed, to.fingerprint())).mapEmpty();
    }

    private static Future<Integer> resealCards(SqlConnection tx, Seal from, Seal to, Entropy entropy) {
        return Db.run(tx, LOCK_OWN, Tuple.tuple()).compose(rows -> {
            String[] ids = new String[rows.size()];
            Buffer[] sealed = new Buffer[rows.size()];
            int count = 0;
            for (Row row : rows) {
                CardId card = new CardId(row.getString("id"));
                ids[count] = card.value();
                sealed[count++] = OwnKeys.close(OwnKeys.open(row.getBuffer("own_keys"), card, from), card, to, entropy);
            }
            return Db.run(tx, RESEAL_OWN, Tuple.tuple().addValue(ids).addValue(sealed))
                    .map(RowSet::rowCount);
        });
    }

    private static Sealed sealed(Row row) {
        Use use = row.getBoolean("writes") ? Use.WRITES : row.getBoolean("named") ? Use.NAMES : Use.READS;
        return new Sealed(row.getInteger("id"), row.getBuffer("sealed").getBytes(), use);
    }
}
