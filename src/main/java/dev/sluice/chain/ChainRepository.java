package dev.sluice.chain;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The chain as it was applied: the last headers, outputs that pay us, what they need, who contradicts them. */
final class ChainRepository {
    /** Two days of blocks: no reorganisation has ever come near it. */
    static final int HEADERS_KEPT = 288;

    private static final int NEEDS_PAGE = 20_000;

    /** A block of the active chain; {@code medianTime} in Unix seconds. */
    record Block(int height, String hash, long medianTime) {}

    private static final String HEADERS =
            "select height, hash, median_time from chain_block order by height desc limit $1";
    private static final String FIRST_RESERVED = """
            select min(reserved_at) as at from chain_address where subject is not null and subject <> 'foreign'
            """;
    private static final String ADD_HEADER = "insert into chain_block (height, hash, median_time) values ($1, $2, $3)";
    private static final String ADD_HEADERS = """
            insert into chain_block (height, hash, median_time)
            select * from unnest($1::int[], $2::text[], $3::bigint[])
            """;
    private static final String DROP_HEADER = "delete from chain_block where height = $1 and hash = $2";
    private static final String PRUNE_HEADERS = "delete from chain_block where height <= $1";
    private static final String PRUNE_NEEDS = """
            delete from chain_input where txid in (
                select txid from chain_output where height = $1
                union select txid from chain_conflict where height = $1)
            """;
    private static final String NEEDS = """
            select distinct spent_txid, spent_vout from chain_input
            where (spent_txid, spent_vout) > ($1::text, $2::int) order by spent_txid, spent_vout limit $3
            """;

    // Somebody else handed the address out (the same key in another wallet): it must not become an invoice's.
    private static final String RETIRE = """
            update chain_address set subject = 'foreign', reserved_at = now()
            where script = any($1::bytea[]) and subject is null
            """;
    private static final String RESERVED = """
            select script from chain_address
            where script = any($1::bytea[]) and subject is not null and subject <> 'foreign'
            """;
    private static final String ADD_OUTPUTS = """
            insert into chain_output (
                txid, vout, script, value_sat, coinbase, replaceable, height, block_hash, seen_at)
            select u.*, $7::int, $8::text, $9::timestamptz from unnest(
                $1::text[], $2::int[], $3::bytea[], $4::bigint[], $5::boolean[], $6::boolean[]) u
            on conflict (txid, vout) do update set
                height = coalesce(excluded.height, chain_output.height),
                block_hash = coalesce(excluded.block_hash, chain_output.block_hash)
            """;
    private static final String ADD_NEEDS = """
            insert into chain_input (spent_txid, spent_vout, txid, spender)
            select * from unnest($1::text[], $2::int[], $3::text[], $4::text[]) on conflict do nothing
            """;
    private static final String ADD_CONFLICTS = """
            insert into chain_conflict (txid, by_txid, height)
            select distinct i.txid, s.spender, $4::int
            from unnest($1::text[], $2::int[], $3::text[]) s (spent_txid, spent_vout, spender)
            join chain_input i using (spent_txid, spent_vout)
            where i.spender <> s.spender and i.txid <> s.spender
            on conflict (txid, by_txid) do update set height = coalesce(excluded.height, chain_conflict.height)
            returning txid
            """;
    private static final String UNCONFIRM = """
            update chain_output set height = null, block_hash = null where height = $1 returning txid
            """;
    private static final String UNCONFIRM_CONFLICTS =
            "update chain_conflict set height = null where height = $1 returning txid";
    private static final String OPEN_CONFLICTS = "select distinct by_txid from chain_conflict where height is null";
    private static final String DROP_CONFLICTS =
            "delete from chain_conflict where height is null and by_txid = any($1::text[]) returning txid";
    private final Db db;

    private final Clock clock;

    ChainRepository(Db db, Clock clock) {
        this.db = db;
        this.clock = clock;
    }

    /** Stored headers, highest first. */
    Future<List<Block>> headers() {
        return db.read(HEADERS, HEADERS_KEPT)
                .map(rows -> rows.stream().map(ChainRepository::block).toList());
    }

    /** The block on top, as the transaction sees it; fails where no chain was ever followed. */
    static Future<Block> tip(SqlConnection tx) {
        return Db.run(tx, HEADERS, Tuple.of(1))
                .map(rows -> block(rows.iterator().next()));
    }

