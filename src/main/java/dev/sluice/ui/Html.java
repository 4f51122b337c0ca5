package dev.sluice.ui;

import dev.sluice.http.PageHeaders;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.function.Consumer;

/** Answers with pages made from templates, which nobody keeps. */
final class Html {
    private static final String TYPE = "text/html; charset=utf-8";
    private static final int CHARS = 16_384;
    private static final TemplateEngine TEMPLATES =
            TemplateEngine.createPrecompiled(null, ContentType.Html, null, "dev.sluice.ui.page");

    private final String frameAncestors;

    /** @param frameAncestors as {@link PageHeaders#apply(io.vertx.core.http.HttpServerResponse, String)} takes them */
    Html(String frameAncestors) {
        this.frameAncestors = frameAncestors;
    }

    /**
     * Answers with what was found, or with why there is nothing; what either throws, in a callback that nobody hears,
     * fails the request.
     */
    static <T> void answer(RoutingContext context, Future<T> found, Consumer<T> page, Consumer<Throwable> otherwise) {
        found.<Void>map(it -> {
                    page.accept(it);
                    return null;
                })
                .recover(failure -> {
                    otherwise.accept(failure);
                    return Future.succeededFuture();
                })
                .onFailure(context::fail);
    }

    static String render(String template, Map<String, Object> parameters) {
        StringOutput out = new StringOutput(CHARS);
        TEMPLATES.render(template, parameters, out);
        return out.toString();
    }

    void show(RoutingContext context, int status, String template, Map<String, Object> parameters) {
        send(context, status, TYPE, render(template, parameters));
    }

    /** An answer in another form than a page, as little kept. */
    void send(RoutingContext context, int status, String type, String body) {
        PageHeaders.apply(context.response(), frameAncestors);
        context.response()
                .setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .end(body);
    }
}
