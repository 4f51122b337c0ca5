package dev.sluice.webhook;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Set;

/** Writes the body of a delivery: BTCPay's envelope, then the event's own fields. */
final class WebhookBody {
    /** Fields that the envelope owns, whatever an event calls them. */
    static final Set<String> ENVELOPE =
            Set.of("deliveryId", "webhookId", "originalDeliveryId", "isRedelivery", "type", "timestamp", "storeId");

    private WebhookBody() {}

    /**
     * An event's own fields, stored until the delivery is pruned.
     *
     * @param version of the invoice, card or charge after it, as the API answers it; events of one step share it
     * @param sequence its number in the event log: later events of one invoice or card have greater ones, which puts
     *     deliveries that overtook each other in order
     */
    static String facts(JsonObject body, long version, long sequence) {
        JsonObject facts = body.copy();
        ENVELOPE.forEach(facts::remove);
        return facts.put("version", version).put("sequence", sequence).encode();
    }

    /** The body; {@code facts} is spliced in unparsed, so that what was sent can be shown again byte by byte. */
    static String render(
            String id,
            String webhookId,
            String originalId,
            String kind,
            Instant eventAt,
            String storeId,
            String facts) {
        String envelope = new JsonObject()
                .put("deliveryId", id)
                .put("webhookId", webhookId)
                .put("originalDeliveryId", originalId)
                .put("isRedelivery", !id.equals(originalId))
                .put("type", kind)
                .put("timestamp", eventAt.getEpochSecond())
                .put("storeId", storeId)
                .encode();
        boolean none = facts.length() <= 2;
        return none ? envelope : envelope.substring(0, envelope.length() - 1) + "," + facts.substring(1);
    }
}
