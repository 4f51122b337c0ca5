package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A till whose page was opened again forgets no sale that may still bring money, and nothing that nobody has read. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PosReopenBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private static final LocatorAssertions.ContainsTextOptions SOON =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);

    private CardShop shop;
    private Page page;

    @BeforeEach
    void open() {
        shop = TILL.shop();
        page = TILL.page();
        TILL.open();
    }

    /** Asks for money by QR code; the invoice behind it. */
    private String code(String digits) {
        TILL.ask(digits);
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        return page.locator("#code").getAttribute("href").replaceFirst(".*/i/", "");
    }

    private void pay(String invoice) {
        CardShop.Held card = TILL.dollars(new JsonObject(), "10.00");
        JsonObject tap = new JsonObject().put("link", TILL.link(card.chip().tap()));
        ok(TILL.gateway().ask("POST /i/" + invoice + "/tap", null, tap));
    }

    private String state(String invoice) {
        return ok(TILL.gateway().ask("GET /i/" + invoice + "/status", null, null))
                .bodyAsJsonObject()
                .getString("status");
    }

    @Test
    void codeThatIsPaidAfterAReloadIsTold() {
        String invoice = code("200");
        page.reload();
        assertThat(page.locator("#amount")).hasText("0.00 USD");
        assertThat(page.locator("#late")).containsText("The sale of 2.00 USD is still open");
        TILL.picture("pos-reopened-phone");
        pay(invoice);
        assertThat(page.locator("#late"))
                .containsText("The sale of 2.00 USD from before the page was opened again is paid.", SOON);
        assertThat(page.locator("#late a")).hasText(invoice);
        assertThat(page.locator("#late div")).hasCount(1);
        TILL.picture("pos-resumed-phone");
        page.reload(); // nobody has read it
        assertThat(page.locator("#late")).containsText("2.00 USD from before the page was opened again is paid.");
        page.locator("#late button").click();
        assertThat(page.locator("#late")).isEmpty();
        page.reload();
        assertThat(page.locator("#keypad")).isVisible();
        assertThat(page.locator("#late")).isEmpty();
    }

    @Test
    void codeLeadsToAPageBesideTheTill() {
        code("200");
        assertThat(page.locator("#code")).hasAttribute("target", "_blank");
        assertThat(page.locator("#code")).hasAttribute("rel", "noopener");
        Page opened = page.context().waitForPage(() -> page.locator("#code").click());
        opened.close();
        assertThat(page.locator("#code svg")).isVisible();
    }

    @Test
    void saleThatIsStillOpenCanBeClosed() {
        String invoice = code("300");
        page.reload();
        assertThat(page.locator("#late")).containsText("The sale of 3.00 USD is still open");
        page.waitForResponse("**/cancel", () -> page.locator("#late button").click());
        assertThat(page.locator("#late")).isEmpty();
        assertThat(state(invoice)).isEqualTo("Invalid");
    }

    /** The page went before the gateway heard that the sale was given up. */
    @Test
    void cancelledSaleIsClosedByTheNextPage() {
        String invoice = code("300");
        page.route("**/cancel", Route::abort);
        page.locator("#cancel").click();
        assertThat(page.locator("#keypad")).isVisible();
        page.unroute("**/cancel");
        page.waitForResponse("**/cancel", page::reload);
        assertThat(state(invoice)).isEqualTo("Invalid");
        assertThat(page.locator("#late")).isEmpty();
        TILL.forgive(text -> text.contains("ERR_FAILED"));
    }

    @Test
    void paymentThatWasSeenBeforeIsWaitedFor() {
        AtomicReference<String> status = new AtomicReference<>("Processing");
        page.route(
                "**/status",
                route -> route.fulfill(new Route.FulfillOptions()
                        .setContentType("application/json")
                        .setBody(new JsonObject().put("status", status.get()).encode())));
        code("400");
        assertThat(page.locator("#result")).hasClass("seen");
        page.reload();
        assertThat(page.locator("#late")).containsText("The sale of 4.00 USD is seen and not confirmed yet");
        assertThat(page.locator("#late button")).hasCount(0);
        status.set("Settled");
        assertThat(page.locator("#late")).containsText("The sale of 4.00 USD is confirmed now: it is paid.", SOON);
        assertThat(page.locator("#late div")).hasCount(1);
    }

    /** A charge whose answer does not come; the page is opened again meanwhile. */
    private void reloadDuringACharge(CardShop.Held card, String digits, boolean made) {
        AtomicReference<Route> held = new AtomicReference<>();
        page.route("**/charges", route -> {
            if (!route.request().method().equals("POST") || !held.compareAndSet(null, route)) {
                route.resume();
            }
        });
        TILL.ask(digits);
        TILL.tap(card);
        page.waitForCondition(() -> held.get() != null);
        if (made) {
            held.get().fetch();
        }
        AtomicReference<String> warned = new AtomicReference<>();
        page.onDialog(dialog -> {
            warned.set(dialog.type());
            dialog.accept();
        });
        page.reload();
        assertThat(warned.get()).isEqualTo("beforeunload");
    }

    @Test
    void chargeUnderWayIsWarnedOfAndFollowedUp() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "50.00");
        reloadDuringACharge(card, "500", true);
        assertThat(page.locator("#late")).containsText("The sale of 5.00 USD was under way");
        assertThat(page.locator("#late")).containsText("The sale of 5.00 USD from before", SOON);
        assertThat(page.locator("#late")).containsText("is paid");
        assertThat(page.locator("#last li").first()).containsText("5.00 USD");
        assertThat(page.locator("#late div")).hasCount(1);
        assertThat(shop.balance(card)).isEqualTo("45.00");
    }

    @Test
    void chargeUnderWayThatIsDeclinedIsToldToo() {
        CardShop.Held poor = TILL.dollars(new JsonObject(), "1.00");
        reloadDuringACharge(poor, "500", false);
        assertThat(page.locator("#late")).containsText("was not charged", SOON);
        assertThat(page.locator("#late div")).hasCount(1);
    }

    /** A PIN is kept nowhere, so nobody can ask again: that is said and not guessed. */
    @Test
    void chargeByPinIsNotKnownAfterAReload() {
        CardShop.Held card = TILL.dollars(new JsonObject().put("pinFrom", "5.00"), "20.00");
        ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "2468")));
        TILL.ask("700");
        TILL.tap(card);
        page.locator("#pin").fill("2468");
        AtomicReference<Route> held = new AtomicReference<>();
        page.route("**/charges", route -> {
            if (!route.request().method().equals("POST") || !held.compareAndSet(null, route)) {
                route.resume();
            }
        });
        page.locator("#pinform button").click();
        page.waitForCondition(() -> held.get() != null);
        assertThat((String) page.evaluate("() => JSON.stringify({ ...localStorage })"))
                .doesNotContain("2468");
        page.onDialog(Dialog::accept);
        page.reload();
        assertThat(page.locator("#late")).containsText("may be paid or not", SOON);
        assertThat(shop.balance(card)).isEqualTo("20.00");
    }

    @Test
    void pageWarnsOfNothingWhenNoCardIsAsked() {
        page.onDialog(dialog -> {
            throw new AssertionError(dialog.type());
        });
        code("200");
        page.reload();
        assertThat(page.locator("#keypad")).isVisible();
    }
}
