package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What released clients of BTCPay rely on beyond its contract. */
class WireRulesTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    private static final String NOBODY = "0".repeat(26);

    private static InProcessGateway gateway;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
        store = gateway.store();
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTC-CHAIN", "BTC_CHAIN", "btc-chain", "BTC", "BTC-OnChain", "BTC_BTCLike"})
    void paymentMethodsHaveManyNames(String name) {
        assertThat(get(methods() + "/" + name).getString("paymentMethodId")).isEqualTo("BTC-CHAIN");
    }

    @ParameterizedTest
    @ValueSource(strings = {"BTC-LN", "BTC_LN", "BTC-LightningNetwork", "BTC_LightningLike", "BTC-OffChain"})
    void lightningHasManyNames(String name) {
        assertThat(get(methods() + "/" + name).getString("paymentMethodId")).isEqualTo("BTC-LN");
    }

    @Test
    void pathsOfVersionOneAreRewrittenOrGone() {
        assertThat(get(methods() + "/OnChain/BTC").getString("paymentMethodId")).isEqualTo("BTC-CHAIN");
        for (String gone : List.of("LNURL", "LNURLPay/BTC", "LightningNetwork", "LightningNetwork/BTC")) {
            HttpResponse<Buffer> answer = gateway.ask("GET " + methods() + "/" + gone, gateway.admin(), null);
            assertThat(answer.statusCode()).as(gone).isEqualTo(410);
            assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("unsupported-in-v2");
        }
    }

    @Test
    void slashesAtTheEndAndCapitalsDoNotMatter() {
        JsonObject made = post("/API/V1/Stores/" + store + "/Invoices/", "{\"amount\": 15}");
        assertThat(made.getString("amount")).isEqualTo("15.00");
    }

    @ParameterizedTest
    @CsvSource({"15, 15.00", "'\"25.00\"', 25.00", "0.5, 0.50"})
    void moneyComesAsNumberOrTextAndGoesAsText(String given, String answered) {
        JsonObject made = post(invoices(), "{\"amount\": " + given + "}");
        assertThat(made.getValue("amount")).isEqualTo(answered);
        assertThat(made.getValue("paidAmount")).isInstanceOf(String.class);
    }

    @Test
    void ordersAreFoundByRepeatedNamesWithAndWithoutBrackets() {
        for (String order : List.of("x1", "x2", "x3")) {
            post(invoices(), "{\"amount\": 1, \"metadata\": {\"orderId\": \"" + order + "\"}}");
        }
        assertThat(list(invoices() + "?orderId=x1&orderId=x2")).hasSize(2);
        assertThat(list(invoices() + "?orderId[]=x1&orderId[]=x3")).hasSize(2);
        assertThat(list(invoices() + "?orderId%5B%5D=x2")).hasSize(1);
        assertThat(list(invoices() + "?orderId=none")).isEmpty();
    }

    @Test
    void nullIsTheDefaultOfTheStore() {
        JsonObject nulls = post(invoices(), """
                {"amount": 1, "currency": null, "metadata": null, "receipt": null, "additionalSearchTerms": null,
                 "checkout": {"speedPolicy": null, "paymentMethods": null, "expirationMinutes": null,
                  "monitoringMinutes": null, "paymentTolerance": null, "redirectURL": null, "defaultLanguage": null,
                  "redirectAutomatically": null, "defaultPaymentMethod": null, "lazyPaymentMethods": null}}""");
        JsonObject absent = post(invoices(), "{\"amount\": 1}");
        assertThat(nulls.getJsonObject("checkout")).isEqualTo(absent.getJsonObject("checkout"));
        assertThat(nulls.getString("currency")).isEqualTo(absent.getString("currency"));
    }

    @Test
    void unknownIdsMissAPermission() {
        String tenant = gateway.tenant("nobody");
        for (String path : List.of("/api/v1/stores/" + NOBODY, "/api/v1/invoices/" + NOBODY, "/api/v1/invoices/x")) {
            HttpResponse<Buffer> answer = gateway.ask("GET " + path, tenant, null);
            assertThat(answer.statusCode()).as(path).isEqualTo(403);
            assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("missing-permission");
            assertThat(answer.bodyAsJsonObject().getString("missingPermission")).startsWith("btcpay.store.");
            assertThat(answer.getHeader("Content-Type")).startsWith("application/json");
        }
    }

    @Test
    void withoutCredentialsItIsSaidSo() {
        HttpResponse<Buffer> answer = gateway.ask("GET /api/v1/stores", null, null);
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("unauthenticated");
    }

    @Test
    void validationErrorsAreAListOfPathsAndMessages() {
        HttpResponse<Buffer> answer = gateway.ask(
                "POST " + invoices(),
                gateway.admin(),
                new JsonObject("{\"amount\": -1, \"checkout\": {\"speedPolicy\": \"Fast\"}}"));
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.bodyAsJsonArray().stream().map(error -> ((JsonObject) error).getString("path")))
                .containsExactlyInAnyOrder("Amount", "Checkout.SpeedPolicy");
    }

    @Test
    void deletionsAnswerTwoHundred() {
        JsonObject webhook = post("/api/v1/stores/" + store + "/webhooks", "{\"url\": \"https://a.example\"}");
        assertThat(webhook.getString("secret")).isNotBlank();
        String path = "/api/v1/stores/" + store + "/webhooks/" + webhook.getString("id");
        assertThat(get(path).containsKey("secret")).isFalse();
        assertThat(gateway.ask("DELETE " + path, gateway.admin(), null).statusCode())
                .isEqualTo(200);
        String invoice = post(invoices(), "{\"amount\": 1}").getString("id");
        assertThat(gateway.ask("DELETE /api/v1/invoices/" + invoice, gateway.admin(), null)
                        .statusCode())
                .isEqualTo(200);
    }

    /** Whose answer was lost hears it also where the same could not be made any more. */
    @Test
    void whatWasMadeIsToldAgainWhateverHasBecomeImpossible() {
        String shop = gateway.store();
        String path = "POST /api/v1/stores/" + shop + "/invoices";
        JsonObject wanted = new JsonObject().put("amount", "5").put("currency", "USD");
        String made = keyed(path, wanted).bodyAsJsonObject().getString("id");
        for (String rail : List.of("BTC-CHAIN", "BTC-LN")) {
            String method = "PUT /api/v1/stores/" + shop + "/payment-methods/" + rail;
            InProcessGateway.ok(gateway.ask(method, gateway.admin(), new JsonObject().put("enabled", false)));
        }
        assertThat(gateway.ask(path, gateway.admin(), wanted).statusCode()).isEqualTo(400);
        assertThat(keyed(path, wanted).bodyAsJsonObject().getString("id")).isEqualTo(made);
        assertThat(await(gateway.request(path)
                                .putHeader("Authorization", "token " + gateway.admin())
                                .putHeader("Idempotency-Key", "webhook-once")
                                .sendJsonObject(wanted.copy().put("amount", "6")))
                        .statusCode())
                .isEqualTo(422);
    }

    /** Each asks something first that its own success has changed. */
    @Test
    void changeThatForbidsItsRepetitionIsToldAgain() {
        String shop = gateway.store(gateway.admin());
        String wallet = "POST /api/v1/stores/" + shop + "/payment-methods/BTC-CHAIN/wallet/generate";
        assertThat(keyed(wallet, new JsonObject()).bodyAsJsonObject().getString("mnemonic"))
                .isNotBlank();
        assertThat(keyed(wallet, new JsonObject()).bodyAsJsonObject().containsKey("mnemonic"))
                .isFalse();

        String hook = post("/api/v1/stores/" + shop + "/webhooks", "{\"url\":\"https://shop.example/hook\"}")
                .getString("id");
        String delete = "DELETE /api/v1/stores/" + shop + "/webhooks/" + hook;
        keyed(delete, new JsonObject());
        keyed(delete, new JsonObject());
        keyed("DELETE /api/v1/stores/" + shop, new JsonObject());
        keyed("DELETE /api/v1/stores/" + shop, new JsonObject());
    }

    @Test
    void newPasswordIsToldAgainAndCostsNoAttempt() {
        String key = gateway.tenant("forgetful");
        JsonObject wanted = new JsonObject()
                .put("email", "forgetful@sluice.example")
                .put("currentPassword", "correct horse battery")
                .put("newPassword", "another horse battery");
        for (int time = 0; time < 10; time++) {
            assertThat(await(gateway.request("PUT /api/v1/users/me")
                                    .putHeader("Authorization", "token " + key)
                                    .putHeader("Idempotency-Key", "password")
                                    .sendJsonObject(wanted))
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aReplayedCreationDoesNotTellItsSecretAgain() {
        String path = "POST /api/v1/stores/" + store + "/webhooks";
        JsonObject settings = new JsonObject().put("url", "https://replay.example");
        HttpResponse<Buffer> first = keyed(path, settings);
        HttpResponse<Buffer> second = keyed(path, settings);
        String secret = first.bodyAsJsonObject().getString("secret");
        assertThat(secret).isNotBlank();
        assertThat(second.getHeader("Idempotency-Replayed")).isEqualTo("true");
        assertThat(second.bodyAsJsonObject().getString("id"))
                .isEqualTo(first.bodyAsJsonObject().getString("id"));
        assertThat(second.bodyAsString()).doesNotContain(secret);
        String kept = "select count(*) from request_key where strpos(body, $1) > 0";
        assertThat(await(OPEN.db().read(kept, secret)).iterator().next().getLong(0))
                .isZero();
    }

    @Test
    void anyOriginMayAsk() {
        HttpResponse<Buffer> answer = await(gateway.request("OPTIONS " + invoices())
                .putHeader("Origin", "https://shop.example")
                .putHeader("Access-Control-Request-Method", "POST")
                .putHeader("Access-Control-Request-Headers", "authorization,content-type,x-own")
                .send());
        assertThat(answer.statusCode()).isBetween(200, 204);
        assertThat(answer.getHeader("Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void theVersionComparesWithBtcpays() {
        assertThat(get("/api/v1/server/info").getString("version")).matches("2\\.[0-9]+\\.[0-9]+");
    }

    @Test
    void paymentMethodsOfAnInvoiceHaveTheFieldsOfVersionTwo() {
        String invoice = post(invoices(), "{\"amount\": 1}").getString("id");
        JsonArray methods = list("/api/v1/invoices/" + invoice + "/payment-methods");
        assertThat(methods).hasSize(2);
        methods.forEach(method -> assertThat(((JsonObject) method).fieldNames())
                .contains("paymentMethodFee", "currency", "paymentMethodId"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/i/%s",
                "/i/%s/BTC-LN",
                "/invoice?id=%s&view=modal",
                "/invoices/%s",
                "/i/%s/status?paymentMethodId=BTC-LN"
            })
    void checkoutIsFoundWhereBtcpayHasIt(String path) {
        String invoice = post(invoices(), "{\"amount\": 1}").getString("id");
        HttpResponse<Buffer> answer = gateway.ask("GET " + path.formatted(invoice), null, null);
        assertThat(answer.statusCode()).isIn(200, 303);
        if (answer.statusCode() == 303) {
            assertThat(answer.getHeader("Location")).isEqualTo("/i/" + invoice);
        }
    }

    @Test
    void theWayBackKnowsTheInvoiceAndTheOrder() {
        JsonObject made = post(invoices(), """
                {"amount": 1, "metadata": {"orderId": "o 7"},
                 "checkout": {"redirectURL": "https://shop.example/{InvoiceId}/{OrderId}"}}""");
        String id = made.getString("id");
        post("/api/v1/invoices/" + id + "/status", "{\"status\": \"Settled\"}");
        String page = gateway.ask("GET /i/" + id, null, null).bodyAsString();
        assertThat(page).contains("https://shop.example/" + id + "/o%207");
    }

    private static String methods() {
        return "/api/v1/stores/" + store + "/payment-methods";
    }

    private static String invoices() {
        return "/api/v1/stores/" + store + "/invoices";
    }

    private static JsonObject get(String path) {
        return InProcessGateway.ok(gateway.ask("GET " + path, gateway.admin(), null))
                .bodyAsJsonObject();
    }

    private static JsonArray list(String path) {
        return InProcessGateway.ok(gateway.ask("GET " + path, gateway.admin(), null))
                .bodyAsJsonArray();
    }

    private static JsonObject post(String path, String body) {
        return gateway.post(path, new JsonObject(body));
    }

    private static HttpResponse<Buffer> keyed(String operation, JsonObject body) {
        return InProcessGateway.ok(await(gateway.request(operation)
                .putHeader("Authorization", "token " + gateway.admin())
                .putHeader("Idempotency-Key", "webhook-once")
                .sendJsonObject(body)));
    }
}
