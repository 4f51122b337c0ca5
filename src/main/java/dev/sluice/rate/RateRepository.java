package dev.sluice.rate;

import dev.sluice.db.Db;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** The stores' rate settings. */
final class RateRepository {
    private static final String FIND = """
            select slot, spread, preferred_source, script from store_rate where store_id = $1
            """;

    private static final String SAVE = """
            insert into store_rate (store_id, slot, spread, preferred_source, script) values ($1, $2, $3, $4, $5)
            on conflict (store_id, slot) do update set spread = excluded.spread,
              preferred_source = excluded.preferred_source, script = excluded.script, updated_at = now()
            """;

    private final Db db;

    RateRepository(Db db) {
        this.db = db;
    }

    /** What a store set; a slot that it never set is absent. */
    Future<Map<RateSlot, RateSettings>> find(StoreId store) {
        return db.read(FIND, store.value()).map(rows -> {
            Map<RateSlot, RateSettings> found = new EnumMap<>(RateSlot.class);
            for (Row row : rows) {
                found.put(
                        RateSlot.valueOf(row.getString("slot").toUpperCase(Locale.ROOT)),
                        new RateSettings(
                                row.getBigDecimal("spread"),
                                row.getString("preferred_source"),
                                row.getString("script")));
            }
            return found;
        });
    }

    Future<Void> save(SqlClient tx, StoreId store, RateSlot slot, RateSettings settings) {
        Tuple args =
                Tuple.of(store.value(), slot.label(), settings.spread(), settings.preferredSource(), settings.script());
        return Db.run(tx, SAVE, args).mapEmpty();
    }
}
