package dev.sluice.rate;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import java.util.Map;

/** Remembers what sources said across restarts. */
public interface LastGood {
    /** Replaces what is remembered of these sources, unless that is newer. */
    Future<Void> save(Map<String, Map<CurrencyPair, Reading>> heard);

    /** All that is remembered, by source. */
    Future<Map<String, Map<CurrencyPair, Reading>>> load();

    /** Remembers in the database. */
    static LastGood in(Db db) {
        return new LastGoodRepository(db);
    }
}
