package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A sale at the till is approved by its own money alone, whatever still arrives of the one before. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PosSaleBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private static final String FOREIGN = "https://issuer.example/w?p=1&c=2";
    private static final LocatorAssertions.ContainsTextOptions SOON =
            new LocatorAssertions.ContainsTextOptions().setTimeout(30_000);

    private CardShop shop;
    private Page page;

    @BeforeEach
    void open() {
        shop = TILL.shop();
        page = TILL.page();
    }

    /** Keeps the first POST to a path waiting on its way out. */
    private AtomicReference<Route> hold(String path) {
        AtomicReference<Route> held = new AtomicReference<>();
        page.route(path, route -> {
            if (!route.request().method().equals("POST") || !held.compareAndSet(null, route)) {
                route.resume();
            }
        });
        return held;
    }

    private Route awaited(AtomicReference<Route> held) {
        page.waitForCondition(() -> held.get() != null);
        return held.get();
    }

    /** What the gateway says when the issuer of a foreign card accepted. */
    private static void accept(Route route) {
        answer(route, new JsonObject().put("status", "Accepted"));
    }

    private static void answer(Route route, JsonObject body) {
        route.fulfill(
                new Route.FulfillOptions().setContentType("application/json").setBody(body.encode()));
    }

    /** Answers each look at an invoice with what is set. */
    private AtomicReference<String> status() {
        AtomicReference<String> status = new AtomicReference<>("New");
        page.route("**/status", route -> answer(route, new JsonObject().put("status", status.get())));
        return status;
    }

    private void pay(String invoice, String dollars) {
        CardShop.Held card = TILL.dollars(new JsonObject(), dollars);
        JsonObject tap = new JsonObject().put("link", TILL.link(card.chip().tap()));
        assertThat(ok(TILL.gateway().ask("POST /i/" + invoice + "/tap", null, tap))
                        .bodyAsJsonObject()
                        .getString("status"))
                .isEqualTo("Paid");
    }

    private void isAsked(String amount) {
        assertThat(page.locator("#pay")).isVisible();
        assertThat(page.locator("#due")).hasText(amount);
        assertThat(page.locator("#pinform")).isHidden();
    }

    private void paysWith(CardShop.Held card, String amount) {
        isAsked(amount);
        TILL.tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(page.locator("#detail")).hasText(amount);
    }

    @Test
    void lateApprovalOfACancelledSaleIsToldAndApprovesNoOther() {
        CardShop.Held first = TILL.dollars(new JsonObject(), "50.00");
        CardShop.Held second = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        Route slow = slowTap(first, "500");
        TILL.ask("8000");
        slow.resume();
        assertThat(page.locator("#late")).containsText("The cancelled sale of 5.00 USD was paid.");
        assertThat(page.locator("#late")).containsText("Refund");
        isAsked("80.00 USD");
        TILL.picture("pos-late-phone");
        assertThat(shop.balance(first)).isEqualTo("45.00");
        assertThat(shop.balance(second)).isEqualTo("90.00");
        paysWith(second, "80.00 USD");
        page.locator("#next").click();
        assertThat(page.locator("#last li").nth(1)).containsText("5.00 USD");
        TILL.picture("pos-late-keypad-phone");
        page.locator("#last li").nth(1).locator("button").click();
        page.locator("#last li").nth(1).locator("button").click();
        assertThat(page.locator("#last li").nth(1)).containsText("Refunded");
        assertThat(shop.balance(first)).isEqualTo("50.00");
        page.locator("#late button").click();
        assertThat(page.locator("#late")).isEmpty();
    }

    /** A sale whose tap is on its way when it is cancelled. */
    private Route slowTap(CardShop.Held card, String digits) {
        AtomicReference<Route> held = hold("**/charges");
        TILL.ask(digits);
        TILL.tap(card);
        Route slow = awaited(held);
        page.locator("#cancel").click();
        return slow;
    }

    @Test
    void lastChargesShowTheLateOneWithoutAnotherSale() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "50.00");
        TILL.open();
        slowTap(card, "611").resume();
        assertThat(page.locator("#late")).containsText("6.11 USD");
        assertThat(page.locator("#last li").first()).containsText("6.11 USD");
        assertThat(page.locator("#verdict")).isHidden();
    }

    @Test
    void cancelledSaleWhoseAnswerIsLostIsToldAndNotAskedAgain() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "50.00");
        TILL.open();
        slowTap(card, "500").abort();
        assertThat(page.locator("#late")).containsText("not known whether the cancelled sale of 5.00 USD was paid");
        TILL.ask("100");
        paysWith(card, "1.00 USD");
        assertThat(shop.balance(card)).isEqualTo("49.00");
        TILL.forgive(text -> text.contains("ERR_FAILED"));
    }

    @Test
    void latePinRequestOpensNoForm() {
        CardShop.Held first = TILL.dollars(new JsonObject().put("pinFrom", "5.00"), "20.00");
        ok(shop.ask("PUT", "/cards/" + first.id() + "/pin", new JsonObject().put("pin", "2468")));
        CardShop.Held second = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        Route slow = slowTap(first, "700");
        TILL.ask("8000");
        page.waitForResponse("**/charges", slow::resume);
        paysWith(second, "80.00 USD");
        assertThat(page.locator("#late")).isEmpty(); // nothing moved
    }

    @Test
    void lateDeclineEndsNoOtherSale() {
        CardShop.Held poor = TILL.dollars(new JsonObject(), "1.00");
        CardShop.Held second = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        Route slow = slowTap(poor, "700");
        TILL.ask("8000");
        page.waitForResponse("**/charges", slow::resume);
        paysWith(second, "80.00 USD");
        assertThat(page.locator("#late")).isEmpty();
    }

    @Test
    void invoiceOfACancelledSaleApprovesNoOther() {
        AtomicReference<Route> held = hold("**/lnurl-withdraw");
        CardShop.Held second = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        TILL.ask("500");
        TILL.tap(FOREIGN);
        Route slow = awaited(held);
        String invoice = slow.request().url().replaceFirst(".*/invoices/([^/]+)/.*", "$1");
        hold("**/cancel");
        page.locator("#cancel").click();
        TILL.ask("8000");
        page.waitForResponse("**/lnurl-withdraw", () -> accept(slow));
        pay(invoice, "10.00");
        assertThat(page.locator("#late")).containsText("The cancelled sale of 5.00 USD was paid.", SOON);
        assertThat(page.locator("#late")).containsText("by hand");
        assertThat(page.locator("#late a")).hasText(invoice);
        paysWith(second, "80.00 USD");
    }

    /** Asks for money by QR code; the invoice behind it. */
    private String code(String digits) {
        AtomicReference<String> made = new AtomicReference<>();
        page.onRequest(request -> {
            if (request.url().contains("?fragment=1")) {
                made.set(request.url().replaceFirst(".*/i/([^?]+)\\?.*", "$1"));
            }
        });
        TILL.ask(digits);
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        return made.get();
    }

    @Test
    void codeThatIsPaidLateApprovesNoOther() {
        TILL.open();
        String invoice = code("500");
        hold("**/cancel");
        page.locator("#cancel").click();
        pay(invoice, "10.00");
        assertThat(page.locator("#late")).containsText("The cancelled sale of 5.00 USD was paid.", SOON);
        assertThat(page.locator("#keypad")).isVisible();
    }

    private String state(String invoice) {
        JsonObject found = ok(TILL.gateway().ask("GET /i/" + invoice + "/status", null, null))
                .bodyAsJsonObject();
        return found.getString("status") + "/" + found.getString("additionalStatus");
    }

    @Test
    void nobodyPaysForASaleThatWasCancelled() {
        TILL.open();
        String invoice = code("500");
        page.waitForResponse("**/cancel", () -> page.locator("#cancel").click());
        assertThat(state(invoice)).isEqualTo("Invalid/Marked");
        assertThat(page.locator("#late")).isEmpty();
    }

    @Test
    void codeOfASaleThatACardPaidIsClosed() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        String invoice = code("500");
        page.waitForResponse("**/cancel", () -> TILL.tap(card));
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(state(invoice)).isEqualTo("Invalid/Marked");
    }

    /** Seen is not settled: what comes for a closed invoice may be dust, or be replaced. */
    @Test
    void moneyThatCameForAClosedInvoiceIsToldOnceItIsSettled() {
        JsonObject seen = new JsonObject().put("status", "New");
        page.route("**/status", route -> answer(route, seen));
        TILL.open();
        code("500");
        page.waitForResponse("**/cancel", () -> page.locator("#cancel").click());
        long open = Instant.now().plusSeconds(60).getEpochSecond();
        seen.put("status", "Invalid").put("expirationTime", open).put("paid", "0.0001");
        page.waitForResponse("**/status", () -> {});
        page.waitForResponse(
                "**/status", () -> assertThat(page.locator("#late")).isEmpty());
        seen.put("settled", "0.0001");
        assertThat(page.locator("#late"))
                .containsText("0.0001 BTC came for the sale of 5.00 USD after its invoice was closed.", SOON);
        assertThat(page.locator("#late")).containsText("by hand");
        TILL.picture("pos-came-phone");
    }

    @Test
    void saleWhoseInvoiceCouldNotBeClosedIsNotPaidByAPaymentThatFails() {
        JsonObject seen = new JsonObject().put("status", "Processing");
        page.route("**/status", route -> answer(route, seen));
        page.route(
                "**/cancel",
                route -> route.fulfill(new Route.FulfillOptions().setStatus(409).setBody("{}")));
        TILL.open();
        TILL.ask("500");
        page.locator("#qr").click();
        assertThat(page.locator("#result")).hasClass("seen");
        page.waitForResponse("**/cancel", () -> page.locator("#next").click());
        seen.put("status", "Invalid").put("paid", "0.0001");
        assertThat(page.locator("#late")).containsText("5.00 USD did not become valid: it is not paid.", SOON);
        TILL.forgive(text -> text.contains("409"));
    }

    @Test
    void foreignCardIsNotAskedForASaleThatWasCancelledBefore() {
        AtomicReference<Route> asked = hold("**/lnurl-withdraw");
        CardShop.Held card = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        AtomicReference<Route> held = hold("**/invoices");
        TILL.ask("500");
        TILL.tap(FOREIGN);
        Route slow = awaited(held);
        page.locator("#cancel").click();
        TILL.ask("8000");
        page.waitForResponse("**/invoices", slow::resume);
        paysWith(card, "80.00 USD");
        assertThat(asked.get()).isNull();
    }

    @Test
    void whatIsPaidTwiceIsTold() {
        AtomicReference<String> status = status();
        CardShop.Held card = TILL.dollars(new JsonObject(), "90.00");
        TILL.open();
        TILL.ask("500");
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        paysWith(card, "5.00 USD");
        status.set("Settled");
        assertThat(page.locator("#late")).containsText("The sale of 5.00 USD was paid a second time.", SOON);
    }

    /** A payment that its payer can still replace is seen and no money: the till waits, or is told later. */
    @Test
    void unconfirmedPaymentIsNotApproved() {
        AtomicReference<String> status = status();
        TILL.open();
        TILL.ask("500");
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        status.set("Processing");
        assertThat(page.locator("#verdict")).hasText("Seen, not confirmed yet");
        assertThat(page.locator("#detail")).containsText("5.00 USD");
        assertThat(page.locator("#result")).hasClass("seen");
        TILL.picture("pos-seen-phone");
        status.set("New"); // the payment was taken back
        isAsked("5.00 USD");
        status.set("Processing");
        assertThat(page.locator("#result")).hasClass("seen");
        status.set("Settled");
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(page.locator("#result")).hasClass("approved");
        assertThat(page.locator("#late")).isEmpty();
    }

    @Test
    void saleThatWasSeenIsToldWhenItIsDecided() {
        AtomicReference<String> status = status();
        TILL.open();
        leaveWhenSeen("500", status);
        status.set("Settled");
        assertThat(page.locator("#late")).containsText("The sale of 5.00 USD is confirmed now: it is paid.", SOON);
        page.locator("#late button").click();
        leaveWhenSeen("600", status);
        status.set("Invalid");
        assertThat(page.locator("#late")).containsText("6.00 USD did not become valid: it is not paid.", SOON);
    }

    private void leaveWhenSeen(String digits, AtomicReference<String> status) {
        status.set("Processing");
        TILL.ask(digits);
        page.locator("#qr").click();
        assertThat(page.locator("#result")).hasClass("seen");
        page.locator("#next").click();
        assertThat(page.locator("#keypad")).isVisible();
    }

    @Test
    void noticesSpeakChinese() {
        TILL.show(new Browser.NewContextOptions().setViewportSize(390, 844).setLocale("zh-CN"));
        page = TILL.page();
        CardShop.Held card = TILL.dollars(new JsonObject(), "50.00");
        TILL.open();
        slowTap(card, "500").resume();
        assertThat(page.locator("#late")).containsText("已取消的收款 5.00 USD 已被支付。");
        TILL.picture("pos-late-phone-zh");
        AtomicReference<String> status = status();
        status.set("Processing");
        TILL.ask("700");
        page.locator("#qr").click();
        assertThat(page.locator("#verdict")).hasText("已看到付款，尚未确认");
        TILL.picture("pos-seen-phone-zh");
    }
}
