package dev.sluice.webhook;

import dev.sluice.kernel.Secret;
import java.util.Optional;
import java.util.Set;

/**
 * What a caller sets on an endpoint.
 *
 * @param secret empty: generated at creation, unchanged at update
 */
record WebhookSettings(
        String url,
        boolean enabled,
        boolean automaticRedelivery,
        Optional<Secret> secret,
        boolean everything,
        Set<String> events) {
    WebhookSettings {
        events = Set.copyOf(events);
    }
}
