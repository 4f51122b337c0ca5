package dev.sluice.card;

import dev.sluice.chain.OutputChange;
import dev.sluice.chain.OutputChange.State;
import dev.sluice.chain.ReservedAddress;
import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of {@code card_address} and {@code card_deposit}. */
final class DepositRepository {
    /** An address that was paid is not shown again: who looks at the chain learns no more than one payment. */
    private static final String UNPAID = """
            select a.address, a.confirmations from card_address a where a.card_id = $1
              and not exists (select 1 from card_deposit d where d.script = a.script)
            order by a.created_at desc limit 1
            """;

    private static final String ADD_ADDRESS = """
            insert into card_address (script, address, card_id, confirmations, created_at) values ($1, $2, $3, $4, $5)
            """;
    private static final String ADDRESSES =
            "select script, card_id, confirmations from card_address where script = any($1::text[])";

    private static final String FIND = "select * from card_deposit where txid = $1 and vout = $2 for update";
    private static final String ADD = """
            insert into card_deposit (txid, vout, card_id, script, value_sat, needed, height, seen_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
    private static final String MOVE = "update card_deposit set height = $3 where txid = $1 and vout = $2";
    private static final String MARK =
            "update card_deposit set credits = $3, credited = $4 where txid = $1 and vout = $2";
    private static final String DUE = """
            select * from card_deposit where not credited and height is not null and $1 - height + 1 >= needed
            order by txid, vout for update
            """;
    private static final String LOST_OF = """
            select * from card_deposit where credited and height is null and script = any($1::text[])
            order by txid, vout for update
            """;
    private static final String DUE_CARDS = """
            select distinct card_id from card_deposit
            where not credited and height is not null and $1 - height + 1 >= needed
            """;

    private final Db db;

    DepositRepository(Db db) {
        this.db = db;
    }

    /** The address that a payer is shown, and after how many confirmations a payment counts. */
    record UnpaidAddress(String address, int confirmations) {}

    /** A script of a card. */
    record Owner(String script, CardId card, int confirmations) {}

    /**
     * A payment on chain to an address of a card.
     *
     * @param height null while it is in no block of the active chain
     * @param credits how often it was credited, reversed ones too
     */
    record Deposit(
            String txid,
            int vout,
            CardId card,
            long valueSat,
            int needed,
            @Nullable Integer height,
            int credits,
            boolean credited) {
        /** A coin's name in the ledger. */
        String fact() {
            return "onchain:" + txid + ":" + vout;
        }
    }

    Future<Optional<UnpaidAddress>> unpaid(CardId card) {
        return db.read(UNPAID, card.value()).map(rows -> Columns.first(rows, DepositRepository::address));
    }

    Future<Optional<UnpaidAddress>> unpaid(SqlClient tx, CardId card) {
        return Db.run(tx, UNPAID, Tuple.of(card.value())).map(rows -> Columns.first(rows, DepositRepository::address));
    }

    Future<Void> add(SqlClient tx, ReservedAddress reserved, CardId card, int confirmations, Instant now) {
        Tuple args = Tuple.of(reserved.script(), reserved.address(), card.value(), confirmations, Columns.at(now));
        return Db.run(tx, ADD_ADDRESS, args).mapEmpty();
    }

    Future<List<Owner>> owners(SqlClient tx, Collection<String> scripts) {
        return Db.run(tx, ADDRESSES, Tuple.tuple().addValue(scripts.toArray(String[]::new)))
                .map(rows -> Columns.list(
                        rows,
                        row -> new Owner(
                                row.getString("script"),
                                new CardId(row.getString("card_id")),
                                row.getInteger("confirmations"))));
    }

    /** Notes where an output stands now; one that never was in sight and cannot happen is not noted. */
    Future<Void> note(SqlClient tx, Owner owner, OutputChange change, int needed) {
        String txid = change.outpoint().txid();
        int vout = change.outpoint().vout();
        Integer height = change.state() instanceof State.Confirmed confirmed ? confirmed.height() : null;
        return Db.run(tx, FIND, Tuple.of(txid, vout)).compose(rows -> {
            if (rows.size() > 0) {
                return Db.run(tx, MOVE, Tuple.of(txid, vout, height)).mapEmpty();
            }
            if (change.state() instanceof State.Conflicted) {
                return Future.succeededFuture();
            }
            Tuple args = Tuple.of(txid, vout, owner.card().value(), owner.script(), change.valueSat(), needed);
            return Db.run(tx, ADD, args.addValue(height).addValue(Columns.at(change.seenAt())))
                    .mapEmpty();
        });
    }

    /** Deep enough and not credited, locked. */
    Future<List<Deposit>> due(SqlClient tx, int tipHeight) {
        return Db.run(tx, DUE, Tuple.of(tipHeight)).map(rows -> Columns.list(rows, DepositRepository::deposit));
    }

    /** Credited, and in no block any more; of these scripts, locked. */
    Future<List<Deposit>> lost(SqlClient tx, Collection<String> scripts) {
        return Db.run(tx, LOST_OF, Tuple.tuple().addValue(scripts.toArray(String[]::new)))
                .map(rows -> Columns.list(rows, DepositRepository::deposit));
    }

    Future<Set<CardId>> dueCards(SqlClient tx, int tipHeight) {
        return Db.run(tx, DUE_CARDS, Tuple.of(tipHeight))
                .map(rows -> Columns.list(rows, row -> new CardId(row.getString(0))).stream()
                        .collect(Collectors.toSet()));
    }

    Future<Void> mark(SqlClient tx, Deposit deposit, int credits, boolean credited) {
        return Db.run(tx, MARK, Tuple.of(deposit.txid(), deposit.vout(), credits, credited))
                .mapEmpty();
    }

    private static UnpaidAddress address(Row row) {
        return new UnpaidAddress(row.getString("address"), row.getInteger("confirmations"));
    }

    private static Deposit deposit(Row row) {
        return new Deposit(
                row.getString("txid"),
                row.getInteger("vout"),
                new CardId(row.getString("card_id")),
                row.getLong("value_sat"),
                row.getInteger("needed"),
                row.getInteger("height"),
                row.getInteger("credits"),
                row.getBoolean("credited"));
    }
}
