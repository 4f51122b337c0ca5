package dev.sluice.chain;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Wallets, their keychains and the pool of addresses derived ahead. */
final class WalletRepository {
    static final int SCRIPTS_PAGE = 50_000;

    /**
     * A keychain.
     *
     * @param nextIndex the first that has not been derived
     * @param mempoolRead whether the mempool was read with its scripts; before, none of its addresses is handed out
     */
    record Keychain(long id, int nextIndex, boolean mempoolRead) {
        static Keychain of(Row row) {
            return new Keychain(row.getLong("id"), row.getInteger("next_index"), row.getBoolean("mempool_read"));
        }
    }

    /** An address derived but not yet stored. */
    @SuppressWarnings("ArrayRecordComponent")
    record Derived(int index, byte[] script, String address) {}

    /** An address taken out of the pool, with what is left to know about its keychain. */
    record Taken(ReservedAddress address, int index, int nextIndex) {}

    private static final String COUNT = "select count(*) as n from chain_address";
    private static final String KEYCHAINS = "select id, next_index, mempool_read from keychain where next_index > 0";
    private static final String SCRIPTS = """
            select script from chain_address where keychain = $1 and index >= $2 and index < $3
            """;
    private static final String ADD_KEYCHAIN = """
            insert into keychain (descriptor) values ($1)
            on conflict (descriptor) do update set descriptor = excluded.descriptor
            returning id, next_index, mempool_read
            """;
    private static final String ADD_WALLET = """
            insert into wallet (id, owner, descriptor, keychain) values ($1, $2, $3, $4) on conflict (id) do nothing
            """;
    private static final String IS_ANOTHERS = """
            select exists (select from wallet mine join wallet other on other.keychain = mine.keychain
                where mine.id = $1 and other.owner <> mine.owner and other.opened_at < mine.opened_at) as anothers
            """;
    private static final String BEGIN_AT = """
            update keychain set next_index = greatest(next_index, $2) where id = $1
            returning id, next_index, mempool_read
            """;
    private static final String PASS = """
            update chain_address set subject = 'foreign', reserved_at = now()
            where keychain = $1 and index < $2 and subject is null
            """;
    private static final String KEYCHAIN_OF = """
            select k.id, k.next_index, k.mempool_read, w.descriptor
            from wallet w join keychain k on k.id = w.keychain where w.id = $1
            """;
    private static final String MEMPOOL_READ = "update keychain set mempool_read = true where id = any($1::bigint[])";
    private static final String AVAILABLE = """
            select count(*) as n from (select from chain_address where keychain = $1 and subject is null limit $2) a
            """;
    private static final String LOCK = "select next_index from keychain where id = $1 for update";
    private static final String ADD_ADDRESSES = """
            insert into chain_address (keychain, script, index, address)
            select $1, * from unnest($2::bytea[], $3::int[], $4::text[]) on conflict do nothing
            """;
    private static final String ADVANCE = "update keychain set next_index = $2 where id = $1";
    private static final String TAKE = """
            update chain_address set subject = $2, reserved_at = now() where script = (
                select a.script from wallet w join keychain k on k.id = w.keychain
                join chain_address a on a.keychain = k.id
                where w.id = $1 and k.mempool_read and a.subject is null
                order by a.index limit 1 for update of a skip locked)
            returning script, address, index,
                (select k.next_index from keychain k where k.id = chain_address.keychain) as next_index
            """;

    private final Db db;

    WalletRepository(Db db) {
        this.db = db;
    }

    Future<Integer> addressCount() {
        return db.read(COUNT).map(rows -> Math.toIntExact(rows.iterator().next().getLong("n")));
    }

    /** Those of which something was derived. */
    Future<List<Keychain>> keychains() {
        return db.read(KEYCHAINS).map(rows -> Columns.list(rows, Keychain::of));
    }

    /** Lets the addresses of keychains be handed out: what the mempool held for them has been written. */
    Future<Void> mempoolRead(Collection<Long> keychains) {
        return db.write(MEMPOOL_READ, Tuple.of(keychains.toArray(Long[]::new))).mapEmpty();
    }

