package dev.sluice.http;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Failure.FieldError;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An error as it goes out: BTCPay's shapes, or RFC 9457 for callers that ask for {@code application/problem+json}.
 *
 * @param errors for 422 with an array
 * @param extra members beside code and message
 */
record Refusal(
        int status,
        String code,
        String message,
        List<FieldError> errors,
        Map<String, String> extra,
        Map<String, String> headers) {

    static Refusal of(int status, String code, String message) {
        return new Refusal(status, code, message, List.of(), Map.of(), Map.of());
    }

    /** The status of each expected failure: the only place that knows it. */
    static Refusal of(Failure failure) {
        return switch (failure) {
            case Failure.Invalid it -> new Refusal(422, it.code(), it.message(), it.errors(), Map.of(), Map.of());
            case Failure.Rejected it -> of(400, it.code(), it.message());
            case Failure.Unauthenticated it -> of(401, it.code(), it.message()).with("WWW-Authenticate", "Bearer");
            case Failure.Forbidden it ->
                new Refusal(
                        403,
                        it.code(),
                        it.message(),
                        List.of(),
                        Map.of("missingPermission", it.permission()),
                        Map.of());
            case Failure.NotFound it -> of(404, it.code(), it.message());
            case Failure.Conflict it -> of(409, it.code(), it.message());
            case Failure.Gone it -> of(410, it.code(), it.message());
            case Failure.Mismatch it -> of(422, it.code(), it.message());
            case Failure.TooLarge it -> of(413, it.code(), it.message());
            case Failure.Limited it -> of(429, it.code(), it.message()).retryAfter(it.retryAfterSeconds());
            case Failure.Unavailable it -> of(503, it.code(), it.message()).retryAfter(it.retryAfterSeconds());
        };
    }

    Refusal with(String header, String value) {
        Map<String, String> more = new HashMap<>(headers);
        more.put(header, value);
        return new Refusal(status, code, message, errors, extra, Map.copyOf(more));
    }

    /** In the words of LUD-01 too, the only ones that wallets and apps that write cards read. */
    Refusal forWallets() {
        Map<String, String> more = new HashMap<>(extra);
        more.put("status", "ERROR");
        more.put("reason", message);
        return new Refusal(status, code, message, errors, Map.copyOf(more), headers);
    }

    /** Ends the connection too: what is left of the request would be read as the next one. */
    Refusal closing() {
        return with("Connection", "close");
    }

    private Refusal retryAfter(int seconds) {
        return with("Retry-After", Integer.toString(seconds));
    }

    RefusedException exception() {
        return new RefusedException(this);
    }

    /** The answer; {@code problem} where the caller asked for RFC 9457. */
    Reply reply(String traceId, boolean problem) {
        return problem
                ? new Reply(status, problem(traceId).encode(), with("Content-Type", "application/problem+json").headers)
                : new Reply(status, errors.isEmpty() ? plain(traceId).encode() : list().encode(), headers);
    }

    private JsonObject plain(String traceId) {
        JsonObject body = new JsonObject().put("code", code).put("message", message);
        extra.forEach(body::put);
        return status == 500 ? body.put("traceId", traceId) : body;
    }

    private JsonObject problem(String traceId) {
        JsonObject body = plain(traceId)
                .put("type", "about:blank")
                .put("title", message)
                .put("status", status)
                .put("traceId", traceId);
        return errors.isEmpty() ? body : body.put("errors", list());
    }

    private JsonArray list() {
        JsonArray list = new JsonArray();
        errors.forEach(
                error -> list.add(new JsonObject().put("path", error.path()).put("message", error.message())));
        return list;
    }
}
