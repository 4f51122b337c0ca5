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
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.Bolt11;
import fr.acinq.bitcoin.PrivateKey;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
                "",
                "p=%P",
                "c=%C",
                "p=%P&p=00&c=%C",
                "p=%P&c=%C&c=00",
                "k1=&pr=lnbcrt1x",
                "pr=lnbcrt1x",
                "k1=%K&pr=",
                "k1=%K&pr=notaninvoice",
                "k1=%K&pr=lnbc1pvjluezpp5",
                "k1=%K&pr=%I&pr=%I2",
                "k1=%Kx&pr=%I",
                "k1=0000000000000000000000000000000000000000000000000000000000000000&pr=%I"
            })
    void whatIsNoWithdrawRequestIsAnErrorOfLnurl(String form) {
        Tap tap = card.chip().tap();
        JsonObject offer = lnurl("p=" + tap.p() + "&c=" + tap.c());
        String query = form.replace("%P", tap.p())
                .replace("%C", tap.c())
                .replace("%K", offer.getString("k1"))
                .replace("%I2", "x")
                .replace("%I", "lnbcrt1x");
        assertThat(lnurl(query).getString("status")).isEqualTo("ERROR");
        assertThat(shop.charge(CardShop.Held.tapped(tap), "1").getBoolean("approved"))
                .isTrue(); // it still pays
    }

    /** What a node would refuse too, but only after money was set aside for it. */
    @Test
    void invoiceThatMustNotBePaidIsRefusedBeforeMoneyIsReserved() {
        JsonObject offer = lnurl(linked(card.chip().tap()));
        Instant now = Instant.now();
        Duration hour = Duration.ofHours(1);
        Msat sat = Msat.ofSat(1);
        String secret = "22".repeat(32);
        BigInteger none = BigInteger.ZERO;
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put(bolt11("bc", sat, now, hour, secret, none), "another network");
        refused.put(bolt11("tbs", sat, now, hour, secret, none), "another network");
        refused.put(bolt11("bcrt", null, now, hour, secret, none), "its amount");
        refused.put(bolt11("bcrt", Msat.ZERO, now, hour, secret, none), "Lightning invoice");
        refused.put(bolt11("bcrt", sat, now.minus(hour).minusSeconds(1), hour, secret, none), "expired");
        refused.put(bolt11("bcrt", sat, now, hour, null, none), "payment secret");
        refused.put(bolt11("bcrt", sat, now, hour, secret, none.setBit(100)), "a feature");
        refused.forEach((invoice, reason) -> {
            JsonObject answer = lnurl("k1=" + offer.getString("k1") + "&pr=" + invoice);
            assertThat(answer.getString("status")).as(reason).isEqualTo("ERROR");
            assertThat(answer.getString("reason")).contains(reason);
        });
        assertThat(shop.balance(card)).isEqualTo("1000");
    }

    /** Its hash alone says whose an invoice is; what somebody else wrote around it pays nothing. */
    @ParameterizedTest
    @ValueSource(longs = {1, 299, 301, 1_000})
    void hashOfAnInvoiceOfOursUnderAnotherAmountPaysNothing(long sat) {
        JsonObject invoice =
                shop.post("/invoices", new JsonObject().put("amount", "300").put("currency", "SATS"));
        String id = invoice.getString("id");
        String ours = Eventually.get(
                        "Lightning is offered",
                        () -> gateway.ask("GET /i/" + id + "/status?paymentMethodId=BTC-LN", null, null)
                                .bodyAsString(),
                        status -> status.contains("lnbcrt"))
                .replaceFirst("(?s).*?(lnbcrt[0-9a-z]+).*", "$1");
        String trick = new Bolt11(
                        "bcrt",
                        Msat.ofSat(sat),
                        Instant.now(),
                        Bolt11.parse(ours).hash(),
                        "x",
                        null,
                        Duration.ofHours(1),
                        "22".repeat(32),
                        BigInteger.ZERO,
                        "")
                .sign(PrivateKey.fromHex("11".repeat(32)));
        String k1 = lnurl(linked(card.chip().tap())).getString("k1");
        assertThat(lnurl("k1=" + k1 + "&pr=" + trick).getString("status")).isEqualTo("ERROR");
        assertThat(shop.balance(card)).isEqualTo("1000");
        assertThat(shop.get("/invoices/" + id).getString("status")).isEqualTo("New");
        assertThat(lnurl("k1=" + k1 + "&pr=" + ours).getString("status")).isEqualTo("OK"); // the tap can still pay
        assertThat(shop.balance(card)).isEqualTo("700");
    }

    private static String linked(Tap tap) {
        return "p=" + tap.p() + "&c=" + tap.c();
    }

    private static String bolt11(
            String network, Msat amount, Instant at, Duration expiry, String secret, BigInteger features) {
        return new Bolt11(
                        network,
                        amount,
                        at,
                        Preimage.random(Entropy.secure()).hash(),
                        "x",
                        null,
                        expiry,
                        secret,
                        features,
                        "")
                .sign(PrivateKey.fromHex("11".repeat(32)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b@c", ".", "..", "a:443", "xn--bcher-kva", "b%C3%BCcher", "a%2Fb", "%00", "a b"})
    void handleThatIsNoneIsNoCard(String handle) {
        HttpResponse<Buffer> answer = gateway.ask("GET /.well-known/lnurlp/" + handle.replace(" ", "%20"), null, null);
        assertThat(answer.statusCode()).isIn(200, 404);
        assertThat(answer.bodyAsString()).doesNotContain("payRequest");
    }

    private static JsonObject lnurl(String query) {
        return gateway.ask("GET /boltcard?" + query, null, null).bodyAsJsonObject();
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
