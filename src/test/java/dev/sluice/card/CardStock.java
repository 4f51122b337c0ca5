package dev.sluice.card;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardKeys;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;

/** Many active cards with chips in software, put into a database at once: for load. */
public final class CardStock {
    private static final int CHUNK = 10_000;
    private static final int VERSION = 1;
    /** On each card, in msat: more than a run spends. */
    public static final long UNITS = 10_000_000_000L;

    private final IssuerKey issuer;
    private final String prefix;
    private final int[] counters;
    private final Random random = new Random(1);

    private CardStock(IssuerKey issuer, String prefix, int count) {
        this.issuer = issuer;
        this.prefix = prefix;
        this.counters = new int[count];
    }

    /** Cards of a programme of the gateway whose master key is {@code seal}. */
    public static Future<CardStock> fill(
            Db db, Seal seal, String store, String programme, String prefix, int first, int count) {
        return new IssuerRepository(db).all().compose(rows -> {
            IssuerRepository.Sealed row = rows.getLast();
            IssuerKey key = new IssuerKey(new AesKey(seal.open(row.sealed(), IssuerRepository.PURPOSE)));
            CardStock stock = new CardStock(key, prefix, count);
            Future<Void> chain = Future.succeededFuture();
            for (int from = 0; from < count; from += CHUNK) {
                int begin = from;
                chain = chain.compose(done -> stock.add(db, store, programme, row.id(), first, begin));
            }
            return chain.map(stock);
        });
    }

    private Future<Void> add(Db db, String store, String programme, int issuerId, int first, int from) {
        int n = Math.min(CHUNK, counters.length - from);
        String[] ids = new String[n];
        Buffer[] tags = new Buffer[n];
        for (int i = 0; i < n; i++) {
            ids[i] = id(from + i).value();
            tags[i] = Buffer.buffer(issuer.cardId(uid(first + from + i)));
        }
        String cards = """
                insert into card (id, store_id, programme_id, issuer_id, tag, key_version, state, version, created_at)
                select id, $3, $4, $5, tag, 1, 'Active', 1, now() from unnest($1::text[], $2::bytea[]) as u(id, tag)
                """;
        String accounts = """
                insert into account (code, asset, kind, guarded, credits_posted)
                select 'card:' || id || ':btc', 'BTC', 'liability', true, $2::bigint from unnest($1::text[]) as id
                """;
        String transfers = """
                insert into transfer (id, debit, credit, amount, phase, kind, subject)
                select 'stock:' || u.id, (select id from account where code = 'operator:cash:btc'), a.id, $2::bigint,
                  'single', 'bench', 'card:' || u.id
                from unnest($1::text[]) as u(id) join account a on a.code = 'card:' || u.id || ':btc'
                """;
        String cash = """
                insert into account (code, asset, kind, guarded, debits_posted)
                values ('operator:cash:btc', 'BTC', 'asset', false, $1)
                on conflict (code) do update set debits_posted = account.debits_posted + excluded.debits_posted
                """;
        Tuple loaded = Tuple.of(ids, UNITS);
        return db.tx(tx -> Db.run(tx, cards, Tuple.of(ids, tags, store, programme, issuerId))
                .compose(made -> Db.run(tx, accounts, loaded))
                .compose(made -> Db.run(tx, cash, Tuple.of(UNITS * n)))
                .compose(made -> Db.run(tx, transfers, loaded))
                .mapEmpty());
    }

    public int size() {
        return counters.length;
    }

    public CardId id(int number) {
        return new CardId(prefix + number);
    }

    /** The next tap of a card. */
    public Tap tap(int number, int first) {
        Uid uid = uid(first + number);
        CardKeys keys = issuer.cardKeys(uid, VERSION, Optional.empty());
        return new VirtualCard(keys, uid, ++counters[number], count -> {
                    byte[] bytes = new byte[count];
                    random.nextBytes(bytes);
                    return bytes;
                })
                .tap();
    }

    private static Uid uid(int number) {
        return new Uid("05" + HexFormat.of().toHexDigits(number) + "6980");
    }
}
