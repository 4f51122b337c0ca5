package dev.sluice.ui;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HtmlTest {
    private static final Vertx VERTX = Vertx.vertx();
    private static HttpServer server;

    @BeforeAll
    static void start() {
        Html pages = new Html("'none'");
        Map<String, Object> known = Map.of("texts", Texts.choose(Optional.of("en")), "style", "/s", "simulated", false);
        Router router = Router.router(VERTX);
        router.get("/good").handler(context -> pages.show(context, 404, "notfound.jte", known));
        Map<String, Object> odd = Map.of("texts", 1);
        router.get("/broken")
                .handler(context -> Html.answer(
                        context,
                        Future.succeededFuture(odd),
                        found -> pages.show(context, 200, "notfound.jte", found),
                        failure -> context.fail(502)));
        router.get("/why")
                .handler(context -> Html.answer(
                        context,
                        Future.failedFuture("gone"),
                        found -> {},
                        failure -> pages.send(context, 410, "text/plain", failure.getMessage())));
        router.get("/lost")
                .handler(context -> Html.answer(context, Future.failedFuture("gone"), found -> {}, failure -> {
                    throw new IllegalStateException("no words for " + failure);
                }));
        server = await(VERTX.createHttpServer().requestHandler(router).listen(0, "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        await(VERTX.close());
    }

    private static HttpResponse<Buffer> get(String path) {
        return await(WebClient.create(VERTX)
                .get(server.actualPort(), "127.0.0.1", path)
                .send());
    }

    @Test
    void pageIsForNobodyElseAndIsNotKept() {
        HttpResponse<Buffer> page = get("/good");
        assertThat(page.statusCode()).isEqualTo(404);
        assertThat(page.bodyAsString()).contains("There is no such invoice");
        assertThat(page.getHeader("Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(page.getHeader("Cache-Control")).isEqualTo("no-store");
        assertThat(page.getHeader("Content-Security-Policy")).endsWith("frame-ancestors 'none'");
    }

    @Test
    void whateverFailsIsAnswered() {
        assertThat(get("/broken").statusCode()).isEqualTo(502);
        assertThat(get("/why").statusCode()).isEqualTo(410);
        assertThat(get("/lost").statusCode()).isEqualTo(500);
    }
}
