package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.TestDatabase;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A till in a browser of the size of a phone, whose card reader is ours, at a gateway of its own; a page that complains
 * or leaves the server fails its test. Register it as a static field.
 */
final class OpenTill implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {
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

    /** The page waits a tenth of its seconds, but for the six that a question stands: what it says then counts. */
    private static final String HURRY = """
            const wait = setTimeout;
            globalThis.setTimeout = (act, ms, ...rest) =>
              wait(act, ms >= 1000 && ms !== 6000 ? ms / 10 : ms, ...rest);
            """;

    private static final Path PICTURES = Path.of("target", "screenshots");

    private final TestDatabase database = new TestDatabase();
    private final List<String> trouble = new ArrayList<>();
    private InProcessGateway gateway;
    private CardShop shop;
    private Playwright playwright;
    private Browser browser;
    private BrowserContext context;
    private Page page;

    @Override
    public void beforeAll(ExtensionContext test) {
        String chromium = System.getenv("SLUICE_CHROMIUM");
        if (!"true".equals(System.getenv("CI"))) {
            assumeThat(chromium).as("scripts/test finds the browser").isNotNull();
        }
        database.beforeAll(test);
        gateway = InProcessGateway.start(database);
        shop = new CardShop(gateway);
        playwright = Playwright.create();
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of(chromium))
                        .setArgs(List.of("--no-sandbox", "--disable-gpu", "--no-first-run")));
    }

    @Override
    public void afterAll(ExtensionContext test) {
        if (playwright != null) {
            playwright.close();
        }
        if (gateway != null) {
            gateway.close();
            database.afterAll(test);
        }
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        trouble.clear();
        show(new Browser.NewContextOptions().setViewportSize(390, 844));
    }

    @Override
    public void afterEach(ExtensionContext test) {
        context.close();
        context = null;
        assertThat(trouble).isEmpty();
    }

    /** Begins again in another window. */
    void show(Browser.NewContextOptions options) {
        if (context != null) {
            context.close();
        }
        context = browser.newContext(options);
        context.addInitScript(READER);
        context.addInitScript(HURRY);
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

    /** What the browser says of an answer that the test provoked. */
    void forgive(Predicate<String> expected) {
        trouble.removeIf(expected);
    }

    InProcessGateway gateway() {
        return gateway;
    }

    CardShop shop() {
        return shop;
    }

    Page page() {
        return page;
    }

    void open() {
        page.navigate(gateway.url("/pos/" + shop.terminal() + "#key=" + gateway.admin()));
        assertThat(page.locator("#keypad")).isVisible();
        assertThat(page.url()).doesNotContain("key");
    }

    void type(String digits) {
        digits.chars()
                .forEach(digit ->
                        page.locator("[data-key='" + (char) digit + "']").click());
    }

    void ask(String digits) {
        type(digits);
        page.locator("#ask").click();
    }

    void tap(CardShop.Held card) {
        tap(link(card.chip().tap()));
    }

    /** Holds a card to the reader that shows a link. */
    void tap(String link) {
        if (page.locator("#nfc").isVisible()) {
            page.locator("#nfc").click();
            assertThat(page.locator("#nfc")).isHidden();
        }
        page.evaluate("link => globalThis.tapCard(link)", link);
    }

    String link(Tap tap) {
        return gateway.url("/boltcard?p=").replace("http:", "lnurlw:") + tap.p() + "&c=" + tap.c();
    }

    void picture(String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(PICTURES.resolve(name + ".png"))
                .setFullPage(true));
    }

    CardShop.Held dollars(JsonObject terms, String amount) {
        return shop.card(shop.programme(new JsonObject().put("currency", "USD").mergeIn(terms)), amount);
    }
}
