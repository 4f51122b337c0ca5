package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.kernel.Preimage;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of {@code card_topup}. */
final class TopUpRepository {
    private static final String ADD = """
            insert into card_topup (hash, card_id, preimage, amount_msat, units, created_at, expires_at)
            values ($1, $2, $3, $4, $5, $6, $7)
            """;
    private static final String MADE = "update card_topup set bolt11 = $2 where hash = $1";
    private static final String FIND = "select * from card_topup where hash = $1";
    private static final String OF = "select * from card_topup where hash = any($1) order by hash for update";
    private static final String SETTLE =
            "update card_topup set received_msat = $2, settled_at = $3 where hash = $1 and received_msat is null";

    private static final String OPEN =
            "select count(*) from card_topup where card_id = $1 and received_msat is null and expires_at > $2";
    private static final String PRUNE = """
            delete from card_topup where hash in (select hash from card_topup
              where received_msat is null and expires_at < $1 order by expires_at limit 1000)
            """;

    private final Db db;

    TopUpRepository(Db db) {
        this.db = db;
    }

    /**
     * A Lightning payment onto a card.
     *
     * @param units what {@code amount} is for the card
     * @param received null until paid
     */
    record TopUp(
            PaymentHash hash,
            CardId card,
            Preimage preimage,
            @Nullable String bolt11,
            Msat amount,
            long units,
            @Nullable Msat received) {
        boolean isPaid() {
            return received != null;
        }
    }

    Future<Void> add(TopUp topUp, Instant now, Instant until) {
        Tuple args = Tuple.of(
                topUp.hash().hex(),
                topUp.card().value(),
                Buffer.buffer(topUp.preimage().bytes()),
                topUp.amount().value(),
                topUp.units(),
                Columns.at(now));
        return db.write(ADD, args.addValue(Columns.at(until))).mapEmpty();
    }

    /** How many invoices of a card wait to be paid. */
    Future<Long> open(CardId card, Instant now) {
        return db.read(OPEN, card.value(), Columns.at(now))
                .map(rows -> rows.iterator().next().getLong(0));
    }

    Future<Void> made(PaymentHash hash, String bolt11) {
        return db.write(MADE, Tuple.of(hash.hex(), bolt11)).mapEmpty();
    }

    Future<Optional<TopUp>> find(PaymentHash hash) {
        return db.read(FIND, hash.hex()).map(rows -> Columns.first(rows, TopUpRepository::topUp));
    }

    /** Those of some hashes that are ours, locked. */
    Future<List<TopUp>> of(SqlClient tx, Collection<PaymentHash> hashes) {
        Object[] texts = hashes.stream().map(PaymentHash::hex).toArray(String[]::new);
        return Db.run(tx, OF, Tuple.of(texts)).map(rows -> Columns.list(rows, TopUpRepository::topUp));
    }

    Future<Void> settle(SqlClient tx, PaymentHash hash, Msat received, Instant at) {
        return Db.run(tx, SETTLE, Tuple.of(hash.hex(), received.value(), Columns.at(at)))
                .mapEmpty();
    }

    /** Forgets what nobody paid, once no node can be paid for it any more; how many. */
    Future<Integer> prune(Instant before) {
        return db.write(PRUNE, Tuple.of(Columns.at(before))).map(RowSet::rowCount);
    }

    private static TopUp topUp(Row row) {
        Long received = row.getLong("received_msat");
        return new TopUp(
                new PaymentHash(row.getString("hash")),
                new CardId(row.getString("card_id")),
                Preimage.of(row.getBuffer("preimage").getBytes()),
                row.getString("bolt11"),
                new Msat(row.getLong("amount_msat")),
                row.getLong("units"),
                received == null ? null : new Msat(received));
    }
}
