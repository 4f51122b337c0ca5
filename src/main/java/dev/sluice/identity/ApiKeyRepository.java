package dev.sluice.identity;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** API keys, and who stands behind them, in the database. */
final class ApiKeyRepository {
    private static final int LISTED_MAX = 1_000;

    private static final String KEY =
            "k.id, k.user_id, k.label, k.permissions, k.ip_list, k.expires_at, k.last_used_at, k.created_at";
    private static final String RIGHTS = """
            u.admin, u.disabled,
            array(select store_id from store_member m where m.user_id = u.id order by store_id) as stores,
            array(select role from store_member m where m.user_id = u.id order by store_id) as roles
            """;
    private static final String BY_HASH = "select k.hash, " + KEY + ", " + RIGHTS
            + " from api_key k join app_user u on u.id = k.user_id where k.hash = $1";
    private static final String RIGHTS_OF = "select " + RIGHTS + " from app_user u where u.id = $1";
    private static final String BY_ID = "select " + KEY + " from api_key k where k.id = $1";
    private static final String OF_USER =
            "select " + KEY + " from api_key k where k.user_id = $1 order by k.created_at, k.id limit " + LISTED_MAX;
    private static final String INSERT = """
            insert into api_key (id, hash, user_id, label, permissions, ip_list, expires_at, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            """;
    private static final String DELETE = """
            delete from api_key k where k.user_id = $1 and (k.id = $2 or k.hash = $3) returning %s
            """.formatted(KEY);
    private static final String USED = """
            update api_key k set last_used_at = greatest(k.last_used_at, used.at)
            from unnest($1::text[], $2::timestamptz[]) as used (id, at) where k.id = used.id
            """;

    /** What a user may do, besides what a credential narrows. */
    record Rights(boolean admin, boolean disabled, Map<StoreId, StoreRole> roles) {}

    /**
     * A key as authentication needs it.
     *
     * @param scopes what of its permissions is known today
     */
    record Stored(ApiKey key, List<Scope> scopes, byte[] hash, Rights rights) {
        Stored(ApiKey key, byte[] hash, Rights rights) {
            this(
                    key,
                    key.permissions().stream()
                            .flatMap(text -> Scope.parse(text).stream())
                            .toList(),
                    hash,
                    rights);
        }
    }

    private final Db db;

    ApiKeyRepository(Db db) {
        this.db = db;
    }

    Future<Optional<Stored>> byHash(byte[] hash) {
        return db.read(BY_HASH, Buffer.buffer(hash))
                .map(rows -> Columns.first(
                        rows, row -> new Stored(key(row), row.getBuffer("hash").getBytes(), rights(row))));
    }

    Future<Optional<Rights>> rights(UserId user) {
        return db.read(RIGHTS_OF, user.value()).map(rows -> Columns.first(rows, ApiKeyRepository::rights));
    }

    Future<Optional<ApiKey>> find(String id) {
        return db.read(BY_ID, id).map(rows -> Columns.first(rows, ApiKeyRepository::key));
    }

    Future<List<ApiKey>> list(UserId user) {
        return db.read(OF_USER, user.value()).map(rows -> Columns.list(rows, ApiKeyRepository::key));
    }

    Future<Void> insert(SqlClient tx, ApiKey key, byte[] hash) {
        Tuple args = Tuple.of(
                key.id(),
                Buffer.buffer(hash),
                key.user().value(),
                key.label(),
                key.permissions().toArray(String[]::new),
                key.ipList().toArray(String[]::new),
                Columns.atOrNull(key.expiresAt()),
                Columns.at(key.createdAt()));
        return Db.run(tx, INSERT, args).mapEmpty();
    }

    /** Deletes a user's key by its id or by the hash of its secret; the key, or empty where there was none. */
    Future<Optional<ApiKey>> delete(SqlClient tx, UserId user, String id, byte[] hash) {
        return Db.run(tx, DELETE, Tuple.of(user.value(), id, Buffer.buffer(hash)))
                .map(rows -> Columns.first(rows, ApiKeyRepository::key));
    }

    Future<Void> markUsed(Map<String, Instant> used) {
        String[] ids = used.keySet().toArray(String[]::new);
        OffsetDateTime[] times = used.values().stream().map(Columns::at).toArray(OffsetDateTime[]::new);
        Tuple args = Tuple.tuple().addArrayOfString(ids).addArrayOfOffsetDateTime(times);
        return db.tx(tx -> Db.run(tx, USED, args).mapEmpty());
    }

    private static Rights rights(Row row) {
        String[] stores = row.getArrayOfStrings("stores");
        String[] roles = row.getArrayOfStrings("roles");
        Map<StoreId, StoreRole> byStore = new HashMap<>();
        for (int i = 0; i < stores.length; i++) {
            byStore.put(new StoreId(stores[i]), StoreRole.find(roles[i]).orElseThrow());
        }
        return new Rights(row.getBoolean("admin"), row.getBoolean("disabled"), Map.copyOf(byStore));
    }

    private static ApiKey key(Row row) {
        return new ApiKey(
                row.getString("id"),
                new UserId(row.getString("user_id")),
                row.getString("label"),
                List.of(row.getArrayOfStrings("permissions")),
                List.of(row.getArrayOfStrings("ip_list")),
                Columns.instant(row, "expires_at"),
                Columns.instant(row, "last_used_at"),
                row.getOffsetDateTime("created_at").toInstant());
    }
}
