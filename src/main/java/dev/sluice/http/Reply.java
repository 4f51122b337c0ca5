package dev.sluice.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An answer. Greenfield answers 200 for every success, deletions included.
 *
 * @param body a JSON document, or null for none
 * @param headers extra headers
 */
public record Reply(int status, @Nullable String body, Map<String, String> headers) {
    public static Reply json(JsonObject body) {
        return new Reply(200, body.encode(), Map.of());
    }

    public static Reply json(JsonArray body) {
        return new Reply(200, body.encode(), Map.of());
    }

    /** 200 without a document. */
    public static Reply done() {
        return new Reply(200, null, Map.of());
    }
}
