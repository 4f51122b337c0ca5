package dev.sluice.db;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.lang.reflect.Array;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Turns rows of ours into arrays for {@code unnest}, and rows of an answer into values. */
public final class Columns {
    private Columns() {}

    /** One field of all rows, in their order. */
    @SuppressWarnings("unchecked")
    public static <T, C> C[] of(List<T> rows, Class<C> type, Function<T, @Nullable C> field) {
        C[] out = (C[]) Array.newInstance(type, rows.size());
        for (int i = 0; i < out.length; i++) {
            out[i] = field.apply(rows.get(i));
        }
        return out;
    }

    /** An instant as the driver takes it. */
    public static OffsetDateTime at(Instant instant) {
        return OffsetDateTime.ofInstant(instant, ZoneOffset.UTC);
    }

    /** Likewise; null stays null. */
    public static @Nullable OffsetDateTime atOrNull(@Nullable Instant instant) {
        return instant == null ? null : at(instant);
    }

    /** A column that may be null. */
    public static @Nullable Instant instant(Row row, String column) {
        OffsetDateTime value = row.getOffsetDateTime(column);
        return value == null ? null : value.toInstant();
    }

    public static <T> List<T> list(RowSet<Row> rows, Function<Row, T> read) {
        List<T> out = new ArrayList<>(rows.size());
        rows.forEach(row -> out.add(read.apply(row)));
        return out;
    }

    public static <T> Optional<T> first(RowSet<Row> rows, Function<Row, T> read) {
        for (Row row : rows) {
            return Optional.of(read.apply(row));
        }
        return Optional.empty();
    }
}
