package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the checkout page says of a payer's card is what is known of it, in the payer's language. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CheckoutCardBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private static final String FOREIGN = "lnurlw://issuer.example/w?p=1&c=2";
    private static final String REFUSED = "The card did not pay";
    private static final String UNKNOWN =
            "No answer. It is not known whether the card pays: this page tells when it has.";

    private Page page;
    private Locator said;

    @BeforeEach
    void open() {
        use(TILL.page());
    }

    private void use(Page shown) {
        page = shown;
        said = page.locator("#card-said");
        String invoice = TILL.shop()
                .post("/invoices", new JsonObject().put("amount", "1.00"))
                .getString("id");
        page.navigate(TILL.gateway().url("/i/" + invoice));
        page.locator("#card-start").click();
    }

    private void speakChinese() {
        TILL.show(new Browser.NewContextOptions().setViewportSize(390, 844).setLocale("zh-CN"));
        use(TILL.page());
    }

    private void tap() {
        page.evaluate("link => globalThis.tapCard(link)", FOREIGN);
    }

    /** Answers the page's next taps in the gateway's place. */
    private void answer(int status, String body) {
        page.unroute("**/tap");
        page.route(
                "**/tap",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setStatus(status)
                        .setContentType("application/json")
                        .setBody(body)));
        TILL.forgive(text -> text.contains("Failed to load resource"));
    }

    private void answer(int status, String code, String message) {
        answer(
                status,
                new JsonObject().put("code", code).put("message", message).encode());
    }

    private void forgive() {
        TILL.forgive(text -> text.contains("Failed to load resource"));
    }

    @Test
    void errorIsNoRefusal() {
        answer(503, "card-silent", "The card's issuer did not answer; the invoice tells");
        tap();
        assertThat(said).hasText(UNKNOWN);
        TILL.picture("checkout-card-unknown");
        answer(502, "<html>from a proxy</html>");
        tap();
        assertThat(said).hasText(UNKNOWN);
        answer(503, "card-busy", "Too many cards are being asked; try again");
        tap();
        assertThat(said).hasText(REFUSED + " (Too many cards pay just now; tap again)"); // it was not even asked
        forgive();
    }

    @Test
    void refusalTellsWhyInTheWordsOfTheIssuer() {
        answer(400, "card-refused", "No money");
        tap();
        assertThat(said).hasText(REFUSED + " (No money)");
        answer(422, "[{\"path\":\"Link\",\"message\":\"too long\"}]");
        tap();
        assertThat(said).hasText(REFUSED);
        forgive();
    }

    @Test
    void answerThatIsLostLeavesItUnknown() {
        page.route("**/tap", Route::abort);
        tap();
        assertThat(said).hasText(UNKNOWN);
        forgive();
    }

    @Test
    void phoneThatIsOfflineSaysThatNothingWasAsked() {
        page.context().setOffline(true);
        tap();
        assertThat(said).containsText("offline: the card was not asked to pay");
        page.context().setOffline(false);
        forgive();
    }

    @Test
    void refusalsSpeakChinese() {
        speakChinese();
        answer(400, "insufficient-funds", "Not enough on the card");
        tap();
        assertThat(said).hasText("卡片未能付款 (余额不足)");
        answer(400, "card-refused", "The card's issuer did not answer: nothing is paid");
        tap();
        assertThat(said).hasText("卡片未能付款");
        answer(503, "card-silent", "The card's issuer did not answer; the invoice tells");
        tap();
        assertThat(said).hasText("没有回应，尚不确定卡片是否付款；付款后本页会显示。");
        TILL.picture("checkout-card-unknown-zh");
        answer(400, "pin-wrong", "Wrong PIN");
        tap();
        assertThat(said).hasText("密码错误");
        assertThat(page.locator("#card-digits")).isFocused();
        forgive();
    }
}
