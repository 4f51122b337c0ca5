package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The operator is paid for the rate it keeps, whoever makes the programme. */
class CardSpreadTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @Test
    void programmeThatDoesNotCountBitcoinHasTheSpreadTheOperatorAsksFor() {
        try (InProcessGateway gateway =
                InProcessGateway.start(DATABASE, Map.of("SLUICE_CARDS_SPREAD_MIN_PPM", "5000"))) {
            String programmes = "/api/v1/stores/" + gateway.store() + "/card-programmes";
            assertThat(ask(gateway, "POST " + programmes, "SATS", "0").statusCode())
                    .isEqualTo(200);
            HttpResponse<Buffer> refused = ask(gateway, "POST " + programmes, "USD", "0.4999");
            assertThat(refused.statusCode()).isEqualTo(422);
            assertThat(refused.bodyAsString()).contains("SpreadPercent").contains("0.5");
            HttpResponse<Buffer> made = ask(gateway, "POST " + programmes, "USD", "0.5");
            assertThat(made.statusCode()).isEqualTo(200);
            String one = programmes + "/" + made.bodyAsJsonObject().getString("id");
            assertThat(ask(gateway, "PUT " + one, "USD", "0.1").statusCode()).isEqualTo(422);
            assertThat(ask(gateway, "PUT " + one, "USD", "2").statusCode()).isEqualTo(200);
        }
    }

    private static HttpResponse<Buffer> ask(InProcessGateway gateway, String request, String currency, String percent) {
        JsonObject terms = new JsonObject()
                .put("name", "Gift card")
                .put("currency", currency)
                .put("spreadPercent", percent);
        return gateway.ask(request, gateway.admin(), terms);
    }
}
