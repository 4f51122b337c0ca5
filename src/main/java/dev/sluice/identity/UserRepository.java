package dev.sluice.identity;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Users and server policies in the database. */
final class UserRepository {
    /** More are not shown in one answer: Greenfield's list has no pages. */
    private static final int LISTED_MAX = 10_000;

    private static final String COLUMNS =
            "id, email, name, image_url, admin, disabled, second_factor, version, created_at, password_hash";
    private static final String BY_ID = "select " + COLUMNS + " from app_user where id = $1";
    private static final String BY_EMAIL = "select " + COLUMNS + " from app_user where lower(email) = lower($1)";
    private static final String LIST =
            "select " + COLUMNS + " from app_user order by created_at, id limit " + LISTED_MAX;
    private static final String ANY = "select exists (select from app_user) as found";

    // Decisions that count administrators are made one after another; the number is "sluice" in ASCII.
    private static final String LOCK_ADMINS = "select pg_advisory_xact_lock(126909663503205)";
    private static final String OTHER_ADMIN =
            "select exists (select from app_user where admin and not disabled and id <> $1) as found";
    private static final String OWNS_STORE = """
            select exists (
                select from store_member mine where user_id = $1 and role = 'Owner'
                and not exists (
                    select from store_member other
                    where other.store_id = mine.store_id and other.role = 'Owner' and other.user_id <> $1)) as found
            """;

    private static final String INSERT = """
            insert into app_user (id, email, password_hash, name, image_url, admin, created_at)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict (lower(email)) do nothing
            returning %s
            """.formatted(COLUMNS);
    private static final String CHANGE = """
            update app_user set email = coalesce($2, email), name = coalesce($3, name),
                image_url = coalesce($4, image_url), password_hash = coalesce($5, password_hash), version = version + 1
            where id = $1
            and not exists (select from app_user other where lower(other.email) = lower($2) and other.id <> $1)
            returning %s
            """.formatted(COLUMNS);
    private static final String DISABLE = """
            update app_user set disabled = $2, version = version + 1 where id = $1
            returning %s
            """.formatted(COLUMNS);
    private static final String DELETE = "delete from app_user where id = $1";

    private static final String SETTING = "select value from server_setting where key = $1";
    private static final String SET = """
            insert into server_setting (key, value) values ($1, to_jsonb($2::boolean))
            on conflict (key) do update set value = excluded.value
            """;

    /** A user and the hash of the password. */
    record Stored(User user, String passwordHash) {}

    private final Db db;

    UserRepository(Db db) {
        this.db = db;
    }

    /** By id, or by e-mail in any case. */
    Future<Optional<Stored>> find(String idOrEmail) {
        return db.read(idOrEmail.indexOf('@') >= 0 ? BY_EMAIL : BY_ID, idOrEmail)
                .map(UserRepository::first);
    }

    Future<List<User>> list() {
        return db.read(LIST).map(rows -> Columns.list(rows, row -> stored(row).user()));
    }

    Future<Boolean> any() {
        return db.read(ANY).map(UserRepository::found);
    }

    Future<Boolean> any(SqlClient tx) {
        return Db.run(tx, ANY, Tuple.tuple()).map(UserRepository::found);
    }

    /** Makes this transaction the only one that decides about administrators, until it ends. */
    Future<Void> lockAdmins(SqlClient tx) {
        return Db.run(tx, LOCK_ADMINS, Tuple.tuple()).mapEmpty();
    }

    Future<Boolean> hasOtherAdmin(SqlClient tx, UserId user) {
        return Db.run(tx, OTHER_ADMIN, Tuple.of(user.value())).map(UserRepository::found);
    }

    Future<Boolean> isOnlyOwner(SqlClient tx, UserId user) {
        return Db.run(tx, OWNS_STORE, Tuple.of(user.value())).map(UserRepository::found);
    }

    /** The new user, or empty where the e-mail is taken. */
    Future<Optional<User>> insert(SqlClient tx, User user, String passwordHash) {
        Tuple args = Tuple.of(
                user.id().value(),
                user.email(),
                passwordHash,
                user.name(),
                user.imageUrl(),
                user.admin(),
                Columns.at(user.created()));
        return Db.run(tx, INSERT, args).map(rows -> first(rows).map(Stored::user));
    }

    /** Changes what is not null; empty where the e-mail is taken or nobody has the id. */
    Future<Optional<User>> update(SqlClient tx, UserId id, UserChange change, @Nullable String passwordHash) {
        Tuple args = Tuple.of(id.value(), change.email(), change.name(), change.imageUrl(), passwordHash);
        return Db.run(tx, CHANGE, args).map(rows -> first(rows).map(Stored::user));
    }

    Future<Optional<User>> disable(SqlClient tx, UserId id, boolean disabled) {
        return Db.run(tx, DISABLE, Tuple.of(id.value(), disabled))
                .map(rows -> first(rows).map(Stored::user));
    }

    Future<Void> delete(SqlClient tx, UserId id) {
        return Db.run(tx, DELETE, Tuple.of(id.value())).mapEmpty();
    }

    Future<Boolean> setting(String key) {
        return db.read(SETTING, key).map(UserRepository::truth);
    }

    Future<Void> set(SqlClient tx, String key, boolean value) {
        return Db.run(tx, SET, Tuple.of(key, value)).mapEmpty();
    }

    private static boolean truth(RowSet<Row> rows) {
        for (Row row : rows) {
            return Boolean.TRUE.equals(row.getValue("value"));
        }
        return false;
    }

    private static boolean found(RowSet<Row> rows) {
        return rows.iterator().next().getBoolean("found");
    }

    private static Optional<Stored> first(RowSet<Row> rows) {
        return Columns.first(rows, UserRepository::stored);
    }

    private static Stored stored(Row row) {
        User user = new User(
                new UserId(row.getString("id")),
                row.getString("email"),
                row.getString("name"),
                row.getString("image_url"),
                row.getBoolean("admin"),
                row.getBoolean("disabled"),
                row.getBoolean("second_factor"),
                row.getLong("version"),
                row.getOffsetDateTime("created_at").toInstant());
        return new Stored(user, row.getString("password_hash"));
    }
}
