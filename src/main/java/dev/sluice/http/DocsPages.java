package dev.sluice.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;

/**
 * The contract for machines ({@code /openapi.json}, {@code /openapi.yaml}, and BTCPay's {@code
 * /swagger/v1/swagger.json}) and for people ({@code /docs}, Swagger UI from the jar, no request leaves the server).
 */
public final class DocsPages implements Pages {
    private static final String UI = "META-INF/resources/webjars/swagger-ui/5.32.0/";
    private static final String STYLE = "/docs/swagger-ui.css";
    private static final String OWN_STYLE = "/docs/docs.css";
    private static final String BUNDLE = "/docs/swagger-ui-bundle.js";
    private static final String START = "/docs/docs.js";

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Sluice API</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="%s">
            <link rel="stylesheet" href="%s">
            </head>
            <body>
            %s
            <noscript>The contract as a file: <a href="/openapi.yaml">openapi.yaml</a></noscript>
            <div id="docs"></div>
            <script src="%s"></script>
            <script src="%s"></script>
            </body>
            </html>
            """;

    private final Contract contract;
    private final StaticFiles files;
    private final String page;

    /**
     * Reads files; blocking, for start-up.
     *
     * @param label what stands above the page, as HTML; empty for nothing
     */
    public DocsPages(Contract contract, String label) {
        this.contract = contract;
        this.files = new StaticFiles(Map.of(
                STYLE,
                UI + "swagger-ui.css",
                OWN_STYLE,
                "web/docs/docs.css",
                BUNDLE,
                UI + "swagger-ui-bundle.js",
                START,
                "web/docs/docs.js"));
        this.page = PAGE.formatted(files.url(STYLE), files.url(OWN_STYLE), label, files.url(BUNDLE), files.url(START));
    }

    @Override
    public void mount(Router router) {
        files.mount(router);
        router.get("/docs").handler(this::page);
        router.get("/openapi.yaml").handler(context -> document(context, contract.yaml(), "application/yaml"));
        router.get("/openapi.json").handler(context -> document(context, contract.json(), "application/json"));
        router.get("/swagger/v1/swagger.json")
                .handler(context -> document(context, contract.json(), "application/json"));
    }

    private void page(RoutingContext context) {
        PageHeaders.apply(context.response());
        context.response()
                .putHeader("Content-Type", "text/html; charset=utf-8")
                .putHeader("Cache-Control", "no-cache")
                .end(page);
    }

    private static void document(RoutingContext context, String text, String type) {
        String tag = Conditional.tag("openapi", Integer.toUnsignedLong(text.hashCode()));
        HttpServerResponse response = context.response();
        response.putHeader("ETag", tag)
                .putHeader("Cache-Control", "no-cache")
                .putHeader("Access-Control-Allow-Origin", "*");
        if (Conditional.holds(Optional.ofNullable(context.request().getHeader("If-None-Match")), tag)) {
            response.setStatusCode(304).end();
        } else {
            response.putHeader("Content-Type", type + "; charset=utf-8").end(text);
        }
    }
}
