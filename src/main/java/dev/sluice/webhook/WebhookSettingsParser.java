package dev.sluice.webhook;

import dev.sluice.egress.UrlPolicy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads an endpoint's settings from a request and gathers everything that is wrong with them. */
final class WebhookSettingsParser {
    /** Long enough for a 64-byte key in base64 with its prefix. */
    private static final int SECRET_CHARS_MAX = 200;

    private final JsonObject body;
    private final List<FieldError> errors = new ArrayList<>();

    private WebhookSettingsParser(JsonObject body) {
        this.body = body;
    }

    /** The settings of a body; throws {@link FailureException} with {@link Failure.Invalid}. */
    static WebhookSettings parse(JsonObject body, UrlPolicy urls) {
        WebhookSettingsParser parser = new WebhookSettingsParser(body);
        WebhookSettings settings = parser.settings(urls);
        if (!parser.errors.isEmpty()) {
            throw new Failure.Invalid(parser.errors).exception();
        }
        return settings;
    }

    private WebhookSettings settings(UrlPolicy urls) {
        JsonObject authorized = object("authorizedEvents", "AuthorizedEvents");
        return new WebhookSettings(
                url(urls),
                flag(body, "enabled", "Enabled"),
                flag(body, "automaticRedelivery", "AutomaticRedelivery"),
                secret(),
                flag(authorized, "everything", "AuthorizedEvents.Everything"),
                events(authorized.getValue("specificEvents")));
    }

    private String url(UrlPolicy urls) {
        if (!(body.getValue("url") instanceof String url) || url.isBlank()) {
            return wrong("Url", "The url is required", "");
        }
        try {
            urls.check(url);
            return url;
        } catch (FailureException refused) {
            return wrong("Url", refused.failure().message(), url);
        }
    }

    private Optional<Secret> secret() {
        Object given = body.getValue("secret");
        if (given == null || "".equals(given)) {
            return Optional.empty();
        }
        if (!(given instanceof String secret)
                || secret.length() > SECRET_CHARS_MAX
                || !WebhookSignature.isKey(secret)) {
            return wrong(
                    "Secret",
                    "The secret must be text of up to 200 characters; whsec_ is followed by base64",
                    Optional.empty());
        }
        return Optional.of(new Secret(secret));
    }

    private Set<String> events(@Nullable Object given) {
        Set<String> events = new LinkedHashSet<>();
        if (given == null) {
            return events;
        }
        if (!(given instanceof JsonArray names)) {
            return wrong("AuthorizedEvents.SpecificEvents", "An array of event names is expected", events);
        }
        for (Object name : names) {
            if (name instanceof String known && WebhookEvents.SUBSCRIBABLE.contains(known)) {
                events.add(known);
            } else {
                return wrong("AuthorizedEvents.SpecificEvents", "Unknown event", events);
            }
        }
        return events;
    }

    private JsonObject object(String name, String path) {
        return switch (body.getValue(name)) {
            case null -> new JsonObject();
            case JsonObject object -> object;
            default -> wrong(path, "An object is expected", new JsonObject());
        };
    }

    private boolean flag(JsonObject from, String name, String path) {
        return switch (from.getValue(name)) {
            case null -> true;
            case Boolean flag -> flag;
            default -> wrong(path, "true or false is expected", true);
        };
    }

    private <T> T wrong(String path, String message, T instead) {
        errors.add(new FieldError(path, message));
        return instead;
    }
}
