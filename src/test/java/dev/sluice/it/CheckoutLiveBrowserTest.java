package dev.sluice.it;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.Clock;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A checkout page shows what became of its invoice, whatever the way to the gateway does to its requests. */
@Tag("browser")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CheckoutLiveBrowserTest {
    @RegisterExtension
    static final OpenTill TILL = new OpenTill();

    private static final LocatorAssertions.HasClassOptions SOON =
            new LocatorAssertions.HasClassOptions().setTimeout(30_000);

    /** Remembers the streams that the page opens. */
    private static final String STREAMS = """
            globalThis.streams = [];
            globalThis.EventSource = class extends EventSource {
              constructor(url) { super(url); globalThis.streams.push(this); }
            };
            """;

    private Page page;

    @BeforeEach
    void open() {
        page = TILL.page();
    }

    private static String invoice() {
        return TILL.shop()
                .post("/invoices", new JsonObject().put("amount", "1.00"))
                .getString("id");
    }

    private static void pay(String invoice) {
        CardShop shop = TILL.shop();
        JsonObject charge =
                shop.card(shop.programme(new JsonObject()), "100000").tap().put("invoiceId", invoice);
        assertThat(shop.post("/terminals/" + shop.terminal() + "/charges", charge)
                        .getBoolean("approved"))
                .isTrue();
    }

    private void visit(String invoice) {
        page.navigate(TILL.gateway().url("/i/" + invoice));
    }

    private static void showsThatItIsPaid(Page page) {
        assertThat(page.locator("main")).hasClass("settled", SOON);
    }

    private static void answer(Route route, int status) {
        route.fulfill(new Route.FulfillOptions().setStatus(status).setBody("from a proxy"));
    }

    /** Does something to the first requests of a path and lets the others through; counts all. */
    private AtomicInteger first(int count, String path, Consumer<Route> trouble) {
        AtomicInteger seen = new AtomicInteger();
        page.route(path, route -> {
            if (seen.incrementAndGet() <= count) {
                trouble.accept(route);
            } else {
                route.resume();
            }
        });
        return seen;
    }

    private void hide(boolean hidden) {
        page.evaluate(
                "hidden => { Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });"
                        + " document.dispatchEvent(new Event('visibilitychange')); }",
                hidden);
    }

    private Object openStreams() {
        return page.evaluate("streams.filter((s) => s.readyState !== EventSource.CLOSED).length");
    }

    /** A browser gives a stream up for good at the first answer that is not 200. */
    @Test
    void streamThatAProxyRefusedOnceIsLookedPastAndOpenedAgain() {
        String invoice = invoice();
        AtomicInteger streams = first(1, "**/events", route -> answer(route, 502));
        visit(invoice);
        page.waitForCondition(() -> streams.get() == 1);
        page.waitForResponse("**/status", () -> {}); // it looks by itself meanwhile
        page.waitForCondition(() -> streams.get() > 1);
        pay(invoice);
        showsThatItIsPaid(page);
        TILL.forgive(text -> text.contains("502"));
    }

    @Test
    void streamThatIsNeverGivenDoesNotHoldThePageUp() {
        first(Integer.MAX_VALUE, "**/events", route -> answer(route, 503));
        String invoice = invoice();
        visit(invoice);
        pay(invoice);
        showsThatItIsPaid(page);
        TILL.forgive(text -> text.contains("503"));
    }

    /** What a proxy does that collects an answer before it passes it on. */
    @Test
    void streamThatOpensAndTellsNothingDoesNotHoldThePageUp() {
        page.addInitScript("globalThis.EventSource = class extends EventTarget { readyState = 1; close() {} };");
        String invoice = invoice();
        visit(invoice);
        pay(invoice);
        showsThatItIsPaid(page);
    }

    @Test
    void changeThatCouldNotBeFetchedIsFetchedAgain() {
        AtomicInteger fetched = first(3, "**/*fragment=1*", Route::abort);
        String invoice = invoice();
        visit(invoice);
        pay(invoice);
        showsThatItIsPaid(page);
        assertThat(fetched).hasValueGreaterThan(3);
        page.unroute("**/*fragment=1*");
        first(2, "**/*fragment=1*", route -> answer(route, 503));
        String second = invoice();
        visit(second);
        pay(second);
        showsThatItIsPaid(page);
        TILL.forgive(text -> text.contains("ERR_FAILED") || text.contains("503"));
    }

    /** Over HTTP/1.1 a browser has six connections to a host, for all its tabs. */
    @Test
    void tabsOfPaidInvoicesLeaveTheBrowserItsConnections() {
        List<Page> tabs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            String invoice = invoice();
            Page tab = page.context().newPage();
            tab.navigate(TILL.gateway().url("/i/" + invoice));
            pay(invoice);
            showsThatItIsPaid(tab);
            tabs.add(tab);
        }
        visit(invoice());
        assertThat(page.locator("main")).hasClass("new");
        tabs.forEach(Page::close);
    }

    @Test
    void hiddenPageHearsNothingAndLooksWhenItIsSeenAgain() {
        page.addInitScript(STREAMS);
        String invoice = invoice();
        visit(invoice);
        page.waitForCondition(() -> Integer.valueOf(1).equals(openStreams()));
        hide(true);
        assertThat(openStreams()).isEqualTo(0);
        pay(invoice);
        assertThat(page.locator("main")).hasClass("new");
        hide(false);
        showsThatItIsPaid(page);
        assertThat(openStreams()).isEqualTo(0);
    }

    @Test
    void pageOfAnInvoiceThatIsDecidedOpensNoStream() {
        page.addInitScript(STREAMS);
        String invoice = invoice();
        pay(invoice);
        visit(invoice);
        showsThatItIsPaid(page);
        assertThat(page.evaluate("streams.length")).isEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {-3, 3})
    void countdownIsTheGatewaysWhateverThePhonesClock(int hoursAhead) {
        String invoice = TILL.shop()
                .post(
                        "/invoices",
                        new JsonObject()
                                .put("amount", "1.00")
                                .put("checkout", new JsonObject().put("expirationMinutes", 4)))
                .getString("id");
        long phones = System.currentTimeMillis() + hoursAhead * 3_600_000L;
        page.clock().install(new Clock.InstallOptions().setTime(phones));
        visit(invoice);
        assertThat(page.locator(".left")).hasText(Pattern.compile("3:[0-5][0-9] left"));
    }

    @Test
    void buttonPressedTwiceSaysAgainWhatItDoes() {
        visit(invoice());
        page.locator("[data-copy]").first().dblclick();
        assertThat(page.locator("[data-copy]").first()).hasText("Copied");
        assertThat(page.locator("[data-copy]").first()).hasText("Copy");
    }

    /** A screen reader tells what changes in a region that it knows, and a keyboard goes on from where it was. */
    @Test
    void stateIsToldInItsPlaceAndTheFocusGoesThere() {
        String invoice = invoice();
        visit(invoice);
        page.evaluate("globalThis.before = document.querySelector('.state')");
        page.locator("[data-copy]").first().focus();
        pay(invoice);
        showsThatItIsPaid(page);
        assertThat(page.evaluate("before === document.querySelector('.state') && before.textContent.includes('Paid')"))
                .isEqualTo(true);
        assertThat(page.evaluate("document.activeElement === before")).isEqualTo(true);
    }

    @Test
    void focusStaysOnTheButtonThatIsStillThere() {
        visit(invoice());
        page.route("**/*fragment=1*", route -> {
            APIResponse same = route.fetch();
            String next = same.text().replaceFirst("data-version=\"[0-9]+\"", "data-version=\"99\"");
            route.fulfill(new Route.FulfillOptions().setResponse(same).setBody(next));
        });
        page.route("**/status", route -> route.fulfill(new Route.FulfillOptions().setBody("{\"version\":99}")));
        page.locator("[data-copy]").nth(1).focus();
        hide(true);
        hide(false);
        assertThat(page.locator("main")).hasAttribute("data-version", "99");
        assertThat(page.locator("[data-copy]").nth(1)).isFocused();
    }
}
