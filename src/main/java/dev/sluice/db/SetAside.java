package dev.sluice.db;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Facts that cannot be applied, kept whole so that a stream can go on after them. A stream's cursor moves over a fact
 * only after the commit that applied it or set it aside.
 */
public final class SetAside {
    /** A page of facts to try again. */
    private static final int PAGE = 100;

    private static final int ERROR_MAX = 2_000;
    private static final String PUT = """
            insert into set_aside (kind, key, facts, error, since) values ($1, $2, $3, $4, $5)
            on conflict (kind, key) do update set error = excluded.error, tries = set_aside.tries + 1
            """;
    private static final String PUT_ALL = """
            insert into set_aside (kind, key, facts, error, since) select $1, k, $3, $4, $5 from unnest($2::text[]) k
            on conflict (kind, key) do update set error = excluded.error, tries = set_aside.tries + 1
            """;
    private static final String KEYS = "select key from set_aside where kind = $1";
    private static final String OF_KIND =
            "select key, facts from set_aside where kind = $1 and key > $2 order by key limit $3";
    private static final String REMOVE = "delete from set_aside where kind = $1 and key = $2";
    private static final String COUNT = "select count(*) as n from set_aside";

    private SetAside() {}

    /** What was set aside. */
    public record Fact(String key, JsonObject facts) {}

    /** Keeps a fact, or says why it could not be applied once more. */
    public static Future<Void> put(SqlConnection tx, String kind, Fact fact, Throwable error, Instant now) {
        Tuple args = Tuple.of(kind, fact.key(), fact.facts(), why(error), Columns.at(now));
        return Db.run(tx, PUT, args).mapEmpty();
    }

    /** As {@link #put} for many keys that have the facts and the error in common. */
    public static Future<Void> putAll(
            SqlConnection tx, String kind, Set<String> keys, JsonObject facts, Throwable error, Instant now) {
        Tuple args = Tuple.of(kind, keys.toArray(String[]::new), facts, why(error), Columns.at(now));
        return Db.run(tx, PUT_ALL, args).mapEmpty();
    }

    private static String why(Throwable error) {
        String why = error.toString();
        return why.substring(0, Math.min(why.length(), ERROR_MAX));
    }

    /** The keys of a kind, as the transaction sees them. */
    public static Future<Set<String>> keys(SqlConnection tx, String kind) {
        return Db.run(tx, KEYS, Tuple.of(kind)).map(rows -> {
            Set<String> keys = new HashSet<>();
            rows.forEach(row -> keys.add(row.getString("key")));
            return keys;
        });
    }

    /** Facts of a kind after a key, {@code ""} for the first; a page. */
    public static Future<List<Fact>> of(Db db, String kind, String after) {
        return db.read(OF_KIND, kind, after, PAGE)
                .map(rows ->
                        Columns.list(rows, row -> new Fact(row.getString("key"), row.get(JsonObject.class, "facts"))));
    }

    /** Says that a fact has been applied after all, in the transaction that applied it. */
    public static Future<Void> remove(SqlConnection tx, String kind, String key) {
        return Db.run(tx, REMOVE, Tuple.of(kind, key)).mapEmpty();
    }

    /** How many there are: each is an incident. */
    public static Future<Long> count(Db db) {
        return db.read(COUNT).map(rows -> rows.iterator().next().getLong("n"));
    }

    /**
     * Whether it is the fact that cannot be applied: the data is impossible (classes 22 and 23 of PostgreSQL), or our
     * own code refuses it. Everything else, from a lost connection to a missing column, would refuse any fact, and is
     * no reason to set one aside.
     */
    public static boolean isFactsFault(Throwable failure) {
        return switch (failure) {
            case PgException pg ->
                pg.getSqlState() != null
                        && (pg.getSqlState().startsWith("22")
                                || pg.getSqlState().startsWith("23"));
            case ArithmeticException impossible -> true;
            case IllegalArgumentException impossible -> true;
            case IllegalStateException impossible -> true;
            case java.util.NoSuchElementException missing -> true;
            case NullPointerException missing -> true;
            case ClassCastException unexpected -> true;
            default -> false;
        };
    }
}
