package dev.sluice.webhook;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/** Endpoints and deliveries as the API shows them. */
final class WebhookJson {
    private static final Map<String, String> STATES =
            Map.of("Failed", "failed", "HttpError", "http_error", "HttpSuccess", "success", "Pending", "due");

    private WebhookJson() {}

    static JsonObject of(Webhook webhook) {
        JsonArray events = new JsonArray();
        webhook.events().stream().sorted().forEach(events::add);
        return new JsonObject()
                .put("id", webhook.id().value())
                .put("enabled", webhook.enabled())
                .put("automaticRedelivery", webhook.automaticRedelivery())
                .put("url", webhook.url())
                .put(
                        "authorizedEvents",
                        new JsonObject().put("everything", webhook.everything()).put("specificEvents", events))
                .put("disabledReason", webhook.disabledReason());
    }

    static JsonObject of(Delivery delivery) {
        return new JsonObject()
                .put("id", delivery.id())
                .put("timestamp", delivery.eventAt().getEpochSecond())
                .put(
                        "deliveryTime",
                        delivery.sentAt() == null ? null : delivery.sentAt().getEpochSecond())
                .put("httpCode", delivery.httpCode())
                .put("errorMessage", delivery.error())
                .put("status", status(delivery))
                .put("type", delivery.kind())
                .put("originalDeliveryId", delivery.originalId())
                .put("isRedelivery", !delivery.id().equals(delivery.originalId()))
                .put("attempt", delivery.attempt())
                .put("dueTime", delivery.isDue() ? delivery.dueAt().getEpochSecond() : null)
                .put("responseExcerpt", delivery.excerpt());
    }

    /** The stored word for a status of the API. */
    static Optional<String> state(String status) {
        return Optional.ofNullable(STATES.get(status));
    }

    private static String status(Delivery delivery) {
        return switch (delivery.state()) {
            case "success" -> "HttpSuccess";
            case "http_error" -> "HttpError";
            case "failed" -> "Failed";
            case "due" -> "Pending";
            default -> throw new IllegalStateException("unknown delivery state " + delivery.state());
        };
    }
}
