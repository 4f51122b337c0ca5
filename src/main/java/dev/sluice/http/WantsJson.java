package dev.sluice.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whether a page is answered as JSON: only to who names that and would read neither text nor anything. Apps take what
 * they need off the page, and axios names JSON first whatever it asks for, with plain text and anything after it; fetch
 * takes anything, OkHttp does not say.
 */
public final class WantsJson {
    private WantsJson() {}

    public static boolean of(HttpServerRequest request) {
        List<String> types = request.headers().getAll(HttpHeaders.ACCEPT).stream()
                .flatMap(header -> Arrays.stream(header.split(",")))
                .map(type -> type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .toList();
        return types.contains("application/json")
                && types.stream().noneMatch(type -> type.equals("*/*") || type.startsWith("text/"));
    }
}
