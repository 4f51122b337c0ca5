package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Bodies as BTCPayServer.Client for .NET writes them: most properties of its classes begin with a capital. */
class DotNetClientTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    private static InProcessGateway gateway;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
        store = "/api/v1/stores/" + gateway.store();
    }

    private static JsonObject sent(String operation, String body) {
        return InProcessGateway.ok(gateway.ask(operation, gateway.admin(), new JsonObject(body)))
                .bodyAsJsonObject();
    }

    @Test
    void invoiceHasThePriceAndTheCheckoutThatWereAskedFor() {
        JsonObject invoice = sent("POST " + store + "/invoices", """
                {"Amount": "5.0", "Type": 0, "Currency": "USD", "Metadata": {"orderId": "dn-1"},
                 "Checkout": {"SpeedPolicy": "HighSpeed", "PaymentMethods": ["BTC"], "DefaultPaymentMethod": null,
                   "expirationMinutes": 30, "redirectURL": "https://shop.example/ok", "RedirectAutomatically": null},
                 "Receipt": {"Enabled": true, "ShowQR": null}, "AdditionalSearchTerms": ["tea"]}""");
        assertThat(invoice.getString("type")).isEqualTo("Standard");
        assertThat(invoice.getString("amount")).isEqualTo("5.00");
        assertThat(invoice.getJsonObject("metadata").getString("orderId")).isEqualTo("dn-1");
        JsonObject checkout = invoice.getJsonObject("checkout");
        assertThat(checkout.getString("speedPolicy")).isEqualTo("HighSpeed");
        assertThat(checkout.getJsonArray("paymentMethods")).isEqualTo(JsonArray.of("BTC-CHAIN"));
        assertThat(checkout.getInteger("expirationMinutes")).isEqualTo(30);
        String path = store + "/invoices/" + invoice.getString("id");
        assertThat(sent("PUT " + path, "{\"Metadata\": {\"orderId\": \"dn-2\"}}")
                        .getJsonObject("metadata"))
                .isEqualTo(new JsonObject().put("orderId", "dn-2"));
        assertThat(sent("POST " + path + "/status", "{\"Status\": \"Settled\"}").getString("status"))
                .isEqualTo("Settled");
    }

    @Test
    void walletIsTheOneOfTheGivenPhrase() {
        String bare = "/api/v1/stores/"
                + sent("POST /api/v1/stores", "{\"Name\": \"Bare\"}").getString("id");
        String phrase = "abandon ".repeat(11) + "about";
        JsonObject made = sent(
                "POST " + bare + "/payment-methods/BTC-CHAIN/wallet/generate",
                "{\"ExistingMnemonic\": \"" + phrase + "\", \"ScriptPubKeyType\": \"Segwit\", \"WordCount\": 12}");
        assertThat(made.getString("mnemonic")).isEqualTo(phrase);
        assertThat(sent("PUT " + bare + "/payment-methods/BTC-CHAIN", "{\"Enabled\": false, \"Config\": null}")
                        .getBoolean("enabled"))
                .isFalse();
    }

    @Test
    void settingsOfWebhooksAndKeysAreTaken() {
        JsonObject hook = sent("POST " + store + "/webhooks", """
                {"Enabled": false, "Url": "https://shop.example/hook", "AutomaticRedelivery": false,
                 "AuthorizedEvents": {"Everything": false, "SpecificEvents": ["InvoiceSettled"]}}""");
        assertThat(hook.getBoolean("enabled")).isFalse();
        assertThat(hook.getJsonObject("authorizedEvents"))
                .isEqualTo(new JsonObject()
                        .put("everything", false)
                        .put("specificEvents", JsonArray.of("InvoiceSettled")));
        JsonObject key = sent(
                "POST /api/v1/api-keys", "{\"Label\": \"net\", \"Permissions\": [\"btcpay.store.canviewinvoices\"]}");
        assertThat(key.getJsonArray("permissions")).isEqualTo(JsonArray.of("btcpay.store.canviewinvoices"));
    }
}