    /** When the first address was handed out. */
    Future<Optional<Instant>> firstReserved() {
        return db.read(FIRST_RESERVED)
                .map(rows -> Optional.ofNullable(rows.iterator().next().getOffsetDateTime("at"))
                        .map(OffsetDateTime::toInstant));
    }

    private static Block block(Row row) {
        return new Block(row.getInteger("height"), row.getString("hash"), row.getLong("median_time"));
    }

    /** A page of the outpoints that tracked payments need. */
    Future<List<Outpoint>> needsAfter(String txid, int vout) {
        return db.read(NEEDS, txid, vout, NEEDS_PAGE)
                .map(rows -> rows.stream()
                        .map(row -> new Outpoint(row.getString("spent_txid"), row.getInteger("spent_vout")))
                        .toList());
    }

    /** Stores the end of a chain that was never followed before. */
    Future<List<OutputChange>> adopt(SqlConnection tx, List<Block> headers) {
        return Db.run(
                        tx,
                        ADD_HEADERS,
                        Tuple.of(
                                headers.stream().map(Block::height).toArray(Integer[]::new),
                                headers.stream().map(Block::hash).toArray(String[]::new),
                                headers.stream().map(Block::medianTime).toArray(Long[]::new)))
                .map(List.of());
    }

    /** Puts a block on top, with what it says about us; the outputs whose state may have changed. */
    Future<List<OutputChange>> connect(SqlConnection tx, Block block, Findings findings) {
        int buried = block.height() - HEADERS_KEPT;
        return Db.run(tx, ADD_HEADER, Tuple.of(block.height(), block.hash(), block.medianTime()))
                .compose(added -> Db.run(tx, PRUNE_HEADERS, Tuple.of(buried)))
                .compose(pruned -> record(tx, findings, block))
                .compose(touched -> Db.run(tx, PRUNE_NEEDS, Tuple.of(buried)).map(touched))
                .compose(touched -> OutputRepository.of(tx, touched));
    }

    /** Takes the tip off; what it confirmed is unconfirmed again. */
    Future<List<OutputChange>> disconnect(SqlConnection tx, Block block) {
        Set<String> touched = new HashSet<>();
        return Db.run(tx, DROP_HEADER, Tuple.of(block.height(), block.hash()))
                .compose(dropped -> dropped.rowCount() == 1
                        ? Db.run(tx, UNCONFIRM, Tuple.of(block.height()))
                        : Future.failedFuture(new IllegalStateException("the stored tip has moved")))
                .onSuccess(rows -> txids(rows, touched))
                .compose(done -> Db.run(tx, UNCONFIRM_CONFLICTS, Tuple.of(block.height())))
                .onSuccess(rows -> txids(rows, touched))
                .compose(done -> OutputRepository.of(tx, touched));
    }

    /** What the mempool says about us; conflicts by {@code gone} are over. */
    Future<List<OutputChange>> mempool(SqlConnection tx, Findings findings, Collection<String> gone) {
        return Db.run(tx, DROP_CONFLICTS, Tuple.of(gone.toArray(String[]::new))).compose(dropped -> {
            Set<String> touched = new HashSet<>();
            txids(dropped, touched);
            return record(tx, findings, null).compose(recorded -> {
                touched.addAll(recorded);
                return OutputRepository.of(tx, touched);
            });
        });
    }

    /** Transactions of the mempool, as it was, that contradict a payment. */
    Future<Set<String>> openConflicts() {
        return db.read(OPEN_CONFLICTS).map(rows -> {
            Set<String> open = new HashSet<>();
            rows.forEach(row -> open.add(row.getString("by_txid")));
            return open;
        });
    }

    private Future<Set<String>> record(SqlConnection tx, Findings findings, @Nullable Block block) {
        if (findings.isEmpty()) {
            return Future.succeededFuture(Set.of());
        }
        Set<String> touched = new HashSet<>();
        return confirm(tx, findings.payments())
                .compose(ours -> addPayments(tx, ours, block, touched))
                .compose(added -> addConflicts(tx, findings.spends(), block))
                .onSuccess(rows -> txids(rows, touched))
                .map(done -> touched);
    }

