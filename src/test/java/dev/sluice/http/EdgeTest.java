package dev.sluice.http;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EdgeTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String JSON = "application/json; charset=utf-8";

    private static TestServer server;

    @BeforeAll
    static void start() {
        await(DATABASE.db().write("create table toy (name text)", Tuple.tuple()));
        server = TestServer.standard(DATABASE.vertx(), DATABASE.db());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "/api/v1/stores/S1/toys/T,200",
        "/api/v1/stores/S1/toys/T/,200",
        "/API/V1/Stores/S1/TOYS/T,200",
        "/api/v1/stores/s1/toys/T,403",
        "/api/v1/stores/S1/toys/T//,404",
        "/api/v1/stores/S1//T,404",
        "/api/v1/stores/S1/payment-methods/OnChain/BTC/preview,200",
        "/api/v1/stores/S1/payment-methods/onChain/BTC/wallet/preview,200",
        "/api/v1/stores/S2/toys/T,403",
        "/api/v1/stores/no such store/toys/T,403",
        "/api/v1/nothing,404",
        "/nothing,404"
    })
    void pathsMatchAsClientsSpellThem(String path, int status) {
        HttpResponse<Buffer> answer = server.get(path.replace(" ", "%20"), "Authorization", Toy.ALICE);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.getHeader("Content-Type")).isEqualTo(JSON);
    }

    @ParameterizedTest
    @CsvSource({
        "invalid,422",
        "rejected,400",
        "unauthenticated,401",
        "forbidden,403",
        "missing,404",
        "conflict,409",
        "gone,410",
        "mismatch,422",
        "large,413",
        "limited,429",
        "unavailable,503"
    })
    void failuresHaveTheirStatus(String kind, int status) {
        HttpResponse<Buffer> answer = server.get("/api/v1/failures/" + kind);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.getHeader("Content-Type")).isEqualTo(JSON);
    }

    @Test
    void validationErrorsAreAnArray() {
        assertThat(server.get("/api/v1/failures/invalid").bodyAsJsonArray())
                .isEqualTo(new JsonArray("[{\"path\":\"Checkout.SpeedPolicy\",\"message\":\"Unknown value\"}]"));
    }

    @Test
    void missingPermissionIsNamed() {
        assertThat(server.get("/api/v1/failures/forbidden").bodyAsJsonObject())
                .isEqualTo(new JsonObject()
                        .put("code", "missing-permission")
                        .put("message", "m")
                        .put("missingPermission", Toy.VIEW));
    }

    @Test
    void waitsAreToldInRetryAfter() {
        assertThat(server.get("/api/v1/failures/limited").getHeader("Retry-After"))
                .isEqualTo("7");
        assertThat(server.get("/api/v1/failures/unavailable").getHeader("Retry-After"))
                .isEqualTo("8");
    }

    @Test
    void theUnexpectedTellsTheTraceAndNothingElse() {
        HttpResponse<Buffer> answer = server.get(
                "/api/v1/failures/other", "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("internal-error");
        assertThat(answer.bodyAsJsonObject().getString("traceId")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(answer.getHeader("Trace-Id")).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
        assertThat(answer.bodyAsString()).doesNotContain("secret detail");
    }

    @Test
    void problemDocumentsComeOnlyWhenAskedFor() {
        HttpResponse<Buffer> problem = server.get("/api/v1/failures/invalid", "Accept", "application/problem+json");
        assertThat(problem.getHeader("Content-Type")).isEqualTo("application/problem+json");
        assertThat(problem.bodyAsJsonObject().getInteger("status")).isEqualTo(422);
        assertThat(problem.bodyAsJsonObject().getJsonArray("errors")).hasSize(1);
        List<String> others = List.of(
                "*/*",
                "application/json, application/problem+json",
                "application/problem+json;q=0",
                "application/problem+json;q=0.5, application/json");
        for (String accept : others) {
            assertThat(server.get("/api/v1/failures/invalid", "Accept", accept).getHeader("Content-Type"))
                    .as(accept)
                    .isEqualTo(JSON);
        }
        assertThat(server.get("/api/v1/failures/invalid", "Accept", "text/html, application/problem+json, */*;q=0.1")
                        .getHeader("Content-Type"))
                .isEqualTo("application/problem+json");
    }

    @Test
    void credentialsAreCheckedBeforeTheHandler() {
        int before = server.toy.calls.get();
        HttpResponse<Buffer> nobody = server.get("/api/v1/stores/S1/toys/T");
        assertThat(nobody.statusCode()).isEqualTo(401);
        assertThat(nobody.bodyAsJsonObject().getString("code")).isEqualTo("unauthenticated");
        assertThat(server.get("/api/v1/stores/S1/toys/T", "Authorization", "token wrong")
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.post("/api/v1/toys", "{}").statusCode()).isEqualTo(401);
        assertThat(server.get("/api/v1/me", "Authorization", Toy.ALICE).statusCode())
                .isEqualTo(403);
        assertThat(server.toy.calls).hasValue(before);
    }

    @Test
    void whatWasDoneIsToldAgainThoughItsDoingForbidsIt() {
        int before = server.toy.calls.get();
        HttpResponse<Buffer> gone = delete("fleeting", Toy.ALICE);
        HttpResponse<Buffer> again = delete("fleeting", Toy.ALICE);
        HttpResponse<Buffer> bob = delete("fleeting", "token bob");
        HttpResponse<Buffer> first = server.post("/api/v1/firsts", "{}", "Idempotency-Key", "first");
        HttpResponse<Buffer> repeated = server.post("/api/v1/firsts", "{}", "Idempotency-Key", "first");

        assertThat(List.of(gone.statusCode(), again.statusCode())).containsOnly(200);
        assertThat(again.getHeader("Idempotency-Replayed")).isEqualTo("true");
        assertThat(bob.statusCode()).isEqualTo(403);
        assertThat(repeated.bodyAsString()).isEqualTo(first.bodyAsString()).contains("first");
        assertThat(server.post("/api/v1/firsts", "{}", "Idempotency-Key", "second")
                        .statusCode())
                .isEqualTo(401);
        assertThat(server.toy.calls).hasValue(before + 2);
    }

    private static HttpResponse<Buffer> delete(String thing, String who) {
        return await(server.request(
                        HttpMethod.DELETE, "/api/v1/things/" + thing, "Authorization", who, "Idempotency-Key", "gone")
                .send());
    }

    @Test
    void whoLostThePermissionIsNotShownWhatIsKept() {
        String[] headers = {"Authorization", "token bob", "Idempotency-Key", "lost"};
        String made = server.post("/api/v1/stores/S1/toys", "{}", headers).bodyAsString();
        server.toy.expelled.add("bob");
        HttpResponse<Buffer> expelled = server.post("/api/v1/stores/S1/toys", "{}", headers);
        server.toy.expelled.clear();
        assertThat(made).contains("run");
        assertThat(expelled.statusCode()).isEqualTo(403);
        assertThat(expelled.bodyAsString()).doesNotContain("run");
        assertThat(server.post("/api/v1/stores/S1/toys", "{}", headers).bodyAsString())
                .isEqualTo(made);
    }

    @ParameterizedTest
    @CsvSource({"mine,200", "theirs,403", "unknown,403", "no%20id,403"})
    void storesAreFoundByWhatTheyOwn(String thing, int status) {
        HttpResponse<Buffer> answer =
                await(server.request(HttpMethod.DELETE, "/api/v1/things/" + thing, "Authorization", Toy.ALICE)
                        .send());
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(status == 200 ? "" : answer.bodyAsJsonObject().getString("missingPermission"))
                .isEqualTo(status == 200 ? "" : Toy.VIEW);
    }

    @Test
    void publicRoutesDoNotMindWrongCredentials() {
        assertThat(server.get("/api/v1/toys", "Authorization", "token wrong").statusCode())
                .isEqualTo(200);
    }

    @Test
    void queriesRepeatWithAndWithoutBrackets() {
        JsonObject answer = server.get("/api/v1/toys?orderId=a&orderId[]=b&take=1&take=999999")
                .bodyAsJsonObject();
        assertThat(answer.getJsonArray("order"))
                .isEqualTo(new JsonArray().add("a").add("b"));
        assertThat(answer.getString("take")).isEqualTo("999999");
    }

    @Test
    void theOutsideAddressNeverComesFromTheRequest() {
        JsonObject answer = server.get("/api/v1/toys", "Host", "evil.example", "X-Forwarded-Host", "evil.example")
                .bodyAsJsonObject();
        assertThat(answer.getString("url")).isEqualTo("https://pay.example");
    }

    @Test
    void anyOriginMayReadWithoutCookies() {
        HttpResponse<Buffer> preflight = await(server.request(
                        HttpMethod.OPTIONS,
                        "/api/v1/toys",
                        "Origin",
                        "https://shop.example",
                        "Access-Control-Request-Method",
                        "POST",
                        "Access-Control-Request-Headers",
                        "authorization, idempotency-key")
                .send());
        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(preflight.getHeader("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(preflight.getHeader("Access-Control-Allow-Headers")).contains("Authorization", "*");
        assertThat(preflight.getHeader("Access-Control-Allow-Methods")).contains("DELETE");
        HttpResponse<Buffer> refused = server.get("/api/v1/stores/S1/toys/T", "Origin", "null", "Cookie", "session=1");
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.getHeader("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(refused.getHeader("Access-Control-Allow-Credentials")).isNull();
    }

    @Test
    void otherMethodsAreNamed() {
        HttpResponse<Buffer> answer =
                await(server.request(HttpMethod.PUT, "/api/v1/toys").send());
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.getHeader("Allow")).isEqualTo("GET, POST");
    }

    @Test
    void methodOverrideIsIgnored() {
        int before = server.toy.calls.get();
        assertThat(server.get("/api/v1/toys", "X-HTTP-Method-Override", "POST").statusCode())
                .isEqualTo(200);
        assertThat(server.toy.calls).hasValue(before + 1);
    }

    @Test
    void knownTagsAreNotSentAgain() {
        String tag = server.get("/api/v1/tagged").getHeader("ETag");
        HttpResponse<Buffer> again = server.get("/api/v1/tagged", "If-None-Match", "\"x\", W/" + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isNull();
        assertThat(server.get("/api/v1/tagged", "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
    }

    @Test
    void headHasTheHeadersAndNoBody() {
        HttpResponse<Buffer> head =
                await(server.request(HttpMethod.HEAD, "/api/v1/tagged").send());
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.getHeader("ETag")).isEqualTo("\"toy-7\"");
        assertThat(head.body()).isNull();
    }

    @Test
    void sameKeyReplaysWhateverTheOrderOfNames() {
        String[] headers = {"Authorization", Toy.ALICE, "Idempotency-Key", "order-1"};
        HttpResponse<Buffer> first = server.post("/api/v1/toys", "{\"a\":1,\"b\":[{\"c\":2,\"d\":3}]}", headers);
        HttpResponse<Buffer> second = server.post("/API/v1/toys/", "{\"b\":[{\"d\":3,\"c\":2}],\"a\":1}", headers);
        assertThat(second.bodyAsString()).isEqualTo(first.bodyAsString());
        assertThat(first.getHeader("Idempotency-Replayed")).isNull();
        assertThat(second.getHeader("Idempotency-Replayed")).isEqualTo("true");

        HttpResponse<Buffer> other = server.post("/api/v1/toys", "{\"a\":2}", headers);
        assertThat(other.statusCode()).isEqualTo(422);
        assertThat(other.bodyAsJsonObject().getString("code")).isEqualTo("idempotency-key-mismatch");
        HttpResponse<Buffer> bob =
                server.post("/api/v1/toys", "{\"a\":2}", "Authorization", "token bob", "Idempotency-Key", "order-1");
        assertThat(bob.statusCode()).isEqualTo(200);
        assertThat(bob.getHeader("Idempotency-Replayed")).isNull();
    }

    @Test
    void hundredParallelRequestsWithOneKeyHaveOneEffect() {
        List<Future<HttpResponse<Buffer>>> answers = new ArrayList<>();
        for (int call = 0; call < 100; call++) {
            answers.add(server.request(
                            HttpMethod.POST, "/api/v1/toys", "Authorization", Toy.ALICE, "Idempotency-Key", "parallel")
                    .sendBuffer(Buffer.buffer("{\"name\":\"parallel\"}")));
        }
        await(Future.all(answers));

        long rows = await(DATABASE.db().read("select count(*) from toy where name like '%parallel%'"))
                .iterator()
                .next()
                .getLong(0);
        assertThat(rows).isEqualTo(1);
        assertThat(answers.stream().map(answer -> answer.result().statusCode()).toList())
                .isSubsetOf(200, 409) // nobody needs to come while another is under way
                .contains(200);
    }

    @Test
    void documentationNeedsNoOtherServer() {
        HttpResponse<Buffer> page = server.get("/docs");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.getHeader("Content-Security-Policy"))
                .contains("script-src 'self'")
                .doesNotContain("unsafe");
        assertThat(page.bodyAsString()).doesNotContain("http:", "https:", "<style", "onload");
        Matcher links = Pattern.compile("(?:href|src)=\"(/[^\"]+)\"").matcher(page.bodyAsString());
        List<String> found = links.results().map(link -> link.group(1)).toList();
        assertThat(found)
                .hasSize(5)
                .allSatisfy(link -> assertThat(server.get(link).statusCode()).isEqualTo(200));
        assertThat(server.get(found.get(1)).getHeader("Cache-Control")
                        + server.get(found.get(2)).getHeader("Cache-Control"))
                .contains("immutable");
    }

    @Test
    void theContractIsServedWhereClientsLook() {
        for (String path : List.of("/openapi.json", "/swagger/v1/swagger.json")) {
            HttpResponse<Buffer> answer = server.get(path);
            assertThat(answer.bodyAsJsonObject().getJsonObject("paths").fieldNames())
                    .contains("/api/v1/health");
            assertThat(server.get(path, "If-None-Match", answer.getHeader("ETag"))
                            .statusCode())
                    .isEqualTo(304);
        }
        assertThat(server.get("/openapi.yaml").bodyAsString()).startsWith("openapi: ");
    }
}
