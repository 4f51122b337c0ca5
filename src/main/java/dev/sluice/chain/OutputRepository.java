package dev.sluice.chain;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Outputs that pay us as they stand: in a block, contradicted, or neither. */
final class OutputRepository {
    private static final String STANDING = """
            select o.txid, o.vout, o.script, o.value_sat, o.coinbase, o.replaceable, o.height, o.block_hash, o.seen_at,
                c.by_txid, c.height as by_height
            from chain_output o left join lateral (
                select by_txid, height from chain_conflict where txid = o.txid
                order by height nulls last, by_txid limit 1) c on o.height is null
            """;
    private static final String OF_TRANSACTIONS = STANDING + " where o.txid = any($1::text[]) order by o.txid, o.vout";
    private static final String OF_SUBJECT = STANDING + """
            where o.script in (select script from chain_address where subject = $1 and subject <> 'foreign')
            order by o.txid, o.vout
            """;

    private OutputRepository() {}

    static Future<List<OutputChange>> of(SqlConnection tx, Set<String> txids) {
        return txids.isEmpty()
                ? Future.succeededFuture(List.of())
                : read(tx, OF_TRANSACTIONS, Tuple.of(txids.toArray(String[]::new)));
    }

    /** All that ever paid the addresses reserved for a subject. */
    static Future<List<OutputChange>> ofSubject(SqlConnection tx, String subject) {
        return read(tx, OF_SUBJECT, Tuple.of(subject));
    }

    private static Future<List<OutputChange>> read(SqlConnection tx, String sql, Tuple args) {
        return Db.run(tx, sql, args)
                .map(rows -> rows.stream().map(OutputRepository::change).toList());
    }

    private static OutputChange change(Row row) {
        Integer height = row.getInteger("height");
        return new OutputChange(
                new Outpoint(row.getString("txid"), row.getInteger("vout")),
                HexFormat.of().formatHex(row.getBuffer("script").getBytes()),
                row.getLong("value_sat"),
                state(row, Optional.ofNullable(height)),
                height == null && row.getBoolean("replaceable"),
                row.getBoolean("coinbase"),
                row.getOffsetDateTime("seen_at").toInstant());
    }

    private static OutputChange.State state(Row row, Optional<Integer> height) {
        if (height.isPresent()) {
            return new OutputChange.State.Confirmed(height.get(), row.getString("block_hash"));
        }
        String byTxid = row.getString("by_txid");
        return byTxid == null
                ? new OutputChange.State.Unconfirmed()
                : new OutputChange.State.Conflicted(byTxid, row.getInteger("by_height"));
    }
}
