package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.Tap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What pages show of the settings of stores and programmes, and what all of them show. */
class PagesTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    /** One red point. */
    static final String PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4"
            + "z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC";

    private static final String TO_PAY = "<dt>To pay</dt><dd>([0-9.]+) BTC</dd>";

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
        shop = new CardShop(gateway);
        store = shop.storeId();
    }

    @BeforeEach
    void plain() {
        set(new JsonObject());
    }

    /** The settings as they are answered. */
    private static JsonObject set(JsonObject settings) {
        return InProcessGateway.ok(gateway.ask(
                        "PUT /api/v1/stores/" + store,
                        gateway.admin(),
                        settings.copy().put("name", "Shop")))
                .bodyAsJsonObject();
    }

    private static String invoice(JsonObject wanted) {
        return gateway.made(
                "/api/v1/stores/" + store + "/invoices", wanted.copy().put("amount", "1.00"));
    }

    /** An invoice that a card paid. */
    private static String paid(JsonObject wanted) {
        String invoice = invoice(wanted);
        JsonObject charge =
                shop.card(shop.programme(new JsonObject()), "100000").tap().put("invoiceId", invoice);
        assertThat(shop.post("/terminals/" + shop.terminal() + "/charges", charge)
                        .getBoolean("approved"))
                .isTrue();
        return invoice;
    }

    /** Where a page sends whoever asks for it. */
    private static String elsewhere(String path) {
        HttpResponse<Buffer> answer = gateway.ask("GET " + path, null, null);
        assertThat(answer.statusCode()).isEqualTo(303);
        return answer.getHeader("Location");
    }

    private static String page(String path) {
        return InProcessGateway.ok(gateway.ask("GET " + path, null, null)).bodyAsString();
    }

    @Test
    void checkoutShowsTheLogoThatTheStoreGaveItself() {
        String invoice = invoice(new JsonObject());
        JsonObject settings = set(new JsonObject().put("logoUrl", PICTURE));
        assertThat(settings.getString("logoUrl")).isEqualTo(PICTURE);
        assertThat(page("/i/" + invoice)).contains("<img src=\"" + PICTURE + "\"");
    }

    @Test
    void logoElsewhereIsKeptAndNotLoaded() {
        String invoice = invoice(new JsonObject());
        JsonObject settings = set(new JsonObject().put("logoUrl", "https://shop.example/logo.png"));
        assertThat(settings.getString("logoUrl")).isEqualTo("https://shop.example/logo.png");
        assertThat(page("/i/" + invoice)).doesNotContain("<img").doesNotContain("shop.example");
    }

    @Test
    void checkoutShowsTheStoresFirstMethodAndAllOnes() {
        set(new JsonObject().put("defaultPaymentMethod", "BTC-LN"));
        String invoice = invoice(new JsonObject());
        assertThat(page("/i/" + invoice)).contains("<a class=\"code\" href=\"lightning:lnbcrt");
        assertThat(page("/i/" + invoice + "/any")).contains("<a class=\"code\" href=\"bitcoin:bcrt1");
        set(new JsonObject());
        assertThat(page("/i/" + invoice(new JsonObject()))).contains("<a class=\"code\" href=\"bitcoin:bcrt1");
    }

    @Test
    void methodThatTheCriteriaLeaveOutIsSaidSo() {
        JsonObject least = new JsonObject()
                .put("paymentMethodId", "BTC-CHAIN")
                .put("amount", "20")
                .put("currencyCode", "USD")
                .put("above", true);
        set(new JsonObject().put("paymentMethodCriteria", new JsonArray().add(least)));
        String invoice = invoice(new JsonObject());
        assertThat(page("/i/" + invoice))
                .contains("Only for amounts from 20 USD")
                .doesNotContain("bitcoin:bcrt1");
        assertThat(page("/i/" + invoice + "?lang=zh"))
                .contains("仅限金额不低于 20 USD")
                .doesNotContain("Only for");
        least.put("amount", "0.5").put("above", false);
        set(new JsonObject().put("paymentMethodCriteria", new JsonArray().add(least)));
        String other = invoice(new JsonObject());
        assertThat(page("/i/" + other)).contains("Only for amounts up to 0.5 USD");
        assertThat(page("/i/" + other + "?lang=zh")).contains("仅限金额不超过 0.5 USD");
    }

    /** What is to be paid is what the code and the wallet's link ask for. */
    @Test
    void whatIsToPayIsThatOfTheRail() {
        set(new JsonObject().put("networkFeeMode", "Always"));
        String invoice = invoice(new JsonObject());
        String chain = page("/i/" + invoice + "/BTC-CHAIN");
        String asked = first("href=\"bitcoin:[^?]*\\?amount=([0-9.]+)", chain);
        assertThat(asked).matches("0\\.[0-9]{1,8}");
        assertThat(first(TO_PAY, chain)).isEqualTo(asked);
        assertThat(first(TO_PAY, page("/i/" + invoice))).isEqualTo(asked);
        String lightning = page("/i/" + invoice + "/BTC-LN");
        assertThat(first(TO_PAY, lightning)).isEqualTo(first("Lightning invoice · ([0-9.]+) BTC", lightning));
        assertThat(new BigDecimal(first(TO_PAY, lightning))).isLessThan(new BigDecimal(asked));
    }

    private static String first(String pattern, String page) {
        Matcher matcher = Pattern.compile(pattern).matcher(page);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    /** What the browser likes best comes first, wherever it stands; what it does not want is not shown. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                zh-CN,en;q=0.9        | zh
                en;q=0.2, zh-Hans     | zh
                zh;q=0.5,*;q=0.1,en   | en
                zh;q=0,en;q=0.1       | en
                fr, zh;q=0            | en
                zh;q=a                | zh
                ,;q,,                 | en
                """)
    void pagesAreInTheLanguageThatTheBrowserLikesBest(String header, String language) {
        String page = InProcessGateway.ok(await(gateway.request("GET /pos/" + shop.terminal())
                        .putHeader("Accept-Language", header)
                        .send()))
                .bodyAsString();
        assertThat(page).contains("<html lang=\"" + language);
    }

    @Test
    void languageOutlivesTheFormsOfPages() {
        String lazy = invoice(new JsonObject().put("checkout", new JsonObject().put("lazyPaymentMethods", true)));
        String form = first("<form method=\"post\" action=\"([^\"]+)\"", page("/i/" + lazy + "/BTC-LN?lang=zh"));
        assertThat(sent(form, "")).isEqualTo("/i/" + lazy + "/BTC-LN?lang=zh");
        assertThat(sent(form.replace("zh", "zh%0d%0aX:1"), "")).isEqualTo("/i/" + lazy + "/BTC-LN");
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "100");
        String holder = balance(card);
        assertThat(page(holder + "&lang=zh")).contains("<input type=\"hidden\" name=\"lang\" value=\"zh\">");
        String proof = holder.substring(holder.indexOf('?') + 1);
        assertThat(sent("/boltcards/address", proof + "&lang=zh")).isEqualTo(holder + "&lang=zh");
        assertThat(sent("/boltcards/freeze", proof + "&lang=zh")).isEqualTo(holder + "&lang=zh");
        assertThat(sent("/boltcards/freeze", proof + "&lang=x%0d%0aX:1")).isEqualTo(holder);
    }

    /** Where the answer to a form leads. */
    private static String sent(String path, String fields) {
        HttpResponse<Buffer> answer = await(gateway.request("POST " + path)
                .putHeader("Content-Type", "application/x-www-form-urlencoded")
                .sendBuffer(Buffer.buffer(fields)));
        assertThat(answer.statusCode()).isEqualTo(303);
        return answer.getHeader("Location");
    }

    @ParameterizedTest
    @CsvSource({
        "ffffff, #000",
        "000000, #fff",
        "00ee00, #000",
        "00c853, #000",
        "ff5722, #000",
        "0b6e4f, #fff",
        "767676, #000"
    })
    void brandsColourIsWrittenOnInTheInkThatReadsBetter(String colour, String ink) {
        assertThat(page("/static/brand/" + colour + ".css")).contains("--on-brand:" + ink + "}");
    }

    @Test
    void headerButtonTitleAndTimerAreTheStoresOwn() {
        String plain = page("/i/" + invoice(new JsonObject()));
        set(new JsonObject()
                .put("showStoreHeader", false)
                .put("showPayInWalletButton", false)
                .put("htmlTitle", "Pay <here>")
                .put("displayExpirationTimer", 120));
        String page = page("/i/" + invoice(new JsonObject()));
        assertThat(page)
                .contains("<title>Pay &lt;here&gt;</title>")
                .contains("data-from=\"120\"")
                .doesNotContain("class=\"store\"")
                .doesNotContain("class=\"button primary\"");
        assertThat(plain).contains("class=\"store\"", "class=\"button primary\"", "data-from=\"300\"");
    }

    @Test
    void buyersFindTheWayToTheShopAndToItsHelp() {
        String asks = "mailto:help@shop.example?subject={OrderId}/{InvoiceId}";
        set(new JsonObject().put("website", "https://shop.example/home").put("supportUrl", asks));
        String invoice = invoice(new JsonObject().put("metadata", new JsonObject().put("orderId", "7 &x")));
        String help = "href=\"mailto:help@shop.example?subject=7%20%26x/" + invoice + "\"";
        assertThat(page("/i/" + invoice)).contains(help).doesNotContain("https://shop.example/home");
        gateway.post("/api/v1/invoices/" + invoice + "/status", new JsonObject().put("status", "Settled"));
        assertThat(page("/i/" + invoice)).contains(help, "href=\"https://shop.example/home\"");
        assertThat(page("/i/" + invoice + "/receipt")).contains(help);
    }

    @Test
    void theInvoicesOwnWayBackGoesFirst() {
        set(new JsonObject().put("website", "https://shop.example/home"));
        JsonObject back = new JsonObject().put("redirectURL", "https://shop.example/order");
        String invoice = invoice(new JsonObject().put("checkout", back));
        gateway.post("/api/v1/invoices/" + invoice + "/cancel", new JsonObject());
        assertThat(page("/i/" + invoice))
                .contains("href=\"https://shop.example/order\"", "Cancelled", "The store cancelled this invoice.")
                .doesNotContain("shop.example/home", "did not become valid");
    }

    @Test
    void lightningIsAskedForInSatoshiWhereTheStoreWants() {
        String plain = page("/i/" + invoice(new JsonObject()));
        set(new JsonObject().put("lightningAmountInSatoshi", true));
        String page = page("/i/" + invoice(new JsonObject()));
        assertThat(plain).doesNotContainPattern("Lightning invoice · [0-9.]+ sat");
        assertThat(page)
                .containsPattern("Lightning invoice · [0-9]+(\\.[0-9]{1,3})? sat<")
                .containsPattern("Address · 0\\.[0-9]+ BTC<");
    }

    @Test
    void feeIsRecommendedUnlessTheStoreSaysNo() {
        String invoice = invoice(new JsonObject());
        assertThat(page("/i/" + invoice)).containsPattern("<small>Recommended fee: [0-9.]+ sat/vB</small>");
        assertThat(page("/i/" + invoice + "/BTC-LN")).doesNotContain("Recommended fee");
        set(new JsonObject().put("showRecommendedFee", false));
        assertThat(page("/i/" + invoice)).doesNotContain("Recommended fee");
    }

    @Test
    void receiptShowsWhatTheStoreOrTheInvoiceWants() {
        String shown = paid(new JsonObject());
        assertThat(page("/i/" + shown)).contains("/i/" + shown + "/receipt");
        assertThat(page("/i/" + shown + "/receipt"))
                .contains("class=\"qr\"", "<code>", "Scan to keep this receipt", "1 BTC = ");

        JsonObject little = new JsonObject().put("showQR", false).put("showPayments", false);
        set(new JsonObject().put("receipt", little));
        String plain = paid(new JsonObject());
        assertThat(page("/i/" + plain + "/receipt")).contains("Receipt: Paid").doesNotContain("class=\"qr\"", "<code>");
        String wanted = paid(new JsonObject().put("receipt", new JsonObject().put("showPayments", true)));
        assertThat(page("/i/" + wanted + "/receipt")).contains("<code>").doesNotContain("class=\"qr\"");
    }

    @Test
    void receiptThatIsNotGivenLeadsToTheCheckout() {
        set(new JsonObject().put("receipt", new JsonObject().put("enabled", false)));
        String none = paid(new JsonObject());
        assertThat(page("/i/" + none)).doesNotContain("/receipt");
        assertThat(elsewhere("/i/" + none + "/receipt")).isEqualTo("/i/" + none + "?lang=en");
        String own = paid(new JsonObject().put("receipt", new JsonObject().put("enabled", true)));
        assertThat(page("/i/" + own + "/receipt")).contains("Receipt: Paid");
    }

    @Test
    void whatIsNotPaidHasNoReceipt() {
        String invoice = invoice(new JsonObject());
        assertThat(elsewhere("/i/" + invoice + "/receipt?lang=zh")).isEqualTo("/i/" + invoice + "?lang=zh");
    }

    @Test
    void pagesTakeTheStoresColour() {
        set(new JsonObject().put("brandColor", "#FC0"));
        String invoice = paid(new JsonObject());
        String style = "/static/brand/ffcc00.css";
        assertThat(page("/i/" + invoice)).contains("href=\"" + style + "\"");
        assertThat(page("/i/" + invoice + "/receipt")).contains("href=\"" + style + "\"");
        assertThat(page(style)).isEqualTo(":root{--brand:#ffcc00;--on-brand:#000}");
        assertThat(page("/static/brand/0b6e4f.css")).contains("--on-brand:#fff");
        set(new JsonObject());
        assertThat(page("/i/" + invoice)).doesNotContain("/static/brand/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffcc0.css", "FFCC00.css", "ffcc00", "ffcc00.css%7D", "red;x:a.css"})
    void onlyColoursAreStyles(String file) {
        assertThat(gateway.ask("GET /static/brand/" + file, null, null).statusCode())
                .isEqualTo(404);
    }

    @Test
    void holdersPageWearsTheProgrammesBrand() {
        JsonObject brand = new JsonObject()
                .put("brandColor", "#0B6E8F")
                .put("logoUrl", PICTURE)
                .put("own", "kept");
        String programme = shop.programme(new JsonObject().put("branding", brand));
        assertThat(shop.get("/card-programmes/" + programme).getJsonObject("branding"))
                .isEqualTo(brand);
        assertThat(page(balance(shop.card(programme, "100"))))
                .contains("<img src=\"" + PICTURE + "\"", "href=\"/static/brand/0b6e8f.css\"");
        assertThat(page(balance(shop.card(shop.programme(new JsonObject()), "100"))))
                .doesNotContain("<img", "/static/brand/");
    }

    @ParameterizedTest
    @CsvSource({
        "brandColor, red, Branding.BrandColor",
        "brandColor, '#12345', Branding.BrandColor",
        "logoUrl, https://shop.example/logo.png, Branding.LogoUrl",
        "logoUrl, 'data:image/svg+xml;base64,PHN2Zy8+', Branding.LogoUrl"
    })
    void brandThatCannotBeShownIsRefused(String field, String value, String path) {
        JsonObject terms = new JsonObject().put("name", "Gift").put("branding", new JsonObject().put(field, value));
        HttpResponse<Buffer> answer =
                gateway.ask("POST /api/v1/stores/" + store + "/card-programmes", gateway.admin(), terms);
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.bodyAsJsonArray().getJsonObject(0).getString("path")).isEqualTo(path);
    }

    @Test
    void everyPageSaysThatItsNetworkIsSimulated() {
        String invoice = "/i/" + invoice(new JsonObject());
        for (String path : List.of(
                invoice,
                invoice + "/BTC-LN",
                "/i/" + paid(new JsonObject()) + "/receipt",
                "/i/1ChLRFhMTbd1zoUbrz8msX",
                "/pos/" + shop.terminal(),
                "/pos/nobody",
                balance(shop.card(shop.programme(new JsonObject()), "100")),
                "/boltcards/balance?p=00&c=00",
                "/docs")) {
            HttpResponse<Buffer> page = gateway.ask("GET " + path, null, null);
            assertThat(page.getHeader("Content-Type")).as(path).startsWith("text/html");
            assertThat(page.bodyAsString())
                    .as(path)
                    .containsOnlyOnce(
                            "<p class=\"simulated\" role=\"note\">Simulated network: no real money moves here</p>");
        }
    }

    private static String balance(CardShop.Held card) {
        Tap tap = card.chip().tap();
        return "/boltcards/balance?p=" + tap.p() + "&c=" + tap.c();
    }
}
