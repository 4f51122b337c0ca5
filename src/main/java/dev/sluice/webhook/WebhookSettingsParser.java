package dev.sluice.webhook;

import dev.sluice.egress.UrlPolicy;
import dev.sluice.http.Fields;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads an endpoint's settings from a request and gathers everything that is wrong with them. */
final class WebhookSettingsParser {
    /** Long enough for a 64-byte key in base64 with its prefix. */
    private static final int SECRET_CHARS_MAX = 200;
    /** What any browser takes. */
    private static final int URL_CHARS_MAX = 2_048;
    /** Names may repeat, but there are no more than that to name. */
    private static final int EVENTS_MAX = 100;

    private static final int EVENT_CHARS_MAX = 100;

    private WebhookSettingsParser() {}

    /** The settings of a body; throws {@link FailureException} with {@link Failure.Invalid}. */
    static WebhookSettings parse(JsonObject body, UrlPolicy urls) {
        Fields fields = new Fields(body);
        Fields authorized = fields.object("authorizedEvents");
        WebhookSettings settings = new WebhookSettings(
                url(fields, urls),
                fields.flag("enabled", true),
                fields.flag("automaticRedelivery", true),
                secret(fields),
                authorized.flag("everything", true),
                events(authorized));
        fields.check();
        return settings;
    }

    private static String url(Fields fields, UrlPolicy urls) {
        String url = fields.text("url", URL_CHARS_MAX);
        if (url == null || url.isBlank()) {
            fields.reject("url", "The url is required");
            return "";
        }
        try {
            urls.check(url);
        } catch (FailureException refused) {
            fields.reject("url", refused.failure().message());
        }
        return url;
    }

    private static Optional<Secret> secret(Fields fields) {
        String secret = fields.text("secret", SECRET_CHARS_MAX);
        if (secret == null || secret.isEmpty()) {
            return Optional.empty();
        }
        if (!WebhookSignature.isKey(secret)) {
            fields.reject("secret", "whsec_ is followed by base64");
        }
        return Optional.of(new Secret(secret));
    }

    private static Set<String> events(Fields authorized) {
        List<String> names = authorized.texts("specificEvents", EVENTS_MAX, EVENT_CHARS_MAX);
        for (int i = 0; i < names.size(); i++) {
            if (!WebhookEvents.SUBSCRIBABLE.contains(names.get(i))) {
                authorized.reject("specificEvents[" + i + "]", "Unknown event");
            }
        }
        return new LinkedHashSet<>(names);
    }
}
