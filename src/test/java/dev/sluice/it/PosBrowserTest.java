package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.ColorScheme;
import dev.sluice.card.ntag424.Tap;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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
    static final OpenTill TILL = new OpenTill();

    private CardShop shop;
    private Page page;

    @BeforeEach
    void open() {
        shop = TILL.shop();
        page = TILL.page();
    }

    @Test
    void tapIsApprovedInLargeTypeListedAndRefunded() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "50.00");
        TILL.open();
        TILL.type("1234");
        page.locator("[name=tip][value='10']")
                .check(new com.microsoft.playwright.Locator.CheckOptions().setForce(true));
        assertThat(page.locator("#amount")).hasText("13.57 USD");
        TILL.picture("pos-keypad-phone");
        page.locator("#ask").click();
        TILL.picture("pos-pay-phone");
        TILL.tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(page.locator("#detail")).hasText("13.57 USD");
        TILL.picture("pos-approved-phone");
        assertThat(shop.balance(card)).isEqualTo("36.43");
        page.locator("#next").click();
        assertThat(page.locator("#last li").first()).containsText("13.57 USD");
        page.locator("#last li button").first().click();
        page.locator("#last li button").first().click();
        assertThat(page.locator("#last li").first()).containsText("Refunded");
        assertThat(shop.balance(card)).isEqualTo("50.00");
        TILL.picture("pos-last-phone");
    }

    @Test
    void declineSaysWhyAndTheReaderGoesOnReading() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "1.00");
        TILL.open();
        TILL.ask("500");
        TILL.tap(card);
        assertThat(page.locator("#verdict")).hasText("Declined");
        assertThat(page.locator("#detail")).hasText("Not enough on the card");
        TILL.picture("pos-declined-phone");
        page.locator("#next").click();
        TILL.ask("100");
        TILL.tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
    }

    @Test
    void pinIsAskedForTheSameTap() {
        CardShop.Held card = TILL.dollars(new JsonObject().put("pinFrom", "5.00"), "20.00");
        InProcessGateway.ok(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", "2468")));
        TILL.open();
        TILL.ask("700");
        TILL.tap(card);
        page.locator("#pin").fill("1111");
        page.locator("#pinform button").click();
        assertThat(page.locator("#hint")).containsText("Wrong PIN (2)");
        TILL.picture("pos-pin-phone");
        page.locator("#pin").fill("2468");
        page.locator("#pinform button").click();
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(shop.balance(card)).isEqualTo("13.00");
    }

    /** The charge takes place and its answer is lost on the way, once or for good: the card is charged once. */
    @Test
    void lostAnswerIsAskedForAgainAndNeverChargedTwice() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        AtomicInteger toLose = new AtomicInteger(1);
        page.route("**/charges", route -> {
            if (route.request().method().equals("POST") && toLose.getAndDecrement() > 0) {
                route.fetch();
                route.abort();
            } else {
                route.resume();
            }
        });
        TILL.ask("300");
        TILL.tap(card);
        assertThat(page.locator("#verdict")).hasText("Approved");
        assertThat(shop.balance(card)).isEqualTo("17.00");
        page.locator("#next").click();
        toLose.set(Integer.MAX_VALUE);
        TILL.ask("400");
        TILL.tap(card);
        assertThat(page.locator("#verdict"))
                .hasText("No answer", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
        assertThat(page.locator("#detail")).containsText("not known");
        TILL.picture("pos-unknown-phone");
        assertThat(shop.balance(card)).isEqualTo("13.00");
        page.locator("#next").click();
        assertThat(page.locator("#last li").first()).containsText("4.00 USD"); // where the text says to look
        TILL.forgive(text -> text.contains("ERR_FAILED"));
    }

    @Test
    void pastedLinkPaysTooAndWalletsGetACode() {
        CardShop.Held card = TILL.dollars(new JsonObject(), "20.00");
        TILL.open();
        TILL.ask("300");
        page.locator("#tapped").fill(TILL.link(card.chip().tap()));
        page.locator("#tapped").press("Enter");
        assertThat(page.locator("#verdict")).hasText("Approved");
        page.locator("#next").click();
        TILL.ask("400");
        page.locator("#qr").click();
        assertThat(page.locator("#code svg")).isVisible();
        TILL.picture("pos-code-phone");
    }

    @Test
    void keyThatIsNotGoodIsAskedForAgain() {
        page.navigate(TILL.gateway().url("/pos/" + shop.terminal()));
        assertThat(page.locator("#setup")).isVisible();
        TILL.picture("pos-setup-phone");
        page.locator("#key").fill("wrong");
        page.locator("#setup button").click();
        assertThat(page.locator("#setup small")).containsText("not accepted");
        TILL.forgive(text -> text.contains("401")); // the browser logs the refusal
    }

    @Test
    void chineseDarkAndWide() {
        TILL.show(new Browser.NewContextOptions()
                .setViewportSize(1280, 900)
                .setLocale("zh-CN")
                .setColorScheme(ColorScheme.DARK));
        page = TILL.page();
        TILL.open();
        TILL.ask("999");
        assertThat(page.locator("#hint")).hasText("请刷卡");
        TILL.picture("pos-desktop-dark-zh");
    }

    @Test
    void holderSeesAndFreezesTheCard() {
        CardShop.Held card = shop.card(
                shop.programme(new JsonObject().put("limits", new JsonObject().put("daily", "50000"))), "123456");
        shop.charge(card.tap(), "2500");
        Tap tap = card.chip().tap();
        page.navigate(TILL.gateway().url("/boltcards/balance?p=" + tap.p() + "&c=" + tap.c()));
        assertThat(page.locator(".balance dt")).hasText("120,956 SATS");
        TILL.picture("holder-phone");
        page.locator("form[action='/boltcards/address'] button").click();
        assertThat(page.locator("details code")).containsText("bcrt1");
        TILL.picture("holder-address-phone");
        page.locator("form[action='/boltcards/freeze'] button").click();
        assertThat(page.locator("main")).containsText("Frozen");
        assertThat(shop.state(card)).isEqualTo("Frozen");
    }
}
