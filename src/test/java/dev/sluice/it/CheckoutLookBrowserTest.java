package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.Media;
import dev.sluice.card.ntag424.Tap;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages can be read whatever the brand's colour, the size of the text and the paper. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CheckoutLookBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    /** WCAG's contrast ratio of a computed colour of an element and the card below it. */
    private static final String CONTRAST = """
            ([selector, property]) => {
              const light = (colour) => colour.match(/[0-9.]+/g).slice(0, 3)
                .map((part) => part / 255)
                .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
                .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0.05);
              const of = getComputedStyle(document.querySelector(selector))[property];
              const below = getComputedStyle(document.querySelector("main")).backgroundColor;
              const [a, b] = [light(of), light(below)];
              return Math.max(a, b) / Math.min(a, b);
            }
            """;

    private static void set(JsonObject settings) {
        InProcessGateway.ok(TILL.gateway()
                .ask(
                        "PUT /api/v1/stores/" + TILL.shop().store(),
                        TILL.gateway().admin(),
                        settings.copy().put("name", "Shop")));
    }

    @AfterEach
    void plain() {
        set(new JsonObject());
    }

    private static String invoice(String amount) {
        return TILL.shop()
                .post("/invoices", new JsonObject().put("amount", amount))
                .getString("id");
    }

    private static Page visit(String path) {
        TILL.page().navigate(TILL.gateway().url(path));
        return TILL.page();
    }

    private static double contrast(String selector, String property) {
        return ((Number) TILL.page().evaluate(CONTRAST, new String[] {selector, property})).doubleValue();
    }

    @ParameterizedTest
    @CsvSource({"#FFFFFF, LIGHT", "#000000, DARK", "#0B6E4F, DARK", "#F7931A, LIGHT"})
    void choiceFocusAndEdgesShowInEveryBrand(String brand, ColorScheme scheme) {
        TILL.show(new Browser.NewContextOptions().setViewportSize(390, 844).setColorScheme(scheme));
        set(new JsonObject().put("brandColor", brand));
        Page page = visit("/i/" + invoice("1.00"));
        page.keyboard().press("Tab");
        assertThat(page.locator(".rails a").first()).isFocused();
        assertThat(contrast(".rails a[aria-current=page]", "borderTopColor")).isGreaterThan(3);
        assertThat(contrast(":focus-visible", "outlineColor")).isGreaterThan(3);
        double fill = contrast(".button.primary", "backgroundColor");
        double edge = contrast(".button.primary", "borderTopColor");
        assertThat(Math.max(fill, edge)).isGreaterThan(3);
        TILL.picture(
                "checkout-brand-" + brand.substring(1) + "-" + scheme.name().toLowerCase());
        visit("/pos/" + TILL.shop().terminal() + "#key=" + TILL.gateway().admin());
        assertThat(page.locator("#keypad")).isVisible();
        assertThat(contrast("[name=tip]:checked + span", "borderTopColor")).isGreaterThan(3);
    }

    @Test
    void printedReceiptSaysThatItsNetworkIsSimulated() {
        String invoice = invoice("1.00");
        CardShop shop = TILL.shop();
        JsonObject charge =
                shop.card(shop.programme(new JsonObject()), "100000").tap().put("invoiceId", invoice);
        shop.post("/terminals/" + shop.terminal() + "/charges", charge);
        Page page = visit("/i/" + invoice + "/receipt");
        page.emulateMedia(new Page.EmulateMediaOptions().setMedia(Media.PRINT));
        assertThat(page.locator(".simulated")).isVisible();
        TILL.picture("receipt-print");
    }

    @Test
    void largeTextOnASmallPhoneStaysOnThePage() {
        TILL.show(new Browser.NewContextOptions().setViewportSize(320, 640));
        Page page = visit("/i/" + invoice("1.00"));
        enlarge();
        staysOnThePage();
        assertThat(lines(".facts .amount")).isLessThanOrEqualTo(2);
        TILL.picture("checkout-large-text");
        CardShop shop = TILL.shop();
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "123456");
        shop.charge(card.tap(), "2500");
        Tap tap = card.chip().tap();
        visit("/boltcards/balance?p=" + tap.p() + "&c=" + tap.c());
        assertThat(page.locator(".payments tr")).hasCount(2);
        enlarge();
        staysOnThePage();
        TILL.picture("holder-large-text");
    }

    private static void enlarge() {
        TILL.page().evaluate("document.documentElement.style.fontSize = '200%'");
    }

    private static void staysOnThePage() {
        assertThat((int) TILL.page().evaluate("document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
    }

    private static int lines(String selector) {
        return (int) TILL.page().evaluate("""
                selector => {
                  const element = document.querySelector(selector);
                  const line = parseFloat(getComputedStyle(element).lineHeight);
                  return Math.round(element.getBoundingClientRect().height / line);
                }
                """, selector);
    }
}
