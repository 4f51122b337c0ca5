package dev.sluice.egress;

import dev.sluice.kernel.Check;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One request.
 *
 * @param body what to send, or null for none
 * @param deadlineMs for all of it: name, connection, TLS, request and response; 1 to {@link #DEADLINE_MS}
 */
public record EgressRequest(
        HttpMethod method,
        String url,
        Map<String, String> headers,
        @Nullable Buffer body,
        long deadlineMs) {
    /** A receiver that needs longer works before it answers (reliability rule: 15 s in all). */
    public static final long DEADLINE_MS = 15_000;

    public EgressRequest {
        Check.require(deadlineMs > 0 && deadlineMs <= DEADLINE_MS, "deadline of a request");
        headers = Map.copyOf(headers);
    }

    public static EgressRequest get(String url, Map<String, String> headers) {
        return new EgressRequest(HttpMethod.GET, url, headers, null, DEADLINE_MS);
    }

    public static EgressRequest post(String url, Map<String, String> headers, Buffer body) {
        return new EgressRequest(HttpMethod.POST, url, headers, body, DEADLINE_MS);
    }

    public EgressRequest within(long milliseconds) {
        return new EgressRequest(method, url, headers, body, milliseconds);
    }
}
