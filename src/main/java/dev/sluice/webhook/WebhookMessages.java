package dev.sluice.webhook;

import dev.sluice.bus.Topic;
import dev.sluice.kernel.WebhookId;

/** Hints inside this process. */
final class WebhookMessages {
    /** Something became due: look now instead of at the next sweep. */
    static final Topic<Due> DUE = new Topic<>("webhook.due", Due.class);

    /** An endpoint was changed or deleted: what is queued for it in memory is stale. */
    static final Topic<Changed> CHANGED = new Topic<>("webhook.changed", Changed.class);

    record Due() {}

    record Changed(WebhookId id) {}

    private WebhookMessages() {}
}
