package dev.sluice.webhook;

import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.WebhookId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An endpoint of a store, without its secret.
 *
 * @param events what it hears unless {@code everything}
 * @param disabledReason why the gateway disabled it, or null
 */
record Webhook(
        WebhookId id,
        StoreId store,
        String url,
        boolean enabled,
        boolean automaticRedelivery,
        boolean everything,
        Set<String> events,
        @Nullable String disabledReason) {
    Webhook {
        events = Set.copyOf(events);
    }
}
