package dev.sluice.identity;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;

/** Members of stores in the database. */
final class MemberRepository {
    private static final String PUT = """
            insert into store_member (store_id, user_id, role) values ($1, $2, $3)
            on conflict (user_id, store_id) do update set role = excluded.role
            """;
    private static final String REMOVE = "delete from store_member where store_id = $1 and user_id = $2";
    private static final String HAS_OWNER =
            "select exists (select from store_member where store_id = $1 and role = 'Owner') as found";

    private static final String OWNED =
            "select store_id from store_member where user_id = $1 and role = 'Owner' order by store_id";

    Future<Void> put(SqlClient tx, StoreId store, UserId user, StoreRole role) {
        return Db.run(tx, PUT, Tuple.of(store.value(), user.value(), role.apiName()))
                .mapEmpty();
    }

    Future<Void> remove(SqlClient tx, StoreId store, UserId user) {
        return Db.run(tx, REMOVE, Tuple.of(store.value(), user.value())).mapEmpty();
    }

    Future<Boolean> hasOwner(SqlClient tx, StoreId store) {
        return Db.run(tx, HAS_OWNER, Tuple.of(store.value()))
                .map(rows -> rows.iterator().next().getBoolean("found"));
    }

    /** Ids begin with the time of their making: the oldest first. */
    Future<List<StoreId>> ownedBy(SqlClient tx, UserId user) {
        return Db.run(tx, OWNED, Tuple.of(user.value()))
                .map(rows -> Columns.list(rows, row -> new StoreId(row.getString("store_id"))));
    }
}
