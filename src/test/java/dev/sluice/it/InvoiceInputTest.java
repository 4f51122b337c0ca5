package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What comes to the invoice routes from clients that are wrong, or mean it. */
class InvoiceInputTest {
    @RegisterExtension
    static final OpenGateway OPEN = new OpenGateway();

    private static InProcessGateway gateway;
    private static String store;

    @BeforeAll
    static void start() {
        gateway = OPEN.gateway();
        store = gateway.store();
    }

    @ParameterizedTest
    @CsvSource({
        "-9223372036854775808, USD",
        "'\"-9223372036854775808\"', SATS",
        "0.000000001, BTC",
        "2100000000000001, SATS",
        "'\"21000000.00000001\"', BTC",
        "1E18, BTC",
        "0.004, USD"
    })
    void amountThatCannotBePaidIsRefused(String amount, String currency) {
        long before = invoices();
        HttpResponse<Buffer> answer = create("{\"amount\": " + amount + ", \"currency\": \"" + currency + "\"}");
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(422);
        assertThat(answer.bodyAsJsonArray().getJsonObject(0).getString("path")).isEqualTo("Amount");
        assertThat(invoices()).isEqualTo(before);
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, SATS, 1",
        "0.5, SATS, 1",
        "0.123456789, BTC, 0.12345679",
        "0.00000001, BTC, 0.00000001",
        "0.005, USD, 0.01",
        "12.345, usd, 12.35"
    })
    void smallestUnitsAreTaken(String amount, String currency, String price) {
        JsonObject made = made("{\"amount\": " + amount + ", \"currency\": \"" + currency + "\"}");
        assertThat(made.getString("amount")).isEqualTo(price);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ıdr", "ıDR", "ſats", "BTC\u0301", "ＵＳＤ", "us d", " USD", "USDT", "XXX", "XAU", "US"})
    void currencyThatOnlyLooksLikeOneIsRefused(String code) {
        HttpResponse<Buffer> answer =
                create(new JsonObject().put("amount", 1).put("currency", code).encode());
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isIn(400, 422);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            http://wordpress_1:8080/ok          | http://wordpress_1:8080/ok
            https://магазин.рф/ok               | https://магазин.рф/ok
            HTTPS://Shop.example/ok             | HTTPS://Shop.example/ok
            ' https://shop.example/ok '         | https://shop.example/ok
            https://shop.example/a b            | https://shop.example/a%20b
            https://shop.example/ok?x=[1]&s={Status} | https://shop.example/ok?x=[1]&s={Status}
            myapp://paid/{OrderId}              | myapp://paid/{OrderId}
            """)
    void wayBackIsTakenAsShopsWriteIt(String given, String kept) {
        JsonObject made = made(new JsonObject()
                .put("amount", 1)
                .put("checkout", new JsonObject().put("redirectURL", given))
                .encode());
        assertThat(made.getJsonObject("checkout").getString("redirectURL")).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "javascript:alert(1)",
                " JavaScript:alert(1)",
                "{OrderId}javascript:alert(1)",
                "j{OrderId}:alert(1)",
                "data:text/html,x",
                "view-source:https://shop.example",
                "/relative",
                "shop.example",
                "https://shop.example/\"x",
                "https://shop.example/\n"
            })
    void wayBackThatABrowserWouldRunIsRefused(String given) {
        HttpResponse<Buffer> answer = create(new JsonObject()
                .put("amount", 1)
                .put("checkout", new JsonObject().put("redirectURL", given + "x"))
                .encode());
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(422);
        assertThat(answer.bodyAsJsonArray().getJsonObject(0).getString("path")).isEqualTo("Checkout.RedirectURL");
    }

    /** Clients of BTCPay name the methods of its stores, and LNURL is one there. */
    @Test
    void lnurlBesideOtherMethodsIsLeftOut() {
        JsonObject made = made("{\"amount\": 2, \"checkout\": {\"paymentMethods\":"
                + " [\"BTC\", \"BTC-LightningNetwork\", \"BTC-LNURLPAY\", \"btc_lnurl\"]}}");
        assertThat(made.getJsonObject("checkout").getJsonArray("paymentMethods").getList())
                .containsExactly("BTC-CHAIN", "BTC-LN");
        assertThat(create("{\"amount\": 2, \"checkout\": {\"paymentMethods\": [\"BTC-LNURL\"]}}")
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void metadataHasEightKibibytesAndFiveLevels() {
        assertThat(metadata(filled(8_192)).statusCode()).isEqualTo(200);
        assertThat(metadata(filled(8_193)).statusCode()).isEqualTo(422);
        assertThat(metadata(nested(5)).statusCode()).isEqualTo(200);
        assertThat(metadata(nested(6)).statusCode()).isEqualTo(422);
        assertThat(metadata(new JsonObject().put("itemDesc", "x".repeat(1_000_000)))
                        .statusCode())
                .isEqualTo(422);
        assertThat(metadata(new JsonObject().put("itemDesc", "x".repeat(1 << 20)))
                        .statusCode())
                .isEqualTo(413);
        assertThat(metadata(new JsonObject().put("itemDesc", "e" + "\u0301".repeat(10_000)))
                        .statusCode())
                .isEqualTo(422);
    }

    @Test
    void textIsKeptAsItWasWritten() {
        String stacked = "e" + "\u0301".repeat(2_000);
        assertThat(made(new JsonObject()
                                .put("amount", 1)
                                .put("metadata", new JsonObject().put("itemDesc", stacked))
                                .encode())
                        .getJsonObject("metadata")
                        .getString("itemDesc"))
                .isEqualTo(stacked);
        for (String order : new String[] {"caf\u00e9", "cafe\u0301"}) { // composed and not: two orders
            assertThat(metadata(new JsonObject().put("orderId", order)).statusCode())
                    .isEqualTo(200);
            assertThat(list("orderId=" + URLEncoder.encode(order, StandardCharsets.UTF_8))
                            .bodyAsJsonArray())
                    .hasSize(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "take=1, 200",
        "take=1000, 200",
        "take=0, 422",
        "take=-1, 422",
        "take=1001, 422",
        "take=1000000000, 422",
        "take=9223372036854775808, 422",
        "take=1&take=999999, 422",
        "take=1.5, 422",
        "take=1e2, 422",
        "take=%EF%BC%91, 422",
        "take=x, 422",
        "skip=0, 200",
        "skip=10000000, 200",
        "skip=10000001, 422",
        "skip=-1, 422",
        "startDate=0, 200",
        "startDate=253402300799, 200",
        "startDate=253402300800, 422",
        "startDate=292277026596, 422",
        "startDate=9223372036854775807, 422",
        "startDate=-1, 422",
        "startDate=0000-00-00, 422",
        "startDate=2026-03-29T02:30:00%2B25:00, 422",
        "endDate=1e9, 422",
        "endDate=9&startDate=9, 200",
        "endDate=0&startDate=9, 422",
        "status=settled%27--, 422",
        "textSearch=%00, 400",
        "textSearch=%25_%5C, 200",
        "textSearch=%E0%80, 200"
    })
    void listIsAskedForWithinBounds(String query, int status) {
        assertThat(list(query).statusCode()).isEqualTo(status);
    }

    /** Clients of BTCPay say no number and want all; whoever gets fewer is told so. */
    @Test
    void listIsCutOnlyWhereItSaysSo() {
        String own = gateway.store();
        String path = "/api/v1/stores/" + own + "/invoices";
        for (int i = 0; i < 53; i++) {
            gateway.post(
                    path, new JsonObject().put("amount", 1).put("metadata", new JsonObject().put("orderId", "a b&c")));
        }
        HttpResponse<Buffer> all = gateway.ask("GET " + path, gateway.admin(), null);
        assertThat(all.bodyAsJsonArray()).hasSize(53);
        assertThat(all.getHeader("Link")).isNull();
        HttpResponse<Buffer> first = gateway.ask("GET " + path + "?take=52&orderId=a%20b%26c", gateway.admin(), null);
        assertThat(first.bodyAsJsonArray()).hasSize(52);
        assertThat(first.getHeader("Link")).endsWith(path + "?orderId=a+b%26c&skip=52&take=52>; rel=\"next\"");
        HttpResponse<Buffer> last =
                gateway.ask("GET " + path + "?orderId=a+b%26c&skip=52&take=52", gateway.admin(), null);
        assertThat(last.bodyAsJsonArray()).hasSize(1);
        assertThat(last.getHeader("Link")).isNull();
    }

    @Test
    void parametersAreNamedAsTheyAreWritten() {
        assertThat(list("take=x&skip=-1&startDate=abc").bodyAsJsonArray().stream()
                        .map(error -> ((JsonObject) error).getString("path")))
                .containsExactly("skip", "take", "startDate");
        assertThat(list("startDate=20&endDate=10").bodyAsJsonArray().stream()
                        .map(error -> ((JsonObject) error).getString("path")))
                .containsExactly("startDate", "endDate");
    }

    @Test
    void requestKeyOfAnotherStoreTellsNothing() {
        String body = "{\"amount\": 7}";
        String key = "same-key-everywhere";
        String path = "POST /api/v1/stores/" + store + "/invoices";
        String made = InProcessGateway.ok(send(path, gateway.admin(), key, body))
                .bodyAsJsonObject()
                .getString("id");
        HttpResponse<Buffer> elsewhere =
                send("POST /api/v1/stores/" + gateway.store() + "/invoices", gateway.admin(), key, body);
        assertThat(InProcessGateway.ok(elsewhere).bodyAsJsonObject().getString("id"))
                .isNotEqualTo(made);
        String stranger = gateway.tenant("stranger");
        HttpResponse<Buffer> refused = send(path, stranger, key, body);
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.bodyAsString()).doesNotContain(made);
        assertThat(refused.getHeader("Idempotency-Replayed")).isNull();
    }

    private static JsonObject nested(int levels) {
        return levels == 1 ? new JsonObject().put("a", 1) : new JsonObject().put("a", nested(levels - 1));
    }

    private static JsonObject filled(int bytes) {
        int frame = new JsonObject().put("note", "").encode().length();
        return new JsonObject().put("note", "x".repeat(bytes - frame));
    }

    private static HttpResponse<Buffer> metadata(JsonObject metadata) {
        return create(
                new JsonObject().put("amount", 1).put("metadata", metadata).encode());
    }

    private static JsonObject made(String body) {
        return InProcessGateway.ok(create(body)).bodyAsJsonObject();
    }

    private static HttpResponse<Buffer> create(String body) {
        return send("POST /api/v1/stores/" + store + "/invoices", gateway.admin(), null, body);
    }

    private static HttpResponse<Buffer> send(String operation, String credential, String key, String body) {
        HttpRequest<Buffer> request = gateway.request(operation)
                .putHeader("Authorization", "token " + credential)
                .putHeader(HttpHeaders.CONTENT_TYPE.toString(), "application/json");
        if (key != null) {
            request.putHeader("Idempotency-Key", key);
        }
        return await(request.sendBuffer(Buffer.buffer(body)));
    }

    private static HttpResponse<Buffer> list(String query) {
        return gateway.ask("GET /api/v1/stores/" + store + "/invoices?" + query, gateway.admin(), null);
    }

    private static long invoices() {
        return await(OPEN.db().read("select count(*) from invoice"))
                .iterator()
                .next()
                .getLong(0);
    }
}
