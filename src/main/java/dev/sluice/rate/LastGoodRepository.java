package dev.sluice.rate;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The memory in the database: one row a source, whoever heard it last wins. */
final class LastGoodRepository implements LastGood {
    private static final String SAVE = """
            insert into rate_last_good (source, at, quotes)
            select * from unnest($1::text[], $2::timestamptz[], $3::jsonb[])
            on conflict (source) do update set at = excluded.at, quotes = excluded.quotes
            where rate_last_good.at < excluded.at
            """;

    private static final String LOAD = "select source, quotes from rate_last_good";

    private final Db db;

    LastGoodRepository(Db db) {
        this.db = db;
    }

    @Override
    public Future<Void> save(Map<String, Map<CurrencyPair, Reading>> heard) {
        if (heard.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Map.Entry<String, Map<CurrencyPair, Reading>>> rows = List.copyOf(heard.entrySet());
        return db.write(
                        SAVE,
                        Tuple.of(
                                rows.stream().map(Map.Entry::getKey).toArray(String[]::new),
                                rows.stream().map(row -> newest(row.getValue())).toArray(OffsetDateTime[]::new),
                                rows.stream().map(row -> encode(row.getValue())).toArray(Object[]::new)))
                .mapEmpty();
    }

    @Override
    public Future<Map<String, Map<CurrencyPair, Reading>>> load() {
        return db.read(LOAD).map(rows -> {
            Map<String, Map<CurrencyPair, Reading>> heard = new HashMap<>();
            for (Row row : rows) {
                heard.put(row.getString("source"), decode(row.getJsonObject("quotes")));
            }
            return heard;
        });
    }

    private static OffsetDateTime newest(Map<CurrencyPair, Reading> readings) {
        Instant newest = readings.values().stream()
                .map(Reading::at)
                .max(Instant::compareTo)
                .orElseThrow();
        return newest.atOffset(ZoneOffset.UTC);
    }

    /** {@code {"BTC_USD": [bid, ask, milliseconds]}}. */
    private static JsonObject encode(Map<CurrencyPair, Reading> readings) {
        JsonObject json = new JsonObject();
        readings.forEach((pair, reading) -> json.put(
                pair.toString(),
                new JsonArray()
                        .add(reading.quote().bid().toString())
                        .add(reading.quote().ask().toString())
                        .add(reading.at().toEpochMilli())));
        return json;
    }

    private static Map<CurrencyPair, Reading> decode(JsonObject json) {
        Map<CurrencyPair, Reading> readings = new HashMap<>();
        for (String name : json.fieldNames()) {
            JsonArray row = json.getJsonArray(name);
            BidAsk quote = new BidAsk(new BigDecimal(row.getString(0)), new BigDecimal(row.getString(1)));
            CurrencyPair.find(name)
                    .ifPresent(pair -> readings.put(pair, new Reading(quote, Instant.ofEpochMilli(row.getLong(2)))));
        }
        return readings;
    }
}
