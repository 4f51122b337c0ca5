package dev.sluice.webhook;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.WebhookId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The endpoints' table. */
final class EndpointRepository {
    private static final String COLUMNS =
            "id, store_id, url, enabled, automatic_redelivery, everything, events, disabled_reason";

    private static final String LIST =
            "select " + COLUMNS + " from webhook where store_id = $1 and deleted_at is null order by created_at, id";
    private static final String FIND = "select " + COLUMNS + " from webhook where id = $1 and deleted_at is null";
    // The store's endpoints are counted under the same statement; a race past the limit costs one endpoint too many.
    private static final String INSERT = """
            insert into webhook (id, store_id, url, secret, enabled, automatic_redelivery, everything, events,
                created_at)
            select $1, $2, $3, $4, $5, $6, $7, $8, $9
            where (select count(*) from webhook where store_id = $2 and deleted_at is null) < $10
            """;
    private static final String CHANGE = """
            update webhook set url = $2, enabled = $3, automatic_redelivery = $4, everything = $5, events = $6,
                disabled_reason = case when $3 then null else disabled_reason end,
                previous_secret = case when $7::text is null or $7 = secret then previous_secret else secret end,
                previous_until = case when $7::text is null or $7 = secret then previous_until else $8 end,
                secret = coalesce($7, secret), version = version + 1
            where id = $1 and deleted_at is null
            """;
    private static final String DELETE =
            "update webhook set deleted_at = $2, enabled = false where id = $1 and deleted_at is null";
    private static final String DISABLE = """
            update webhook set enabled = false, disabled_reason = $2, version = version + 1
            where id = any($1) and enabled and deleted_at is null
            returning id, store_id, version
            """;

    private final Db db;

    EndpointRepository(Db db) {
        this.db = db;
    }

    /** An endpoint that was disabled just now, with its version after it. */
    record Disabled(WebhookId id, StoreId store, long version) {}

    Future<List<Webhook>> list(StoreId store) {
        return db.read(LIST, store.value()).map(rows -> Columns.list(rows, EndpointRepository::webhook));
    }

    Future<Optional<Webhook>> find(WebhookId id) {
        return db.read(FIND, id.value()).map(rows -> Columns.first(rows, EndpointRepository::webhook));
    }

    /** False where the store has {@code limit} endpoints already. */
    Future<Boolean> insert(SqlClient tx, Webhook webhook, Secret secret, Instant at, int limit) {
        Tuple args = Tuple.of(webhook.id().value(), webhook.store().value(), webhook.url(), secret.value())
                .addBoolean(webhook.enabled())
                .addBoolean(webhook.automaticRedelivery())
                .addBoolean(webhook.everything())
                .addArrayOfString(webhook.events().toArray(String[]::new))
                .addOffsetDateTime(Columns.at(at))
                .addInteger(limit);
        return Db.run(tx, INSERT, args).map(rows -> rows.rowCount() == 1);
    }

    /**
     * Changes settings; a new secret leaves the old one signing until {@code previousUntil}. False where it is gone.
     */
    Future<Boolean> update(SqlClient tx, WebhookId id, WebhookSettings settings, Instant previousUntil) {
        Tuple args = Tuple.of(id.value(), settings.url(), settings.enabled(), settings.automaticRedelivery())
                .addBoolean(settings.everything())
                .addArrayOfString(settings.events().toArray(String[]::new))
                .addString(settings.secret().map(Secret::value).orElse(null))
                .addOffsetDateTime(Columns.at(previousUntil));
        return Db.run(tx, CHANGE, args).map(rows -> rows.rowCount() == 1);
    }

    Future<Boolean> delete(SqlClient tx, WebhookId id, Instant at) {
        return Db.run(tx, DELETE, Tuple.of(id.value(), Columns.at(at))).map(rows -> rows.rowCount() == 1);
    }

    /** Disables endpoints; answers those that were enabled. */
    Future<List<Disabled>> disable(SqlClient tx, Set<String> ids, String reason) {
        Tuple args = Tuple.tuple().addArrayOfString(ids.toArray(String[]::new)).addString(reason);
        return Db.run(tx, DISABLE, args)
                .map(rows -> Columns.list(
                        rows,
                        row -> new Disabled(
                                new WebhookId(row.getString("id")),
                                new StoreId(row.getString("store_id")),
                                row.getLong("version"))));
    }

    private static Webhook webhook(Row row) {
        return new Webhook(
                new WebhookId(row.getString("id")),
                new StoreId(row.getString("store_id")),
                row.getString("url"),
                row.getBoolean("enabled"),
                row.getBoolean("automatic_redelivery"),
                row.getBoolean("everything"),
                Set.of(row.getArrayOfStrings("events")),
                row.getString("disabled_reason"));
    }
}
