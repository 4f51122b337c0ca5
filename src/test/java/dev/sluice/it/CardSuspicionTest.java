package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a tap tells the issuer does not depend on where it is shown first. */
class CardSuspicionTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static InProcessGateway gateway;
    private static CardShop shop;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
    }

    private static HttpResponse<Buffer> show(String path, Tap tap) {
        return gateway.ask("GET " + path + "?p=" + tap.p() + "&c=" + tap.c(), null, null);
    }

    private static Tap counted(CardShop.Held card, int counter) {
        return new VirtualCard(card.keys(), card.uid(), counter, Entropy.secure()).tap();
    }

    @Test
    void firstTapOnTheHoldersPageIsTold() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        assertThat(show("/boltcards/balance", card.chip().tap()).statusCode()).isEqualTo(200);
        assertThat(OPEN.told(card)).endsWith("card.programmed", "card.activated");
        assertThat(show("/boltcards/balance", card.chip().tap()).statusCode()).isEqualTo(200);
        assertThat(OPEN.told(card)).endsWith("card.programmed", "card.activated");
    }

    @Test
    void jumpIsToldWhereverItIsSeen() {
        for (String path : new String[] {"/boltcard", "/boltcards/balance"}) {
            CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
            shop.charge(card.tap(), "1");
            Tap far = counted(card, 1_500);
            show(path, far);
            assertThat(OPEN.told(card)).as(path).containsOnlyOnce("card.cloneSuspected");
            shop.charge(CardShop.Held.tapped(far), "1");
            assertThat(OPEN.told(card)).as(path).containsOnlyOnce("card.cloneSuspected");
        }
    }

    @Test
    void copiesAreToldOnceHoweverOftenTheyAreShown() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        Tap kept = card.chip().tap();
        shop.charge(card.tap(), "1");
        for (int i = 0; i < 3; i++) {
            assertThat(show("/boltcard", kept).bodyAsJsonObject().getString("status"))
                    .isEqualTo("ERROR");
        }
        assertThat(OPEN.told(card)).containsOnlyOnce("card.cloneSuspected");
    }

    @Test
    void tapThatOneMerchantWasShownPaysNoOther() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        JsonObject tap = card.tap();
        Merchant other = Merchant.open(gateway);
        assertThat(other.charge(tap, "11").getString("reason")).isEqualTo("insufficient-funds");
        assertThat(shop.charge(tap, "1").getString("reason")).isEqualTo("tap-not-valid");
        assertThat(OPEN.told(card)).containsOnlyOnce("card.cloneSuspected");
        assertThat(other.charge(tap, "1").getBoolean("approved")).isTrue(); // for less, where it was shown
        assertThat(shop.charge(card.tap(), "1").getBoolean("approved")).isTrue();
    }

    @Test
    void forgedTapIsNobodysAndTellsNothing() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "10");
        Tap tap = card.chip().tap();
        char last = tap.c().charAt(15);
        Tap forged = Tap.of(tap.p(), tap.c().substring(0, 15) + (last == '0' ? '1' : '0'));
        int before = OPEN.told(card).size();
        show("/boltcard", forged);
        show("/boltcards/balance", forged);
        assertThat(OPEN.told(card)).hasSize(before);
    }
}
