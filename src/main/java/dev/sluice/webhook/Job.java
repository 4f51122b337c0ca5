package dev.sluice.webhook;

import dev.sluice.kernel.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that this process has claimed, with what it takes to send it.
 *
 * @param originalId the first delivery of the event to this endpoint; what receivers remember
 * @param attempt 1 for the first of a chain
 * @param facts the event's own fields as a JSON object
 * @param previousSecret signs too, while a rotation is young
 * @param retries whether a failure is tried again
 */
record Job(
        String id,
        String webhookId,
        String originalId,
        int attempt,
        String kind,
        Instant eventAt,
        String storeId,
        String facts,
        String url,
        Secret secret,
        @Nullable Secret previousSecret,
        boolean retries) {

    /** The exact body; the same whenever it is asked for. */
    String body() {
        return WebhookBody.render(id, webhookId, originalId, kind, eventAt, storeId, facts);
    }

    /** The id of the next attempt: derived, so that one failure can never be followed by two. */
    String nextId() {
        int dash = id.indexOf('-');
        return (dash < 0 ? id : id.substring(0, dash)) + "-" + (attempt + 1);
    }
}
