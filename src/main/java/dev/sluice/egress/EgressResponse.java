package dev.sluice.egress;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * What came back. Redirects are answers like any other; nobody follows them.
 *
 * @param body at most {@link EgressClient#BODY_BYTES_MAX} bytes, as they came
 * @param complete false where the body was cut at the limit, at the deadline or by the other side
 */
public record EgressResponse(int status, MultiMap headers, Buffer body, boolean complete) {
    public boolean isSuccess() {
        return status >= 200 && status < 300;
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }
}
