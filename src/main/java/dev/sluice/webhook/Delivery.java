package dev.sluice.webhook;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One line of the delivery log.
 *
 * @param state {@code due}, {@code success}, {@code http_error} or {@code failed}
 * @param eventAt when the event took place
 * @param dueAt when it is to be sent, for a line that is due
 * @param facts the event's own fields, or null once pruned
 */
record Delivery(
        String id,
        String webhookId,
        String storeId,
        String originalId,
        String kind,
        int attempt,
        String state,
        Instant eventAt,
        Instant dueAt,
        @Nullable Instant sentAt,
        @Nullable Integer httpCode,
        @Nullable String error,
        @Nullable String excerpt,
        @Nullable String facts) {

    boolean isDue() {
        return state.equals("due");
    }
}
