package dev.sluice.card;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.it.InProcessGateway;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever is said of cards can be asked for by a webhook, and stands in the contract. */
class CardEventsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void webhooksKnowEveryEventOfCards() throws IllegalAccessException {
        List<String> kinds = new ArrayList<>();
        for (Field field : CardEvents.class.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers()) && field.get(null) instanceof String kind) {
                kinds.add(kind);
            }
        }
        assertThat(kinds).contains("card.charged").hasSizeGreaterThan(20);
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            String webhooks = "POST /api/v1/stores/" + gateway.store() + "/webhooks";
            String contract = gateway.ask("GET /openapi.json", null, null).bodyAsString();
            for (String kind : kinds) {
                JsonObject wanted = new JsonObject().put("everything", false).put("specificEvents", JsonArray.of(kind));
                JsonObject body =
                        new JsonObject().put("url", "https://shop.example/hook").put("authorizedEvents", wanted);
                assertThat(gateway.ask(webhooks, gateway.admin(), body).statusCode())
                        .as(kind)
                        .isEqualTo(200);
                assertThat(contract).as(kind).contains(kind);
            }
        }
    }
}
