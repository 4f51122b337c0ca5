package dev.sluice.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The checkout page as a buyer's browser shows it, on a gateway whose networks are simulated. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CheckoutBrowserTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1");
    private static final Path PICTURES = Path.of("target", "screenshots");

    private static GatewayProcess gateway;
    private static WebhookSink sink;
    private static Shop shop;
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
        gateway = new GatewayProcess(
                        DATABASE.config(),
                        GatewayProcess.folder(),
                        Map.of("SLUICE_CHAIN_MODE", "simulated", "SLUICE_LIGHTNING_MODE", "simulated"))
                .start();
        gateway.awaitReady();
        sink = new WebhookSink();
        shop = new Shop(gateway, DATABASE, sink);
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(chromium))
                        .setArgs(ARGUMENTS));
    }

    @AfterAll
    static void close() {
        if (playwright != null) {
            playwright.close();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (sink != null) {
            sink.close();
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
        page = context.newPage();
        page.onConsoleMessage(message -> {
            if (message.type().equals("error")) {
                trouble.add(message.text());
            }
        });
        page.onPageError(trouble::add);
        page.onRequest(request -> {
            boolean own = request.url().startsWith(gateway.url("/").toString())
                    || request.url().startsWith("data:");
            if (!own) {
                trouble.add("left the server: " + request.url());
            }
        });
    }

    private void visit(String path) {
        page.navigate(gateway.url(path).toString());
    }

    private static void pay(String invoice, String rail) {
        gateway.send(HttpRequest.newBuilder(gateway.url("/demo/pay/" + invoice + "?rail=" + rail))
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    private void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    @Test
    void phoneThatReadsCardsPaysWithOne() {
        CardTill.Held card = new CardTill(gateway, DATABASE).card("1000", new Uid("04777777776982"));
        String invoice = shop.invoice(400);
        visit("/i/" + invoice);
        assertThat(page.locator("#card").isVisible()).isFalse(); // this browser reads none
        page.addInitScript(OpenTill.READER);
        visit("/i/" + invoice);
        page.locator("#card-start").click();
        page.waitForSelector("#card-said:has-text('Hold the card')");
        picture("checkout-card");
        String wrong = gateway.url("/boltcard?p=" + "0".repeat(32) + "&c=" + "0".repeat(16))
                .toString();
        page.evaluate("link => globalThis.tapCard(link)", wrong);
        page.waitForSelector("#card-said:has-text('did not pay')");
        trouble.removeIf(line -> line.contains("400 (Bad Request)")); // the browser's own note of the refusal
        var tap = card.chip().tap();
        String link = gateway.url("/boltcard?p=" + tap.p() + "&c=" + tap.c()).toString();
        page.evaluate("link => globalThis.tapCard(link)", link);
        page.waitForSelector("main.settled");
        assertThat(page.locator("#card").isVisible()).isFalse();
        picture("checkout-card-paid");
    }

    @Test
    void phoneShowsAmountCodeAndTimeLeftThenTurnsToPaidByItself() {
        String invoice = shop.invoice(25_000, new JsonObject().put("expirationMinutes", 4)); // it counts down from 5
        visit("/i/" + invoice);
        assertThat(page.locator(".amount").textContent()).isEqualTo("25000 SATS");
        assertThat(page.locator(".simulated").isVisible()).isTrue();
        assertThat(page.locator("a.code").getAttribute("href"))
                .startsWith("bitcoin:bcrt1")
                .contains("amount=0.00025&lightning=lnbcrt");
        assertThat(page.getByRole(AriaRole.IMG).first().getAttribute("aria-label"))
                .contains("QR");
        page.waitForFunction("document.querySelector('.left').textContent.includes(':')");
        picture("checkout-phone");
        pay(invoice, "BTC-LN");
        page.waitForSelector("main.settled");
        assertThat(page.getByRole(AriaRole.STATUS).textContent()).contains("Paid");
        picture("checkout-phone-paid");
    }

    @Test
    void logoAndColourOfTheStoreAreShown() {
        JsonObject plain = shop.settings();
        shop.set(plain.copy().put("logoUrl", PagesTest.PICTURE).put("brandColor", "#F7931A"));
        visit("/i/" + shop.invoice(25_000));
        assertThat(page.evaluate("document.querySelector('.store img').naturalWidth"))
                .isEqualTo(1);
        assertThat(page.evaluate("getComputedStyle(document.querySelector('.button.primary')).backgroundColor"))
                .isEqualTo("rgb(247, 147, 26)");
        picture("checkout-phone-branded");
        shop.set(plain);
    }

    @Test
    void holdersPageWearsTheBrandOfItsProgramme() {
        CardTill.Held card = new CardTill(gateway, DATABASE).card("1000", new Uid("04777777776983"));
        var tap = card.chip().tap();
        visit("/boltcards/balance?p=" + tap.p() + "&c=" + tap.c());
        assertThat(page.evaluate("document.querySelector('.store img').naturalWidth"))
                .isEqualTo(1);
        assertThat(page.evaluate("getComputedStyle(document.querySelector('.button.primary')).backgroundColor"))
                .isEqualTo("rgb(11, 110, 143)");
        picture("card-phone-branded");
    }

    @Test
    void desktopInTheDarkSpeaksChinese() {
        show(new Browser.NewContextOptions().setViewportSize(1280, 800).setColorScheme(ColorScheme.DARK));
        String invoice = shop.invoice(25_000);
        visit("/i/" + invoice + "?lang=zh");
        assertThat(page.locator("html").getAttribute("lang")).isEqualTo("zh");
        assertThat(page.locator("h2").textContent()).isEqualTo("等待付款");
        picture("checkout-desktop-zh-dark");
        pay(invoice, "BTC-CHAIN");
        page.waitForSelector("main.settled");
        assertThat(page.locator("h2").textContent()).isEqualTo("已付款");
    }

    @Test
    void keyboardReachesEveryRailAndCopies() {
        visit("/i/" + shop.invoice(25_000));
        page.locator(".rails a").nth(1).focus();
        page.keyboard().press("Enter");
        page.waitForURL("**/BTC-LN**");
        assertThat(page.locator("a.code").getAttribute("href")).startsWith("lightning:lnbcrt");
        page.locator("[data-copy]").first().focus();
        page.keyboard().press("Enter");
        page.waitForFunction("document.querySelector('[data-copy]').textContent === 'Copied'");
    }

    @Test
    void withoutScriptThePageRefreshesItself() {
        show(new Browser.NewContextOptions().setJavaScriptEnabled(false).setViewportSize(390, 844));
        String invoice = shop.invoice(25_000);
        visit("/i/" + invoice);
        assertThat(page.content()).contains("http-equiv=\"refresh\"");
        pay(invoice, "BTC-LN");
        Eventually.that("the plain page shows it", () -> {
            page.reload();
            return page.locator("main.settled").count() == 1;
        });
        page.getByText("Receipt").click();
        assertThat(page.locator("code").count()).isEqualTo(1);
        picture("receipt");
    }

    @Test
    void documentationSaysThatMoneyIsSimulated() {
        visit("/docs");
        page.waitForSelector(".swagger-ui .info");
        assertThat(page.locator(".simulated").isVisible()).isTrue();
        picture("docs-phone");
    }

    @Test
    void unknownInvoiceIsSaidSo() {
        visit("/i/1ChLRFhMTbd1zoUbrz8msX");
        assertThat(page.locator("h1").textContent()).isEqualTo("There is no such invoice");
        trouble.removeIf(message -> message.contains("404"));
    }
}
