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
        Merchant merchant = Merchant.open(OPEN.gateway());
        JsonObject tap = card.tap();
        for (String amount : List.of("10", "11", "12")) { // only the first is not a replay
            merchant.charge(tap, amount);
        }
        String text = Eventually.get(
                "meters",
                OPEN.gateway()::metrics,
                seen -> seen.contains("sluice_card_events_total{kind=\"card.cloneSuspected\"} 2.0"));
        assertThat(text).contains("sluice_card_events_total{kind=\"card.charged\"} 1.0");
    }
}
