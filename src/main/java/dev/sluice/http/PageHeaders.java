package dev.sluice.http;

import io.vertx.core.http.HttpServerResponse;

/** Headers that every page carries. No inline script or style, no foreign origin, no plugin. */
public final class PageHeaders {
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                    + "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors ";

    private PageHeaders() {}

    /** For a page that may not be framed. */
    public static void apply(HttpServerResponse response) {
        apply(response, "'none'");
    }

    /**
     * @param frameAncestors who may frame the page, in the syntax of CSP level 3: {@code 'none'}, {@code *} or origins
     */
    public static void apply(HttpServerResponse response, String frameAncestors) {
        response.putHeader("Content-Security-Policy", POLICY + frameAncestors)
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Referrer-Policy", "no-referrer")
                .putHeader("Cross-Origin-Opener-Policy", "same-origin")
                .putHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()");
    }
}
