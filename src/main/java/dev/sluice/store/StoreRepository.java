package dev.sluice.store;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Stores and their payment methods in the database. */
final class StoreRepository {
    private static final String SELECT = """
            select s.id, s.document, coalesce((
                select jsonb_agg(jsonb_build_object('rail', m.rail, 'enabled', m.enabled, 'holder', m.holder,
                    'source', m.source, 'config', m.config) order by m.rail)
                from payment_method m where m.store_id = s.id), '[]'::jsonb) as methods
            from store s
            """;
    private static final String FIND = SELECT + " where s.id = $1";
    private static final String LIST = SELECT + " where s.id = any($1::text[]) order by s.created_at, s.id";
    private static final String INSERT = "insert into store (id, document, created_at) values ($1, $2, $3)";
    private static final String CHANGE =
            "update store set document = $2, version = version + 1 where id = $1 returning version";
    private static final String CLOSE = """
            update store set closed_at = coalesce(closed_at, $2), document = document || '{"archived": true}',
                version = version + 1
            where id = $1 returning version
            """;
    private static final String TOUCH = "update store set version = version + 1 where id = $1 returning version";
    private static final String PUT_METHOD = """
            insert into payment_method (store_id, rail, enabled, holder, source, config) values ($1, $2, $3, $4, $5, $6)
            on conflict (store_id, rail) do update set enabled = excluded.enabled, holder = excluded.holder,
                source = excluded.source, config = excluded.config
            """;
    private static final String DELETE_METHOD = "delete from payment_method where store_id = $1 and rail = $2";

    private static final String SOURCES =
            "select distinct source from payment_method where rail = 'BTC-LN' and holder = 'STORE'";

    private final Db db;

    StoreRepository(Db db) {
        this.db = db;
    }

    Future<Optional<Store>> find(StoreId id) {
        return db.read(FIND, id.value()).map(rows -> stores(rows).stream().findFirst());
    }

    /** The same as the transaction sees it. */
    Future<Optional<Store>> find(SqlClient tx, StoreId id) {
        return Db.run(tx, FIND, Tuple.of(id.value()))
                .map(rows -> stores(rows).stream().findFirst());
    }

    Future<List<Store>> list(List<StoreId> ids) {
        String[] wanted = ids.stream().map(StoreId::value).toArray(String[]::new);
        return db.read(LIST, (Object) wanted).map(StoreRepository::stores);
    }

    Future<Void> insert(SqlClient tx, StoreId id, JsonObject document, Instant at) {
        return Db.run(tx, INSERT, Tuple.of(id.value(), document, Columns.at(at)))
                .mapEmpty();
    }

    /** The store's new version. */
    Future<Long> update(SqlClient tx, StoreId id, JsonObject document) {
        return Db.run(tx, CHANGE, Tuple.of(id.value(), document)).map(StoreRepository::version);
    }

    /** Archives a store that nobody owns any more; the new version. */
    Future<Long> close(SqlClient tx, StoreId id, Instant at) {
        return Db.run(tx, CLOSE, Tuple.of(id.value(), Columns.at(at))).map(StoreRepository::version);
    }

    /** Locks the store and grows its version. */
    Future<Long> touch(SqlClient tx, StoreId id) {
        return Db.run(tx, TOUCH, Tuple.of(id.value())).map(StoreRepository::version);
    }

    /** The Lightning nodes that stores brought. */
    Future<Set<String>> lightningSources() {
        return db.read(SOURCES).map(rows -> {
            Set<String> found = new HashSet<>();
            rows.forEach(row -> found.add(row.getString("source")));
            return found;
        });
    }

    Future<Void> putMethod(SqlClient tx, StoreId id, PaymentMethod method) {
        Tuple args = Tuple.of(
                id.value(),
                method.rail().methodId(),
                method.enabled(),
                method.holder().name(),
                method.source(),
                method.config());
        return Db.run(tx, PUT_METHOD, args).mapEmpty();
    }

    Future<Void> deleteMethod(SqlClient tx, StoreId id, Rail rail) {
        return Db.run(tx, DELETE_METHOD, Tuple.of(id.value(), rail.methodId())).mapEmpty();
    }

    private static long version(RowSet<Row> rows) {
        return rows.iterator().next().getLong("version");
    }

    private static List<Store> stores(RowSet<Row> rows) {
        List<Store> stores = new ArrayList<>(rows.size());
        for (Row row : rows) {
            List<PaymentMethod> methods = new ArrayList<>();
            JsonArray listed = row.get(JsonArray.class, "methods");
            for (int i = 0; i < listed.size(); i++) {
                methods.add(method(listed.getJsonObject(i)));
            }
            JsonObject document = row.get(JsonObject.class, "document");
            stores.add(new Store(new StoreId(row.getString("id")), new StoreSettings(document), methods));
        }
        return stores;
    }

    private static PaymentMethod method(JsonObject stored) {
        return new PaymentMethod(
                Rail.find(stored.getString("rail")).orElseThrow(),
                stored.getBoolean("enabled"),
                PaymentMethod.Holder.valueOf(stored.getString("holder")),
                stored.getString("source"),
                stored.getJsonObject("config"));
    }
}
