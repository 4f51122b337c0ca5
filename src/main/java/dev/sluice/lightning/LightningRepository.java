package dev.sluice.lightning;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.PaymentHash;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of nodes and their stream cursors. */
final class LightningRepository {
    private static final String FIND = """
            select n.pubkey, n.settled_index, n.settled_hash, n.audited_index, n.baseline, c.position
            from lightning_node n
            join stream_cursor c on c.name = 'lightning:' || n.node
            where n.node = $1
            """;
    private static final String REGISTER = """
            with cursor as (
                insert into stream_cursor (name, position) values ('lightning:' || $1, 0)
                on conflict (name) do nothing)
            insert into lightning_node (node, pubkey, baseline) values ($1, $2, $3)
            on conflict (node) do nothing
            """;
    private static final String ADVANCE = """
            with cursor as (
                update stream_cursor set position = $2, updated_at = now()
                where name = 'lightning:' || $1 and position < $2)
            update lightning_node set settled_index = $2, settled_hash = $3
            where node = $1 and settled_index < $2
            """;
    private static final String AUDITED =
            "update lightning_node set audited_index = $2 where node = $1 and audited_index < $2";

    private final Db db;

    LightningRepository(Db db) {
        this.db = db;
    }

    /**
     * What we know of a node; {@code settledHash} null before its first settle.
     *
     * @param baseline its newest settle when we first saw it
     */
    record KnownNode(
            String pubkey,
            long cursor,
            long settledIndex,
            @Nullable PaymentHash settledHash,
            long auditedIndex,
            long baseline) {}

    Future<Optional<KnownNode>> find(NodeId node) {
        return db.read(FIND, node.value()).map(rows -> Columns.first(rows, LightningRepository::known));
    }

    private static KnownNode known(Row row) {
        String hash = row.getString("settled_hash");
        return new KnownNode(
                row.getString("pubkey"),
                row.getLong("position"),
                row.getLong("settled_index"),
                hash == null ? null : new PaymentHash(hash),
                row.getLong("audited_index"),
                row.getLong("baseline"));
    }

    /** @param baseline the newest settle the node has now */
    Future<Void> register(SqlConnection tx, NodeId node, String pubkey, long baseline) {
        return Db.run(tx, REGISTER, Tuple.of(node.value(), pubkey, baseline)).mapEmpty();
    }

    /** Moves the cursor forward, never back. */
    Future<Void> advance(SqlConnection tx, NodeId node, long settleIndex, PaymentHash hash) {
        return Db.run(tx, ADVANCE, Tuple.of(node.value(), settleIndex, hash.hex()))
                .mapEmpty();
    }

    /** Everything up to this add index is final and applied. */
    Future<Void> audited(SqlConnection tx, NodeId node, long addIndex) {
        return Db.run(tx, AUDITED, Tuple.of(node.value(), addIndex)).mapEmpty();
    }
}
