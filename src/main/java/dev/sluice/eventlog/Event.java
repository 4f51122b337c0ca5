package dev.sluice.eventlog;

import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened.
 *
 * @param at when
 * @param kind what, in the words webhooks use ({@code InvoiceSettled}) or dotted for internal kinds
 * @param store whose, or null for the gateway's own
 * @param subject the thing it happened to, prefixed by its sort ({@code invoice:<id>})
 * @param version the subject's version after it, growing
 * @param body the facts; money as decimal strings; never a secret
 * @param also another store that is told, which learns more; null for none
 */
public record Event(
        Instant at,
        String kind,
        @Nullable StoreId store,
        String subject,
        long version,
        JsonObject body,
        @Nullable Also also) {
    /**
     * A store that hears of what happened to another.
     *
     * @param facts what it alone learns, beside the event's body
     */
    public record Also(StoreId store, JsonObject facts) {}

    public Event(Instant at, String kind, @Nullable StoreId store, String subject, long version, JsonObject body) {
        this(at, kind, store, subject, version, body, null);
    }
}
