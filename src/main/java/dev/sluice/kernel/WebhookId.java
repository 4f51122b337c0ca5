package dev.sluice.kernel;

/** The id of a webhook endpoint. */
public record WebhookId(String value) {
    public WebhookId {
        Ids.checked(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
