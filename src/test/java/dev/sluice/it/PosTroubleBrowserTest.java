package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static dev.sluice.it.InProcessGateway.ok;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import dev.sluice.card.ntag424.Tap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the till says when something does not work: what is known, in its language, and how to go on. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PosTroubleBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private static final String FOREIGN = "https://issuer.example/w?p=1&c=2";
    private static final LocatorAssertions.HasTextOptions SOON =
            new LocatorAssertions.HasTextOptions().setTimeout(60_000);

    private CardShop shop;
    private Page page;

    @BeforeEach
    void open() {
        shop = TILL.shop();
        page = TILL.page();
    }

    private void chinese() {
        TILL.show(new Browser.NewContextOptions().setViewportSize(390, 844).setLocale("zh-CN"));
        page = TILL.page();
    }

    private static void answer(Route route, int status, JsonObject body) {
        route.fulfill(new Route.FulfillOptions()
                .setStatus(status)
                .setContentType("application/json")
                .setBody(body.encode()));
    }

    private static JsonObject error(String code, String message) {
        return new JsonObject().put("code", code).put("message", message);
    }

    private void verdict(String headline, String detail) {
        assertThat(page.locator("#verdict")).hasText(headline, SOON);
        assertThat(page.locator("#detail")).containsText(detail);
    }

    /** A connection that says nothing is given up and asked anew, with words from the first moment. */
    @Test
    void stalledChargeIsSaidAndAskedAgain() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        AtomicInteger asked = new AtomicInteger();
        page.route("**/charges", route -> {
            if (!route.request().method().equals("POST") || asked.incrementAndGet() > 1) {
                route.resume();
            } else {
                route.fetch(); // made, and never answered
            }
        });
        TILL.ask("300");
        TILL.tap(card);
        assertThat(page.locator("#hint")).hasText("Asking the card. Please wait");
        TILL.picture("pos-asking-phone");
        assertThat(page.locator("#hint")).hasText("No answer yet; asking again", SOON);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(shop.balance(card)).isEqualTo("17.00");
    }

    @Test
    void unknownChargeIsAskedForAgainAndMadeOnce() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        AtomicInteger asked = new AtomicInteger();
        page.route("**/charges", route -> {
            if (route.request().method().equals("POST") && asked.incrementAndGet() <= 5) {
                route.fetch();
                answer(route, 503, error("overloaded", "Later"));
            } else {
                route.resume();
            }
        });
        TILL.ask("300");
        TILL.tap(card);
        verdict("No answer", "not known");
        TILL.picture("pos-ask-again-phone");
        page.locator("#retry").click();
        verdict("Approved", "3.00 USD");
        assertThat(shop.balance(card)).isEqualTo("17.00");
        TILL.forgive(text -> text.contains("503"));
    }

    /** A refusal of the repetition says nothing of a request that may have been carried out. */
    @Test
    void refusalAfterALostAnswerIsNoRefusal() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        AtomicInteger asked = new AtomicInteger();
        page.route("**/charges", route -> {
            if (!route.request().method().equals("POST")) {
                route.resume();
            } else if (asked.incrementAndGet() == 1) {
                route.fetch();
                route.abort();
            } else {
                answer(route, 400, error("terminal-disabled", "This terminal is switched off"));
            }
        });
        TILL.ask("300");
        TILL.tap(card);
        verdict("No answer", "not known");
        assertThat(shop.balance(card)).isEqualTo("17.00");
        TILL.forgive(text -> text.contains("400") || text.contains("ERR_FAILED"));
    }

    @Test
    void refusedCardOfAnotherIssuerMakesRoomForAnotherAtOnce() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        page.route("**/lnurl-withdraw", route -> answer(route, 400, error("card-refused", "Daily limit reached")));
        TILL.ask("300");
        TILL.tap(FOREIGN);
        verdict("Declined", "Daily limit reached");
        TILL.tap(card); // without a touch of the screen
        verdict("Approved", "3.00 USD");
        assertThat(shop.balance(card)).isEqualTo("17.00");
        TILL.forgive(text -> text.contains("400"));
    }

    @Test
    void silentIssuerLeavesTheSaleToOtherCards() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        page.route("**/lnurl-withdraw", route -> answer(route, 503, error("card-silent", "No answer")));
        TILL.ask("300");
        TILL.tap(FOREIGN);
        assertThat(page.locator("#hint")).containsText("another card is possible");
        TILL.tap(card);
        verdict("Approved", "3.00 USD");
        TILL.forgive(text -> text.contains("503"));
    }

    @Test
    void issuerIsNotAskedWithoutAnInvoiceAndThatIsSaid() {
        TILL.open();
        page.route("**/invoices", Route::abort);
        TILL.ask("300");
        TILL.tap(FOREIGN);
        verdict("Not charged", "nothing was charged");
        TILL.forgive(text -> text.contains("ERR_FAILED"));
    }

    @Test
    void replayedTapCanBeTriedAgainOnTheSameSale() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        String link = TILL.link(card.chip().tap());
        TILL.ask("100");
        TILL.tap(link);
        verdict("Approved", "1.00 USD");
        page.locator("#next").click();
        TILL.ask("300");
        TILL.tap(link);
        verdict("Declined", "Tap the card again");
        TILL.picture("pos-retry-phone");
        page.locator("#retry").click();
        assertThat(page.locator("#due")).hasText("3.00 USD");
        TILL.tap(link);
        assertThat(page.locator("#result")).isVisible();
        verdict("Declined", "Tap the card again");
        TILL.tap(card);
        verdict("Approved", "3.00 USD");
        assertThat(page.locator("#retry")).isHidden();
        assertThat(shop.balance(card)).isEqualTo("16.00");
    }

    @Test
    void codeThatTheGatewayDoesNotShowIsSaidAndTriedAgain() {
        TILL.open();
        page.route("**/i/*?fragment=1", route -> answer(route, 503, error("overloaded", "Later")));
        TILL.ask("300");
        page.locator("#qr").click();
        verdict("No code", "nobody was asked for money");
        TILL.picture("pos-uncoded-phone");
        page.unroute("**/i/*?fragment=1");
        page.locator("#retry").click();
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        TILL.forgive(text -> text.contains("503"));
    }

    @Test
    void nobodyDeclinesACodeWithoutANetwork() {
        TILL.open();
        TILL.ask("300");
        page.context().setOffline(true);
        page.locator("#qr").click();
        verdict("No code", "nobody was asked for money");
        page.context().setOffline(false);
        TILL.forgive(text -> text.contains("ERR_INTERNET_DISCONNECTED"));
    }

    /** An origin that is not secure lacks much of what browsers have; here the gateway is behind a name. */
    private void plainHttp() {
        page.route("http://till.example/**", route -> {
            String url = route.request()
                    .url()
                    .replace("http://till.example", TILL.gateway().url(""));
            route.fulfill(new Route.FulfillOptions().setResponse(route.fetch(new Route.FetchOptions().setUrl(url))));
        });
        String admin = TILL.gateway().admin();
        page.navigate("http://till.example/pos/" + shop.terminal() + "#key=" + admin);
        assertThat((Boolean) page.evaluate("() => isSecureContext")).isFalse();
    }

    private static void forgivePlainHttp() {
        TILL.forgive(text -> text.contains("till.example") || text.contains("Cross-Origin-Opener-Policy"));
    }

    @Test
    void tillWorksOverPlainHttp() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        plainHttp();
        TILL.ask("300");
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        Tap tap = card.chip().tap();
        page.locator("#tapped").fill("lnurlw://till.example/boltcard?p=" + tap.p() + "&c=" + tap.c());
        page.locator("#tapped").press("Enter");
        verdict("Approved", "3.00 USD");
        page.locator("#next").click();
        page.locator("#last li button").first().click();
        page.locator("#last li button").first().click();
        assertThat(page.locator("#last li").first()).containsText("Refunded");
        forgivePlainHttp();
    }

    /** Terminals keep the browser that they were sold with. */
    @Test
    void tillWorksInABrowserThatCannotGiveUpWaiting() {
        page.addInitScript("delete AbortSignal.timeout");
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        TILL.ask("300");
        TILL.tap(card);
        verdict("Approved", "3.00 USD");
    }

    @Test
    void whatWasNotSentIsNotCharged() {
        plainHttp();
        TILL.ask("300");
        page.evaluate("() => Object.defineProperty(navigator, 'onLine', { get: () => false })");
        page.locator("#tapped").fill("lnurlw://till.example/boltcard?p=1&c=2");
        page.locator("#tapped").press("Enter");
        verdict("Not charged", "nothing was charged");
        forgivePlainHttp();
    }

    @Test
    void refusalsSpeakTheLanguageOfThePage() {
        chinese();
        TILL.open();
        AtomicReference<JsonObject> refusal = new AtomicReference<>();
        page.route("**/lnurl-withdraw", route -> answer(route, 400, refusal.get()));
        for (List<String> said : List.of(
                List.of("url-refused", "The URL's port is not one for the web", "此链接不属于可以收款的卡片"),
                List.of("rate-unavailable", "No rate for BTC_JPY: the market of", "目前没有汇率"),
                List.of("card-refused", "Not enough money", "发卡方拒绝了付款"),
                List.of("unheard-of", "Something new", "网关拒绝了请求（unheard-of）"))) {
            refusal.set(error(said.get(0), said.get(1)));
            TILL.ask("300");
            TILL.tap(FOREIGN);
            String headline = said.getFirst().equals("card-refused") ? "被拒绝" : "未扣款"; // by the card, by the gateway
            assertThat(page.locator("#verdict")).hasText(headline);
            assertThat(page.locator("#detail")).hasText(said.get(2));
            page.locator("#next").click();
        }
        TILL.ask("300");
        page.locator("#tapped").fill("what");
        page.locator("#tapped").press("Enter");
        assertThat(page.locator("#verdict")).hasText("未扣款");
        assertThat(page.locator("#detail")).hasText("这不是卡片显示的内容。请重新刷卡或扫描");
        TILL.picture("pos-refused-phone-zh");
        TILL.forgive(text -> text.contains("400"));
    }

    @Test
    void terminalThatIsSwitchedOffSaysSo() {
        TILL.open();
        String path = "PUT /api/v1/stores/" + shop.store() + "/terminals/" + shop.terminal();
        JsonObject terminal = new JsonObject().put("name", "Till 1").put("category", "food");
        ok(TILL.gateway().ask(path, TILL.gateway().admin(), terminal.copy().put("enabled", false)));
        try {
            TILL.ask("300");
            TILL.tap(TILL.dollars(new JsonObject(), "20.00"));
            verdict("Not charged", "This terminal is switched off");
        } finally {
            ok(TILL.gateway().ask(path, TILL.gateway().admin(), terminal.put("enabled", true)));
        }
        TILL.forgive(text -> text.contains("400"));
    }

    /** It is a key all the same: throwing it away would not help. */
    @Test
    void keyThatMayNotDoSomethingIsKept() {
        JsonObject wanted = new JsonObject()
                .put("label", "till")
                .put("permissions", new JsonArray().add("btcpay.store.canviewinvoices"));
        String weak = ok(TILL.gateway()
                        .ask("POST /api/v1/api-keys", TILL.gateway().admin(), wanted))
                .bodyAsJsonObject()
                .getString("apiKey");
        page.navigate(TILL.gateway().url("/pos/" + shop.terminal() + "#key=" + weak));
        TILL.ask("300");
        TILL.tap(TILL.dollars(new JsonObject(), "20.00"));
        verdict("Not charged", "it lacks btcpay.store.cancreateinvoice");
        TILL.picture("pos-lacks-phone");
        page.reload();
        assertThat(page.locator("#keypad")).isVisible();
        TILL.forgive(text -> text.contains("403"));
    }

    /** What a card paid of what was reserved, and what went back, is what the list says. */
    @Test
    void lastChargesTellPartsThatWereTakenAndGivenBack() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        JsonObject ask = card.tap().put("amount", "10.00").put("currency", "USD");
        String id = ok(shop.ask("POST", "/terminals/" + shop.terminal() + "/authorizations", ask))
                .bodyAsJsonObject()
                .getString("id");
        ok(shop.ask("POST", "/charges/" + id + "/capture", new JsonObject().put("amount", "4.00")));
        TILL.open();
        assertThat(page.locator("#last li").first()).containsText("4.00 USD");
        assertThat(page.locator("#last li").first()).containsText("Paid, of 10.00 USD reserved");
        ok(shop.ask("POST", "/charges/" + id + "/refund", new JsonObject().put("amount", "1.50")));
        page.reload();
        assertThat(page.locator("#last li").first()).containsText("1.50 USD refunded");
        TILL.picture("pos-parts-phone");
        ok(shop.ask("POST", "/charges/" + id + "/refund", new JsonObject()));
        page.reload();
        assertThat(page.locator("#last li").first().locator("span").last()).hasText("Refunded");
    }

    @Test
    void unknownTerminalIsNoInvoice() {
        page.navigate(TILL.gateway().url("/pos/nobody"));
        assertThat(page.locator("main")).containsText("There is no such terminal");
        assertThat(page.locator("main")).not().containsText("invoice");
        TILL.forgive(text -> text.contains("404"));
    }
}
