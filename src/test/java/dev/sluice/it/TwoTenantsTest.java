package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever belongs to a store is out of reach of everyone else, and not even known to be there. */
class TwoTenantsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    /** Well-formed, and the id of nothing. */
    private static final String NOBODY = "0".repeat(26);

    private static final String[] TABLES = {
        "store",
        "store_member",
        "store_rate",
        "payment_method",
        "invoice",
        "invoice_prompt",
        "payment",
        "webhook",
        "webhook_delivery",
        "event",
        "account",
        "transfer",
        "card",
        "card_programme",
        "card_link",
        "card_charge",
        "terminal",
        "request_key"
    };

    @Test
    void thingsOfAnotherStoreAnswerLikeThingsThatDoNotExistAndNothingIsWritten() {
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            String victim = gateway.store();
            String programme = made(gateway, "/api/v1/stores/" + victim + "/card-programmes", "{\"name\": \"Gift\"}");
            String card = InProcessGateway.ok(gateway.ask(
                            "POST /api/v1/stores/" + victim + "/cards",
                            gateway.admin(),
                            new JsonObject().put("programmeId", programme)))
                    .bodyAsJsonArray()
                    .getJsonObject(0)
                    .getString("id");
            Map<String, String> theirs = Map.of(
                    "storeId",
                    victim,
                    "invoiceId",
                    made(gateway, "/api/v1/stores/" + victim + "/invoices", "{\"amount\": 5}"),
                    "webhookId",
                    made(gateway, "/api/v1/stores/" + victim + "/webhooks", "{\"url\":\"https://a.example\"}"),
                    "terminalId",
                    made(gateway, "/api/v1/stores/" + victim + "/terminals", "{\"name\": \"Till\"}"),
                    "programmeId",
                    programme,
                    "cardId",
                    card,
                    "pullPaymentId",
                    card);
            String intruder = gateway.tenant("mallory");
            gateway.store(intruder);
            Map<String, String> before = contents();
            int asked = 0;
            for (String operation : gateway.operations()) {
                if (operation.equals("POST /i/{invoiceId}/tap")) {
                    continue; // the checkout is for whoever has the invoice's id
                }
                if (theirs.keySet().stream().noneMatch(name -> operation.contains("{" + name + "}"))) {
                    continue;
                }
                HttpResponse<Buffer> real = ask(gateway, operation, intruder, theirs);
                HttpResponse<Buffer> absent = ask(gateway, operation, intruder, Map.of());
                assertThat(real.statusCode()).as(operation).isIn(403, 404);
                assertThat(real.statusCode()).as(operation).isEqualTo(absent.statusCode());
                assertThat(real.bodyAsString()).as(operation).isEqualTo(absent.bodyAsString());
                asked++;
            }
            assertThat(asked).isGreaterThan(50);
            assertThat(contents()).isEqualTo(before);
        }
    }

    private static String made(InProcessGateway gateway, String path, String body) {
        return InProcessGateway.ok(gateway.ask("POST " + path, gateway.admin(), new JsonObject(body)))
                .bodyAsJsonObject()
                .getString("id");
    }

    private static HttpResponse<Buffer> ask(
            InProcessGateway gateway, String operation, String key, Map<String, String> ids) {
        String asked = operation
                .replace("{storeId}", ids.getOrDefault("storeId", NOBODY))
                .replace("{invoiceId}", ids.getOrDefault("invoiceId", NOBODY))
                .replace("{webhookId}", ids.getOrDefault("webhookId", NOBODY))
                .replace("{terminalId}", ids.getOrDefault("terminalId", NOBODY))
                .replace("{programmeId}", ids.getOrDefault("programmeId", NOBODY))
                .replace("{cardId}", ids.getOrDefault("cardId", NOBODY))
                .replace("{pullPaymentId}", ids.getOrDefault("pullPaymentId", NOBODY))
                .replace("{factoryId}", NOBODY)
                .replace("{chargeId}", NOBODY)
                .replace("{deliveryId}", NOBODY)
                .replace("{paymentMethodId}", "BTC-CHAIN")
                .replace("{rateSource}", "primary")
                .replace("{cryptoCode}", "BTC");
        return gateway.ask(asked, key, operation.startsWith("GET ") ? null : new JsonObject());
    }

    private static Map<String, String> contents() {
        Map<String, String> contents = new TreeMap<>();
        for (String table : TABLES) {
            String sql = "select coalesce(string_agg(t::text, chr(10) order by t::text), '') from " + table + " t";
            contents.put(table, await(DATABASE.db().read(sql)).iterator().next().getString(0));
        }
        return contents;
    }
}