    /** Scripts of a keychain, {@code from} inclusive to {@code until} exclusive. */
    Future<RowSet<Row>> scripts(long keychain, int from, int until) {
        return db.read(SCRIPTS, keychain, from, until);
    }

    /**
     * Makes sure of a wallet and its keychain, and that no address below an index is handed out from now on; fails with
     * {@code Rejected} where that is asked for and another owner opened the keychain before.
     */
    Future<Keychain> open(WalletId id, String owner, Descriptor descriptor, int startIndex) {
        return db.tx(tx -> Db.run(tx, ADD_KEYCHAIN, Tuple.of(descriptor.keychain()))
                .map(rows -> Keychain.of(rows.iterator().next()))
                .compose(keychain -> Db.run(
                                tx, ADD_WALLET, Tuple.of(id.value(), owner, descriptor.toString(), keychain.id()))
                        .compose(added -> startIndex == 0
                                ? Future.succeededFuture(keychain)
                                : pass(tx, id, keychain.id(), startIndex))));
    }

    private static Future<Keychain> pass(SqlConnection tx, WalletId wallet, long keychain, int startIndex) {
        return Db.run(tx, IS_ANOTHERS, Tuple.of(wallet.value()))
                .compose(rows -> rows.iterator().next().getBoolean("anothers")
                        ? Future.failedFuture(
                                new Failure.Rejected("account-shared", "Another wallet here hands out its addresses")
                                        .exception())
                        : Db.run(tx, BEGIN_AT, Tuple.of(keychain, startIndex)))
                .compose(advanced -> Db.run(tx, PASS, Tuple.of(keychain, startIndex))
                        .map(Keychain.of(advanced.iterator().next())));
    }

    /** A wallet's keychain and the descriptor it was opened with. */
    Future<Optional<Map.Entry<Keychain, String>>> find(WalletId id) {
        return db.tx(tx -> find(tx, id));
    }

    Future<Optional<Map.Entry<Keychain, String>>> find(SqlConnection tx, WalletId id) {
        return Db.run(tx, KEYCHAIN_OF, Tuple.of(id.value()))
                .map(rows ->
                        rows.stream().findFirst().map(row -> Map.entry(Keychain.of(row), row.getString("descriptor"))));
    }

    /** Addresses in the pool, counted up to {@code most}. */
    Future<Integer> available(long keychain, int most) {
        return db.read(AVAILABLE, keychain, most)
                .map(rows -> Math.toIntExact(rows.iterator().next().getLong("n")));
    }

    /** Adds a run of addresses; false where another process has derived that run already. */
    Future<Boolean> extend(Keychain keychain, List<Derived> run) {
        return db.tx(tx -> Db.run(tx, LOCK, Tuple.of(keychain.id())).compose(rows -> {
            if (rows.iterator().next().getInteger("next_index") != keychain.nextIndex()) {
                return Future.succeededFuture(false);
            }
            return addAddresses(tx, keychain, run).map(true);
        }));
    }

    private static Future<Void> addAddresses(SqlConnection tx, Keychain keychain, List<Derived> run) {
        Tuple addresses = Tuple.of(
                keychain.id(),
                run.stream().map(derived -> Buffer.buffer(derived.script())).toArray(Buffer[]::new),
                run.stream().map(Derived::index).toArray(Integer[]::new),
                run.stream().map(Derived::address).toArray(String[]::new));
        return Db.run(tx, ADD_ADDRESSES, addresses)
                .compose(added -> Db.run(tx, ADVANCE, Tuple.of(keychain.id(), keychain.nextIndex() + run.size())))
                .mapEmpty();
    }

    /** Takes the next address out of the pool for good, once the caller commits. */
    Future<Optional<Taken>> take(SqlConnection tx, WalletId wallet, String subject) {
        return Db.run(tx, TAKE, Tuple.of(wallet.value(), subject))
                .map(rows -> rows.stream()
                        .findFirst()
                        .map(row -> new Taken(
                                new ReservedAddress(
                                        wallet,
                                        row.getString("address"),
                                        HexFormat.of()
                                                .formatHex(
                                                        row.getBuffer("script").getBytes()),
                                        "0/" + row.getInteger("index")),
                                row.getInteger("index"),
                                row.getInteger("next_index"))));
    }
}