    /** Keeps of the candidates what pays an address that was handed out. */
    private static Future<List<Findings.Payment>> confirm(SqlConnection tx, List<Findings.Payment> candidates) {
        if (candidates.isEmpty()) {
            return Future.succeededFuture(List.of());
        }
        Buffer[] scripts = candidates.stream()
                .flatMap(payment -> payment.outputs().stream())
                .map(output -> Buffer.buffer(output.script()))
                .distinct()
                .toArray(Buffer[]::new);
        return Db.run(tx, RETIRE, Tuple.of(scripts))
                .compose(retired -> Db.run(tx, RESERVED, Tuple.of(scripts)))
                .map(rows -> {
                    Set<Buffer> reserved = new HashSet<>();
                    rows.forEach(row -> reserved.add(row.getBuffer("script")));
                    return candidates.stream()
                            .map(payment -> new Findings.Payment(
                                    payment.transaction(),
                                    payment.outputs().stream()
                                            .filter(output -> reserved.contains(Buffer.buffer(output.script())))
                                            .toList(),
                                    payment.needs(),
                                    payment.replaceable()))
                            .filter(payment -> !payment.outputs().isEmpty())
                            .toList();
                });
    }

    private Future<Void> addPayments(
            SqlConnection tx, List<Findings.Payment> payments, @Nullable Block block, Set<String> touched) {
        if (payments.isEmpty()) {
            return Future.succeededFuture();
        }
        record Paid(Findings.Payment payment, ChainTransaction.Output output) {}
        record Need(Findings.Payment payment, Findings.Spend spend) {}
        List<Paid> paid = new ArrayList<>();
        List<Need> needs = new ArrayList<>();
        for (Findings.Payment payment : payments) {
            touched.add(payment.transaction().txid());
            payment.outputs().forEach(output -> paid.add(new Paid(payment, output)));
            payment.needs().forEach(spend -> needs.add(new Need(payment, spend)));
        }
        Tuple outputs = Tuple.tuple()
                .addArrayOfString(
                        paid.stream().map(p -> p.payment().transaction().txid()).toArray(String[]::new))
                .addArrayOfInteger(paid.stream().map(p -> p.output().vout()).toArray(Integer[]::new))
                .addArrayOfBuffer(paid.stream()
                        .map(p -> Buffer.buffer(p.output().script()))
                        .toArray(Buffer[]::new))
                .addArrayOfLong(paid.stream().map(p -> p.output().valueSat()).toArray(Long[]::new))
                .addArrayOfBoolean(paid.stream()
                        .map(p -> p.payment().transaction().coinbase())
                        .toArray(Boolean[]::new))
                .addArrayOfBoolean(
                        paid.stream().map(p -> p.payment().replaceable()).toArray(Boolean[]::new))
                .addValue(block == null ? null : block.height())
                .addValue(block == null ? null : block.hash())
                .addValue(Columns.at(seenAt(block)));
        Tuple inputs = Tuple.of(
                needs.stream().map(n -> n.spend().spent().txid()).toArray(String[]::new),
                needs.stream().map(n -> n.spend().spent().vout()).toArray(Integer[]::new),
                needs.stream().map(n -> n.payment().transaction().txid()).toArray(String[]::new),
                needs.stream().map(n -> n.spend().spender()).toArray(String[]::new));
        return Db.run(tx, ADD_OUTPUTS, outputs)
                .compose(added -> Db.run(tx, ADD_NEEDS, inputs))
                .mapEmpty();
    }

    /** What is found in a block after an outage was made no later than the block; chain time never runs backwards. */
    private Instant seenAt(@Nullable Block block) {
        Instant now = clock.now();
        Instant mined = block == null ? now : Instant.ofEpochSecond(block.medianTime());
        return mined.isBefore(now) ? mined : now;
    }

    private static Future<RowSet<Row>> addConflicts(
            SqlConnection tx, List<Findings.Spend> spends, @Nullable Block block) {
        return Db.run(
                tx,
                ADD_CONFLICTS,
                Tuple.of(
                        spends.stream().map(spend -> spend.spent().txid()).toArray(String[]::new),
                        spends.stream().map(spend -> spend.spent().vout()).toArray(Integer[]::new),
                        spends.stream().map(Findings.Spend::spender).toArray(String[]::new),
                        block == null ? null : block.height()));
    }

    private static void txids(RowSet<Row> rows, Set<String> into) {
        rows.forEach(row -> into.add(row.getString("txid")));
    }
}
