package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the operator's meters count of cards. */
class CardMetersTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    @Test
    void chargeThatTwoStoresHearOfIsOneAndEachReplayedTapIsOne() {
        CardShop issuer = OPEN.shop();
        CardShop.Held card = issuer.card(issuer.programme(new JsonObject()), "100");
        String merchant = made("/api/v1/stores", new JsonObject().put("name", "Merchant"));
        String tills = "/api/v1/stores/" + merchant + "/terminals";
        String charges = tills + "/" + made(tills, new JsonObject().put("name", "Till")) + "/charges";
        JsonObject tap = card.tap();
        for (String amount : List.of("10", "11", "12")) { // only the first is not a replay
            JsonObject body = new JsonObject().put("currency", "SATS").put("amount", amount);
            post(charges, body.mergeIn(tap));
        }
        String text = Eventually.get(
                "meters",
                OPEN.gateway()::metrics,
                seen -> seen.contains("sluice_card_events_total{kind=\"card.cloneSuspected\"} 2.0"));
        assertThat(text).contains("sluice_card_events_total{kind=\"card.charged\"} 1.0");
    }

    private static String made(String path, JsonObject body) {
        return post(path, body).getString("id");
    }

    private static JsonObject post(String path, JsonObject body) {
        return InProcessGateway.ok(
                        OPEN.gateway().ask("POST " + path, OPEN.gateway().admin(), body))
                .bodyAsJsonObject();
    }
}
