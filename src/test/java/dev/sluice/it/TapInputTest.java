package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that read two ways, that only look, or that show a tap once more. */
class TapInputTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String programme;

    private CardShop.Held card;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        programme = shop.programme(new JsonObject());
    }

    @BeforeEach
    void hold() {
        card = shop.card(programme, "1000");
    }

    @Test
    void askingForTheHeadOfAnAnswerUsesNoTapUp() {
        var tap = card.chip().tap();
        String path = " /boltcard?p=" + tap.p() + "&c=" + tap.c();
        assertThat(gateway.ask("HEAD" + path, null, null).statusCode()).isEqualTo(405);
        assertThat(gateway.ask("GET" + path, null, null).bodyAsJsonObject().getString("tag"))
                .isEqualTo("withdrawRequest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"&c=0000000000000000", "&p=00000000000000000000000000000000", "&k1=a&k1=b", "&pr=a&pr=b"})
    void parameterThatIsGivenTwiceIsRefused(String more) {
        var tap = card.chip().tap();
        JsonObject answer = gateway.ask("GET /boltcard?p=" + tap.p() + "&c=" + tap.c() + more, null, null)
                .bodyAsJsonObject();
        assertThat(answer.getString("status")).isEqualTo("ERROR");
        assertThat(answer.getString("reason")).contains("twice");
    }

    @Test
    void linkThatShowsTwoTapsIsRefused() {
        String link = "lnurlw://pay.example/boltcard?p=" + card.chip().tap().p() + "&c=" + "0".repeat(16) + "&c="
                + "1".repeat(16);
        HttpResponse<Buffer> answer = shop.ask(
                "POST",
                "/terminals/" + shop.terminal() + "/charges",
                new JsonObject().put("currency", "SATS").put("amount", "1").put("tap", link));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("malformed-tap");
    }

    /** To the outside it is no other than one that nobody signed. */
    @Test
    void tapThatHasPaidTellsNothingOfItsCard() {
        String used = card.tap().getString("tap");
        String forged = used.substring(0, used.length() - 16) + "0".repeat(16);
        assertThat(shop.charge(new JsonObject().put("tap", used), "1").getBoolean("approved"))
                .isTrue();
        assertThat(shop.charge(new JsonObject().put("tap", used), "2"))
                .isEqualTo(shop.charge(new JsonObject().put("tap", forged), "2"));
    }
}
