package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.microsoft.playwright.Browser;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.BoundingBox;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The second of two taps touches what the first one brought there; fingers, keys and the focus of the keyboard. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class PosTouchBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private Page page;
    private CDPSession fingers;

    @BeforeEach
    void open() {
        TILL.show(new Browser.NewContextOptions().setViewportSize(390, 844).setHasTouch(true));
        page = TILL.page();
        fingers = page.context().newCDPSession(page);
        TILL.open();
    }

    /** Two taps at one place, the second as soon as the page has taken the first. */
    private void tapTwice(Locator target) {
        target.scrollIntoViewIfNeeded();
        target.click(new Locator.ClickOptions().setTrial(true)); // waits until it takes taps
        BoundingBox box = target.boundingBox();
        JsonObject point = new JsonObject();
        point.addProperty("x", box.x + box.width / 2);
        point.addProperty("y", box.y + box.height / 2);
        for (int tap = 0; tap < 2; tap++) {
            JsonArray points = new JsonArray();
            points.add(point);
            touch("touchStart", points);
            touch("touchEnd", new JsonArray());
        }
    }

    private void touch(String type, JsonArray points) {
        JsonObject event = new JsonObject();
        event.addProperty("type", type);
        event.add("touchPoints", points);
        fingers.send("Input.dispatchTouchEvent", event);
    }

    @Test
    void chargeTappedTwiceEndsNoSale() {
        TILL.type("1234");
        tapTwice(page.locator("#ask"));
        settled();
        assertThat(page.locator("#pay")).isVisible();
        assertThat(page.locator("#due")).hasText("12.34 USD");
    }

    /** Everything is where the second tap may meet it, wherever the screens put their buttons. */
    @Test
    void secondTapsReachNothingOfTheNextScreen() {
        for (String button : new String[] {"#cancel", "#next"}) {
            TILL.ask("500");
            if (button.equals("#next")) {
                TILL.tap(TILL.dollars(new io.vertx.core.json.JsonObject(), "20.00"));
                assertThat(page.locator("#verdict")).hasText("Approved");
            }
            page.locator(button).click(new Locator.ClickOptions().setTrial(true));
            together(button, "[data-key='5']", "[name=tip][value='10']", "#forget");
            settled();
            assertThat(page.locator("#amount")).hasText("0.00 USD");
            assertThat(page.locator("[name=tip]:checked")).hasValue("0");
            assertThat(page.locator("#keypad")).isVisible();
        }
    }

    /** Clicks of a pointer, one after another in one go. */
    private void together(String... targets) {
        page.evaluate("""
                (targets) => {
                  for (const target of targets) {
                    const click = { bubbles: true, cancelable: true, detail: 1, pointerType: "touch" };
                    document.querySelector(target).dispatchEvent(new PointerEvent("click", click));
                  }
                }
                """, targets);
    }

    /** Taps are taken again. */
    private void settled() {
        assertThat(page.locator("#pos")).not().hasClass(java.util.regex.Pattern.compile("fresh"));
    }

    @Test
    void refundTappedTwiceIsAQuestion() {
        CardShop.Held card = TILL.dollars(new io.vertx.core.json.JsonObject(), "50.00");
        TILL.ask("500");
        TILL.tap(card);
        page.locator("#next").click();
        Locator refund = page.locator("#last li button").first();
        tapTwice(refund);
        assertThat(refund).hasText("Really refund");
        assertThat(refund).not().hasClass(java.util.regex.Pattern.compile("fresh"));
        assertThat(page.locator("#last li").first()).containsText("Paid");
        TILL.picture("pos-refund-question-phone");
        assertThat(refund)
                .hasText("Refund", new LocatorAssertions.HasTextOptions().setTimeout(30_000)); // nobody meant it
        refund.click();
        refund.click();
        assertThat(page.locator("#last li").first()).containsText("Refunded");
        assertThat(TILL.shop().balance(card)).isEqualTo("50.00");
    }

    @Test
    void shortcutsOfTheBrowserTypeNothing() {
        page.keyboard().press("7");
        for (String shortcut : new String[] {"Control+0", "Alt+5", "Meta+5", "Control+Backspace"}) {
            page.keyboard().press(shortcut);
        }
        assertThat(page.locator("#amount")).hasText("0.07 USD");
    }

    @Test
    void focusStaysWithinTheTillAndHintsAreTold() {
        TILL.ask("500");
        assertThat(page.locator("#hint")).hasAttribute("role", "status");
        TILL.tap(TILL.dollars(new io.vertx.core.json.JsonObject(), "20.00"));
        assertThat(page.locator("#next")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("#keypad")).isFocused();
        page.keyboard().press("Enter");
        page.keyboard().press("5");
        assertThat(page.locator("#amount")).hasText("0.05 USD");
    }
}
