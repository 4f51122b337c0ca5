package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a store gives back of a charge, at once or in parts. */
class CardRefundTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static CardShop shop;

    @BeforeAll
    static void open() {
        shop = OPEN.shop();
    }

    @Test
    void refundGivesBackNoMoreThanWasTaken() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        String one = "/charges/" + shop.charge(card.tap(), "300").getString("id");
        shop.post(one + "/refund", new JsonObject().put("amount", "100"));
        assertThat(shop.balance(card)).isEqualTo("800");
        assertThat(shop.ask("POST", one + "/refund", new JsonObject().put("amount", "201"))
                        .statusCode())
                .isEqualTo(400);
        assertThat(shop.post(one + "/refund", new JsonObject()).getString("refunded"))
                .isEqualTo("300");
        assertThat(shop.ask("POST", one + "/refund", new JsonObject()).statusCode())
                .isEqualTo(400);
        assertThat(shop.balance(card)).isEqualTo("1000");
    }

    /** 3.20 USD are 5,333,333.3 msat, and each part is rounded up. */
    @Test
    void partsThatAddUpToThePriceAreAllGivenBack() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10000");
        String charge = shop.charge(card.tap().put("currency", "USD"), "3.20").getString("id");
        for (String part : List.of("1.00", "1.10", "1.10")) {
            shop.post("/charges/" + charge + "/refund", new JsonObject().put("amount", part));
        }
        assertThat(shop.balance(card)).isEqualTo("10000");
        assertThat(shop.ask("POST", "/charges/" + charge + "/refund", new JsonObject().put("amount", "0.01"))
                        .statusCode())
                .isEqualTo(400);
    }
}
