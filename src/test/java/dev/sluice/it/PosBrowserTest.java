package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The terminal's page and the holder's, in a browser whose card reader is ours. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PosBrowserTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Path PICTURES = Path.of("target", "screenshots");
    /** Stands for Web NFC, which no headless browser has. */
    static final String READER = """
            globalThis.NDEFReader = class extends EventTarget {
              async scan() { globalThis.tapCard = (link) => {
                const event = new Event("reading");
                event.message = { records: [{ recordType: "url", data: new TextEncoder().encode(link) }] };
                this.dispatchEvent(event);
              }; }
            };
            """;

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static Playwright playwright;
    private static Browser browser;

    private final List<String> trouble = new ArrayList<>();
    private BrowserContext context;
    private Page page;

    @BeforeAll
    static void open() {
        String chromium = System.getenv("SLUICE_CHROMIUM");
        if (!"true".equals(System.getenv("CI"))) {
            assumeThat(chromium).as("scripts/test finds the browser").isNotNull();
        }
        gateway = InProcessGateway.start(DATABASE);
        shop = new CardShop(gateway);
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(chromium))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--no-first-run")));
    }

    @AfterAll
    static void close() {
        if (playwright != null) {
            playwright.close();
        }
        if (gateway != null) {
            gateway.close();
        }
    }

    @BeforeEach
    void page() {
        show(new Browser.NewContextOptions().setViewportSize(390, 844));
    }

    @AfterEach
    void nothingWentWrong() {
        context.close();
        assertThat(trouble).isEmpty();
    }

    private void show(Browser.NewContextOptions options) {
        if (context != null) {
            context.close();
        }
        context = browser.newContext(options);
        context.addInitScript(READER);
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                trouble.add(message.text());
            }
        });
        page.onPageError(trouble::add);
        page.onRequest(request -> {
            if (!request.url().startsWith(gateway.url("/")) && !request.url().startsWith("data:")) {
                trouble.add("left the server: " + request.url());
            }
            if (request.url().contains(gateway.admin())) {
                trouble.add("the key is in a URL");
            }
        });
    }

    private void terminal() {
        page.navigate(gateway.url("/pos/" + shop.terminal() + "#key=" + gateway.admin()));
        assertThat(page.locator("#keypad")).isVisible();
        assertThat(page.url()).doesNotContain("key");
    }

    private void type(String digits) {
        digits.chars()
                .forEach(digit ->
                        page.locator("[data-key='" + (char) digit + "']").click());
    }

    private void ask(String digits) {
        type(digits);
        page.locator("#ask").click();
    }

    private void tap(CardShop.Held card) {
        if (page.locator("#nfc").isVisible()) {
            page.locator("#nfc").click();
            assertThat(page.locator("#nfc")).isHidden();
        }
        page.evaluate("link => globalThis.tapCard(link)", link(card.chip().tap()));
    }

    private static String link(Tap tap) {
        return gateway.url("/boltcard?p=").replace("http:", "lnurlw:") + tap.p() + "&c=" + tap.c();
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    private static CardShop.Held dollars(JsonObject terms, String amount) {
        return shop.card(shop.programme(new JsonObject().put("currency", "USD").mergeIn(terms)), amount);
    }

    @Test
    void tapIsApprovedInLargeTypeListedAndRefunded() {
        CardShop.Held card = dollars(new JsonObject(), "50.00");
        terminal();
        type("1234");
        page.locator("[name=tip][value='10']")
                .check(new com.microsoft.playwright.Locator.CheckOptions().setForce(true));
        assertThat(page.locator("#amount")).hasText("13.57 USD");
        picture("pos-keypad-phone");
        page.locator("#ask").click();
        picture("pos-pay-phone");
        tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(page.locator("#detail")).hasText("13.57 USD");
        picture("pos-approved-phone");
        assertThat(shop.balance(card)).isEqualTo("36.43");
        page.locator("#next").click();
        assertThat(page.locator("#last li").first()).containsText("13.57 USD");
        page.locator("#last li button").first().click();
        page.locator("#last li button").first().click();
        assertThat(page.locator("#last li").first()).containsText("Refunded");
        assertThat(shop.balance(card)).isEqualTo("50.00");
        picture("pos-last-phone");
    }

    @Test
    void declineSaysWhyAndTheReaderGoesOnReading() {
        CardShop.Held card = dollars(new JsonObject(), "1.00");
        terminal();
        ask("500");
        tap(card);
        assertThat(page.locator("#verdict")).hasText("Declined");
        assertThat(page.locator("#detail")).hasText("Not enough on the card");
        picture("pos-declined-phone");
        page.locator("#next").click();
        ask("100");
        tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
    }

    @Test
    void pinIsAskedForTheSameTap() {
        CardShop.Held card = dollars(new JsonObject().put("pinFrom", "5.00"), "20.00");
        InProcessGateway.ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "2468")));
        terminal();
        ask("700");
        tap(card);
        page.locator("#pin").fill("1111");
        page.locator("#pinform button").click();
        assertThat(page.locator("#hint")).containsText("Wrong PIN (2)");
        picture("pos-pin-phone");
        page.locator("#pin").fill("2468");
        page.locator("#pinform button").click();
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(shop.balance(card)).isEqualTo("13.00");
    }

    /** The charge takes place and its answer is lost on the way, once or for good: the card is charged once. */
    @Test
    void lostAnswerIsAskedForAgainAndNeverChargedTwice() {
        CardShop.Held card = dollars(new JsonObject(), "20.00");
        terminal();
        AtomicInteger toLose = new AtomicInteger(1);
        page.route("**/charges", route -> {
            if (route.request().method().equals("POST") && toLose.getAndDecrement() > 0) {
                route.fetch();
                route.abort();
            } else {
                route.resume();
            }
        });
        ask("300");
        tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(shop.balance(card)).isEqualTo("17.00");
        page.locator("#next").click();
        toLose.set(Integer.MAX_VALUE);
        ask("400");
        tap(card);
        assertThat(page.locator("#verdict"))
                .hasText("No answer", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
        assertThat(page.locator("#detail")).containsText("not known");
        picture("pos-unknown-phone");
        assertThat(shop.balance(card)).isEqualTo("13.00");
        page.locator("#next").click();
        assertThat(page.locator("#last li").first()).containsText("4.00 USD"); // where the text says to look
        trouble.removeIf(text -> text.contains("ERR_FAILED"));
    }

    @Test
    void pastedLinkPaysTooAndWalletsGetACode() {
        CardShop.Held card = dollars(new JsonObject(), "20.00");
        terminal();
        ask("300");
        page.locator("#tapped").fill(link(card.chip().tap()));
        page.locator("#tapped").press("Enter");
        assertThat(page.locator("#verdict")).hasText("Approved");
        page.locator("#next").click();
        ask("400");
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        picture("pos-code-phone");
    }

    @Test
    void keyThatIsNotGoodIsAskedForAgain() {
        page.navigate(gateway.url("/pos/" + shop.terminal()));
        assertThat(page.locator("#setup")).isVisible();
        picture("pos-setup-phone");
        page.locator("#key").fill("wrong");
        page.locator("#setup button").click();
        assertThat(page.locator("#setup small")).containsText("not accepted");
        trouble.removeIf(text -> text.contains("401")); // the browser logs the refusal
    }

    @Test
    void chineseDarkAndWide() {
        show(new Browser.NewContextOptions()
                .setViewportSize(1280, 900)
                .setLocale("zh-CN")
                .setColorScheme(ColorScheme.DARK));
        terminal();
        ask("999");
        assertThat(page.locator("#hint")).hasText("请刷卡");
        picture("pos-desktop-dark-zh");
    }

    @Test
    void holderSeesAndFreezesTheCard() {
        CardShop.Held card = shop.card(
                shop.programme(new JsonObject().put("limits", new JsonObject().put("daily", "50000"))), "123456");
        shop.charge(card.tap(), "2500");
        Tap tap = card.chip().tap();
        page.navigate(gateway.url("/boltcards/balance?p=" + tap.p() + "&c=" + tap.c()));
        assertThat(page.locator(".balance dt")).hasText("120,956 SATS");
        picture("holder-phone");
        page.locator("form[action='/boltcards/address'] button").click();
        assertThat(page.locator("details code")).containsText("bcrt1");
        picture("holder-address-phone");
        page.locator("form[action='/boltcards/freeze'] button").click();
        assertThat(page.locator("main")).containsText("Frozen");
        assertThat(shop.state(card)).isEqualTo("Frozen");
    }
}
