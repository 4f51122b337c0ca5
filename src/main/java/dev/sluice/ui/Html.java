package dev.sluice.ui;

import dev.sluice.http.PageHeaders;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.vertx.core.Future;
import io.vertx.ext.web.LanguageHeader;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;

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

    /** The sentences in which a page is shown to who asks for it. */
    static Texts texts(RoutingContext context) {
        return Texts.choose(asked(context), accepted(context));
    }

    /** What the page's address or its form says of the language. */
    static Optional<String> asked(RoutingContext context) {
        Optional<String> query = Optional.ofNullable(context.request().getParam("lang"));
        return query.or(() -> Optional.ofNullable(context.request().getFormAttribute("lang")));
    }

    /** What the browser says of it, the languages it likes best first (RFC 9110, 12.5.4). */
    static Optional<String> accepted(RoutingContext context) {
        return Optional.of(context.acceptableLanguages().stream()
                .filter(language -> language.weight() > 0)
                .map(LanguageHeader::tag)
                .collect(Collectors.joining(",")));
    }

    /** The language to lead on in, where one of ours was asked for; nothing else goes into a header. */
    static Optional<String> language(RoutingContext context) {
        return asked(context).filter(Texts.LANGUAGES::contains);
    }

    static String render(String template, Map<String, Object> parameters) {
        StringOutput out = new StringOutput(CHARS);
        TEMPLATES.render(template, parameters, out);
        return out.toString();
    }

    void show(RoutingContext context, int status, String template, Map<String, Object> parameters) {
        send(context, status, TYPE, render(template, parameters));
    }

    /** @param what names the sentences that say what is not there */
    void notFound(RoutingContext context, String what, String style, boolean simulated) {
        show(
                context,
                404,
                "notfound.jte",
                Map.of("texts", texts(context), "what", what, "style", style, "simulated", simulated));
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
