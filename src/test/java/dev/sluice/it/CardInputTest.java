package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What readers, wallets and people send that is wrong: a clear answer each, and the tap can still pay. */
class CardInputTest {
    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static InProcessGateway gateway;
    private static CardShop shop;
    private static String programme;

    private CardShop.Held card;

    @BeforeAll
    static void open() {
        gateway = OPEN.gateway();
        shop = OPEN.shop();
        programme = shop.programme(new JsonObject());
    }

    @BeforeEach
    void hold() {
        card = shop.card(programme, "1000");
    }

    @AfterEach
    void nothingIsLost() {
        assertThat(shop.charge(card.tap(), shop.balance(card)).getBoolean("approved"))
                .isTrue();
    }

    private static HttpResponse<Buffer> ask(JsonObject body) {
        return shop.ask("POST", "/terminals/" + shop.terminal() + "/charges", body);
    }

    private static JsonObject amount(Object amount) {
        return new JsonObject().put("currency", "SATS").put("amount", amount);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "p=%P1&c=%C", // a digit missing
                "p=%P0&c=%C", // a digit too many
                "p=%PX&c=%C", // no hexadecimal digit
                "p=%P&c=%C1",
                "p=%P&c=%CX",
                "p=&c=%C",
                "p=%P",
                "c=%C",
                "P=%P&C=%C",
                "p=%20%P&c=%C",
                "p=%P%00&c=%C",
                "nothing at all"
            })
    void malformedTapIsABadRequest(String form) {
        Tap tap = card.chip().tap();
        String query = form.replace("%PX", tap.p().substring(1) + "x")
                .replace("%CX", tap.c().substring(1) + "g")
                .replace("%P1", tap.p().substring(1))
                .replace("%C1", tap.c().substring(1))
                .replace("%P0", tap.p() + "0")
                .replace("%P", tap.p())
                .replace("%C", tap.c());
        HttpResponse<Buffer> answer = ask(amount("1").put("tap", "lnurlw://localhost/boltcard?" + query));
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.bodyAsJsonObject().getString("code")).isEqualTo("malformed-tap");
        assertThat(shop.charge(CardShop.Held.tapped(tap), "1").getBoolean("approved"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lnurlw://localhost/boltcard?p=%P&c=%C",
                "LNURLW://LOCALHOST/BOLTCARD?p=%P&c=%C",
                "https://elsewhere.example/any/path?x=1&p=%P&y=2&c=%C&z=#fragment",
                "lnurlw://localhost/boltcard?c=%C&p=%P",
                "?p=%P&c=%C"
            })
    void linkOfAnyFormIsATap(String form) {
        Tap tap = card.chip().tap();
        String link = form.replace("%P", tap.p().toUpperCase(Locale.ROOT)).replace("%C", tap.c());
        JsonObject paid = ask(amount("1").put("tap", link)).bodyAsJsonObject();
        assertThat(paid.getBoolean("approved")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 422",
        "-1, 422",
        "-0.001, 422",
        "x, 422",
        "'', 422",
        "NaN, 422",
        "1e400, 422",
        "'1,5', 422",
        "0x10, 422",
        "1.5, 422",
        "1000.001, 422",
        "99999999999999999999, 422",
        "' 5', 422",
        "１, 422",
        "1e2, 422",
        "007, 200"
    })
    void amountIsAPlainNumberThatTheCurrencyCanHold(String amount, int status) {
        JsonObject tap = card.tap();
        assertThat(ask(amount(amount).mergeIn(tap)).statusCode()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "2000000000000, USD, 422", // at 60,000 more bitcoin than there will ever be
        "2100000000000001, SATS, 422",
        "99999999999999999, SATS, 422",
        "1000000000000000, SATS, 200"
    })
    void moreBitcoinThanThereWillEverBeIsARequestThatCannotBeTaken(String amount, String currency, int status) {
        JsonObject body = card.tap().put("amount", amount).put("currency", currency);
        HttpResponse<Buffer> charged = ask(body);
        assertThat(charged.statusCode()).as(charged.bodyAsString()).isEqualTo(status);
        JsonObject invoice = new JsonObject().put("amount", amount).put("currency", currency);
        assertThat(shop.ask("POST", "/invoices", invoice).statusCode()).isEqualTo(status);
    }

    @Test
    void limitAboveAllBitcoinLimitsNothing() {
        JsonObject terms =
                new JsonObject().put("currency", "USD").put("limits", new JsonObject().put("perTap", "2000000000000"));
        Tap tap = shop.card(shop.programme(terms), "10").chip().tap();
        JsonObject offer = gateway.ask("GET /boltcard?p=" + tap.p() + "&c=" + tap.c(), null, null)
                .bodyAsJsonObject();
        assertThat(offer.getLong("maxWithdrawable")).isPositive();
    }

    @Test
    void oneUnitMoreThanThereIsIsTooMuch() {
        JsonObject tap = card.tap();
        assertThat(shop.charge(tap, "1001").getString("reason")).isEqualTo("insufficient-funds");
        assertThat(shop.charge(tap, "1000").getBoolean("approved")).isTrue();
        shop.load(card, "5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"123", "1234567890123", "12 34", " 1234", "0x12", "12a4", "００００", "-1234", "12.4"})
    void pinIsFourToTwelveDigits(String pin) {
        JsonObject tap = card.tap();
        assertThat(ask(amount("1").put("pin", pin).mergeIn(tap)).statusCode()).isEqualTo(422);
        assertThat(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", pin))
                        .statusCode())
                .isEqualTo(422);
        assertThat(shop.get("/cards/" + card.id()).getBoolean("pin")).isFalse();
        assertThat(ask(amount("1").put("pin", "").mergeIn(tap))
                        .bodyAsJsonObject()
                        .getBoolean("approved"))
                .isTrue(); // a terminal that always sends the field
    }

    /** Chips that nobody wrote for us: of another issuer, of no one, with a UID of zeros. */
    @Test
    void chipsOfOthersAreRefusedAlike() {
        AesKey other = new AesKey(Entropy.secure().bytes(16));
        for (Uid uid : new Uid[] {card.uid(), new Uid("00000000000000"), new Uid("ffffffffffffff")}) {
            VirtualCard foreign =
                    new VirtualCard(new IssuerKey(other).cardKeys(uid, 1, Optional.empty()), uid, 1, Entropy.secure());
            assertThat(shop.charge(CardShop.Held.tapped(foreign.tap()), "1").getString("reason"))
                    .isEqualTo("tap-not-valid");
            VirtualCard sameReader = new VirtualCard(card.keys(), new Uid("04ffffffffffff"), 1, Entropy.secure());
            assertThat(shop.charge(CardShop.Held.tapped(sameReader.tap()), "1").getString("reason"))
                    .isEqualTo("tap-not-valid");
        }
    }

    /** A jump of the count is somebody else's reading: it pays, and the issuer hears of it. The last one never pays. */
    @Test
    void countThatJumpsIsReportedAndTheLastOneIsWornOut() {
        VirtualCard jumped = new VirtualCard(card.keys(), card.uid(), 1_000_000, Entropy.secure());
        shop.charge(card.tap(), "1");
        assertThat(shop.charge(CardShop.Held.tapped(jumped.tap()), "1").getBoolean("approved"))
                .isTrue();
        assertThat(shop.charge(card.tap(), "1").getString("reason")).isEqualTo("tap-not-valid");
        String suspected = "select count(*) from event where kind = 'card.cloneSuspected' and body ->> 'cardId' = $1";
        assertThat(await(DATABASE.db().read(suspected, card.id()))
                        .iterator()
                        .next()
                        .getLong(0))
                .isGreaterThanOrEqualTo(1);
        VirtualCard last = new VirtualCard(card.keys(), card.uid(), PiccData.COUNTER_MAX, Entropy.secure());
        assertThat(shop.charge(CardShop.Held.tapped(last.tap()), "1").getString("reason"))
                .isEqualTo("card-worn-out");
        assertThat(shop.charge(CardShop.Held.tapped(jumped.tap()), "1").getString("reason"))
                .isEqualTo("tap-not-valid"); // nothing is newer than the last
        hold();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lnurlp://127.0.0.1/w",
                "keyauth://127.0.0.1/w",
                "file:///etc/passwd",
                "javascript:alert(1)",
                "http://user:pass@127.0.0.1/w",
                "https://127.0.0.1:22/w",
                "https://169.254.169.254/latest/meta-data",
                "https://[::1]/w",
                "lnurlw://",
                "",
                "lightning:LNURL1DP68GURN8GHJ7",
                "https://0x7f000001/w"
            })
    void linkOfAForeignCardLeadsNowhereInside(String link) {
        String invoice = shop.post(
                        "/invoices", new JsonObject().put("amount", "5").put("currency", "SATS"))
                .getString("id");
        HttpResponse<Buffer> refused =
                shop.ask("POST", "/invoices/" + invoice + "/lnurl-withdraw", new JsonObject().put("link", link));
        assertThat(refused.statusCode()).isIn(400, 422);
    }

    @Test
    void listGoesOnBehindACardAndBehindNothingElse() {
        for (String after : new String[] {"%27", "a%20b", "x".repeat(100), "%D9%A1"}) {
            HttpResponse<Buffer> refused = shop.ask("GET", "/cards?after=" + after, null);
            assertThat(refused.statusCode()).as(after).isEqualTo(422);
        }
        CardShop.Held next = shop.written(programme);
        assertThat(shop.getAll("/cards?take=1&after=" + next.id())
                        .getJsonObject(0)
                        .getString("id"))
                .isEqualTo(card.id());
        assertThat(shop.getAll("/cards?after=")).isNotEmpty();
    }

    @Test
    void terminalCanBeMadeDisabled() {
        JsonObject made =
                shop.post("/terminals", new JsonObject().put("name", "Later").put("enabled", false));
        assertThat(made.getBoolean("enabled")).isFalse();
        assertThat(shop.get("/terminals/" + made.getString("id")).getBoolean("enabled"))
                .isFalse();
        assertThat(shop.post("/terminals", new JsonObject().put("name", "Now")).getBoolean("enabled"))
                .isTrue();
    }

    @Test
    void termsThatAreNotSetAreNullAndCanBeSentBack() {
        JsonObject terms = new JsonObject().put("name", "Gift card").put("spreadPercent", 1.5);
        JsonObject made = shop.post("/card-programmes", terms);
        assertThat(made.getValue("spreadPercent")).isEqualTo("1.5");
        assertThat(made.getValue("pinFrom")).isNull();
        assertThat(made.getValue("validDays")).isNull();
        assertThat(made.getJsonObject("limits").getMap())
                .containsOnlyKeys("perTap", "daily", "weekly", "monthly")
                .containsEntry("daily", null);
        JsonObject again = shop.ask("PUT", "/card-programmes/" + made.getString("id"), made)
                .bodyAsJsonObject();
        assertThat(again).isEqualTo(made);
    }
}
