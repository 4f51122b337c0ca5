package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the buyer's pages show of a store's settings. */
class PagesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    /** One red point. */
    static final String PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4"
            + "z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    private static InProcessGateway gateway;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = InProcessGateway.start(DATABASE);
        store = gateway.store();
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @BeforeEach
    void plain() {
        set(new JsonObject());
    }

    /** The settings as they are answered. */
    private static JsonObject set(JsonObject settings) {
        return InProcessGateway.ok(gateway.ask(
                        "PUT /api/v1/stores/" + store,
                        gateway.admin(),
                        settings.copy().put("name", "Shop")))
                .bodyAsJsonObject();
    }

    private static String invoice(JsonObject wanted) {
        return gateway.made(
                "/api/v1/stores/" + store + "/invoices", wanted.copy().put("amount", "1.00"));
    }

    private static String page(String path) {
        return InProcessGateway.ok(gateway.ask("GET " + path, null, null)).bodyAsString();
    }

    @Test
    void checkoutShowsTheLogoThatTheStoreGaveItself() {
        String invoice = invoice(new JsonObject());
        JsonObject settings = set(new JsonObject().put("logoUrl", PICTURE));
        assertThat(settings.getString("logoUrl")).isEqualTo(PICTURE);
        assertThat(page("/i/" + invoice)).contains("<img src=\"" + PICTURE + "\"");
    }

    @Test
    void logoElsewhereIsKeptAndNotLoaded() {
        String invoice = invoice(new JsonObject());
        JsonObject settings = set(new JsonObject().put("logoUrl", "https://shop.example/logo.png"));
        assertThat(settings.getString("logoUrl")).isEqualTo("https://shop.example/logo.png");
        assertThat(page("/i/" + invoice)).doesNotContain("<img").doesNotContain("shop.example");
    }

    @Test
    void checkoutShowsTheStoresFirstMethodAndAllOnes() {
        set(new JsonObject().put("defaultPaymentMethod", "BTC-LN"));
        String invoice = invoice(new JsonObject());
        assertThat(page("/i/" + invoice)).contains("<a class=\"code\" href=\"lightning:lnbcrt");
        assertThat(page("/i/" + invoice + "/any")).contains("<a class=\"code\" href=\"bitcoin:bcrt1");
        set(new JsonObject());
        assertThat(page("/i/" + invoice(new JsonObject()))).contains("<a class=\"code\" href=\"bitcoin:bcrt1");
    }

    @Test
    void methodThatTheCriteriaLeaveOutIsSaidSo() {
        JsonObject least = new JsonObject()
                .put("paymentMethodId", "BTC-CHAIN")
                .put("amount", "20")
                .put("currencyCode", "USD")
                .put("above", true);
        set(new JsonObject().put("paymentMethodCriteria", new JsonArray().add(least)));
        String page = page("/i/" + invoice(new JsonObject()));
        assertThat(page).contains("Only for amounts from 20 USD").doesNotContain("bitcoin:bcrt1");
    }

    @Test
    void headerButtonTitleAndTimerAreTheStoresOwn() {
        String plain = page("/i/" + invoice(new JsonObject()));
        set(new JsonObject()
                .put("showStoreHeader", false)
                .put("showPayInWalletButton", false)
                .put("htmlTitle", "Pay <here>")
                .put("displayExpirationTimer", 120));
        String page = page("/i/" + invoice(new JsonObject()));
        assertThat(page)
                .contains("<title>Pay &lt;here&gt;</title>")
                .contains("data-from=\"120\"")
                .doesNotContain("class=\"store\"")
                .doesNotContain("class=\"button primary\"");
        assertThat(plain).contains("class=\"store\"", "class=\"button primary\"", "data-from=\"300\"");
    }
}
