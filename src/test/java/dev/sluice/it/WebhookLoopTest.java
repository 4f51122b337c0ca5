package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Webhooks that a store points at the gateway itself. */
class WebhookLoopTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void gatewayThatHearsItsOwnWebhooksMakesNothingOfThem() {
        Map<String, String> anywhere = Map.of("SLUICE_WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", "true");
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE, anywhere)) {
            String store = "/api/v1/stores/" + gateway.store();
            for (String path : List.of(store + "/invoices", store + "/webhooks", "/api/v1/users", "/api/v1/api-keys")) {
                String webhook = gateway.made(store + "/webhooks", new JsonObject().put("url", gateway.url(path)));
                gateway.made(store + "/invoices", new JsonObject().put("amount", 1));
                String deliveries = "GET /api/v1/webhooks/" + webhook + "/deliveries";
                JsonArray told = Eventually.get(
                        "the delivery was tried",
                        () -> gateway.ask(deliveries, gateway.admin(), null).bodyAsJsonArray(),
                        list -> !list.isEmpty() && list.getJsonObject(0).getInteger("httpCode") != null);
                assertThat(told.getJsonObject(0).getInteger("httpCode"))
                        .as(path)
                        .isBetween(400, 422);
            }
            assertThat(count("invoice")).isEqualTo(4);
            assertThat(count("app_user")).isEqualTo(1);
            assertThat(count("api_key")).isEqualTo(1);
        }
    }

    private static long count(String table) {
        return await(DATABASE.db().read("select count(*) from " + table))
                .iterator()
                .next()
                .getLong(0);
    }
}
