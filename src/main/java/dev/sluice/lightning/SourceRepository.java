package dev.sluice.lightning;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;

/** Nodes that stores brought, and how to reach them. */
final class SourceRepository {
    private static final String ALL = "select node, owner, connection from lightning_source order by since, node";
    private static final String OF_OWNER =
            "select node, owner, connection from lightning_source where owner = $1 order by since, node";
    private static final String SAVE = """
            insert into lightning_source (node, owner, connection, since) values ($1, $2, $3, $4)
            on conflict (node) do update set connection = excluded.connection where lightning_source.owner = $2
            """;
    private static final String FORGET = "delete from lightning_source where node = $1";

    private final Db db;

    SourceRepository(Db db) {
        this.db = db;
    }

    /** A node of a store, and the connection string that was given last. */
    record Source(NodeId node, String owner, Secret connection) {
        boolean isAt(ConnectionString.Lnd target) {
            try {
                ConnectionString.Lnd known = ConnectionString.parse(connection.value());
                return known.host().equalsIgnoreCase(target.host()) && known.port() == target.port();
            } catch (FailureException refusedToday) {
                return false;
            }
        }
    }

    Future<List<Source>> all() {
        return db.read(ALL).map(SourceRepository::sources);
    }

    Future<List<Source>> of(String owner) {
        return db.read(OF_OWNER, owner).map(SourceRepository::sources);
    }

    Future<Void> save(Source source, Instant now) {
        Tuple args = Tuple.of(
                source.node().value(), source.owner(), source.connection().value(), Columns.at(now));
        return db.write(SAVE, args).mapEmpty();
    }

    Future<Void> forget(NodeId node) {
        return db.write(FORGET, Tuple.of(node.value())).mapEmpty();
    }

    private static List<Source> sources(RowSet<Row> rows) {
        return Columns.list(
                rows,
                row -> new Source(
                        new NodeId(row.getString("node")),
                        row.getString("owner"),
                        new Secret(row.getString("connection"))));
    }
}
