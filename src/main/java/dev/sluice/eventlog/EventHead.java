package dev.sluice.eventlog;

import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * An event as those see it who only follow what happens: all that names it, and its facts only where its kind was asked
 * for with them.
 *
 * @param also another store that is told of it
 * @param body null where it was not asked for
 */
public record EventHead(
        Position position,
        String kind,
        @Nullable StoreId store,
        @Nullable StoreId also,
        String subject,
        long version,
        @Nullable JsonObject body) {}
