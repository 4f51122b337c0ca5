package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import dev.sluice.card.ntag424.AesKey;
import dev.sluice.db.TestDatabase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.sqlclient.Row;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Known secrets go through the gateway and are looked for where they must not be. */
class SecretCanaryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    static final TestDatabase CARDS = new TestDatabase();

    @RegisterExtension
    static final TestDatabase REQUESTS = new TestDatabase();

    private static final String WEBHOOK_SECRET = "canary-of-the-webhook";
    private static final String MACAROON = "ca11ab1e".repeat(8);
    private static final String PASSWORD = "canary of the password";

    private final LoggerContext logback = (LoggerContext) LoggerFactory.getILoggerFactory();
    private final ch.qos.logback.classic.Logger root = logback.getLogger(Logger.ROOT_LOGGER_NAME);
    private final Ear ear = new Ear();
    private final List<String> answers = new ArrayList<>();

    /** Keeps every line. */
    private static final class Ear extends AppenderBase<ILoggingEvent> {
        private final Queue<String> heard = new ConcurrentLinkedQueue<>();

        @Override
        protected void append(ILoggingEvent event) {
            String trace =
                    event.getThrowableProxy() == null ? "" : ThrowableProxyUtil.asString(event.getThrowableProxy());
            heard.add(event.getLoggerName() + " " + event.getFormattedMessage() + " " + trace);
        }
    }

    @BeforeEach
    void listen() {
        ear.setContext(logback);
        ear.start();
        root.detachAppender("console");
        root.addAppender(ear);
        root.setLevel(Level.TRACE);
        logback.getLogger("dev.sluice").setLevel(Level.TRACE);
    }

    @AfterEach
    void restore() {
        root.setLevel(Level.WARN);
        logback.getLogger("dev.sluice").setLevel(Level.WARN);
        root.detachAppender(ear);
    }

    @Test
    void secretsAreToldOnceAndLoggedNever() {
        try (InProcessGateway gateway = InProcessGateway.start(DATABASE)) {
            String store = gateway.store();
            String key = gateway.admin();
            String bare = gateway.store(key);
            String stores = "/api/v1/stores/";
            JsonObject webhook =
                    new JsonObject().put("url", "https://shop.example/hook").put("secret", WEBHOOK_SECRET);
            told(gateway.ask("POST " + stores + store + "/webhooks", key, webhook), WEBHOOK_SECRET);
            String words = told(
                            gateway.ask(
                                    "POST " + stores + bare + "/payment-methods/BTC-CHAIN/wallet/generate",
                                    key,
                                    new JsonObject()),
                            "")
                    .getString("mnemonic");
            String made = told(gateway.ask("POST /api/v1/api-keys", key, new JsonObject().put("label", "canary")), "")
                    .getString("apiKey");
            String connection = "type=lnd-grpc;server=https://127.0.0.1:1/;macaroon=" + MACAROON + ";certthumbprint="
                    + "ab".repeat(32);
            hear(gateway.ask(
                    "PUT " + stores + bare + "/payment-methods/BTC-LN",
                    key,
                    new JsonObject().put("config", new JsonObject().put("connectionString", connection))));
            JsonObject user =
                    new JsonObject().put("email", "canary@sluice.example").put("password", PASSWORD);
            hear(gateway.ask("POST /api/v1/users", key, user));
            String invoice = told(
                            gateway.ask("POST " + stores + store + "/invoices", key, new JsonObject().put("amount", 5)),
                            "")
                    .getString("id");
            List<String> secrets = new ArrayList<>(List.of(WEBHOOK_SECRET, MACAROON, PASSWORD, words, made, key));
            secrets.addAll(preimages());
            readEverything(gateway, store, bare, invoice);

            assertThat(ear.heard).isNotEmpty();
            for (String secret : secrets) {
                assertThat(answers).noneMatch(answer -> answer.contains(secret));
                assertThat(ear.heard).noneMatch(line -> line.contains(secret));
            }
        }
    }

    @Test
    void keysOfCardsAndPinsAreToldOnceLoggedNeverAndKeptNowhere() {
        root.setLevel(
                Level.WARN); // the most that libraries can be made to say: the router tells paths with their queries
        try (InProcessGateway gateway = InProcessGateway.start(CARDS)) {
            CardShop shop = new CardShop(gateway);
            String programme = shop.programme(new JsonObject().put("pinFrom", "1"));
            JsonObject factory = told(
                    shop.ask(
                            "POST",
                            "/card-programmes/" + programme + "/factories",
                            new JsonObject().put("name", "Fair").put("maxCards", 5)),
                    "boltcard://program");
            CardShop.Held card = shop.card(programme, "100");
            String pin = "7391460258";
            hear(shop.ask("PUT", "/cards/" + card.id() + "/pin", new JsonObject().put("pin", pin)));
            hear(shop.ask(
                    "POST",
                    "/terminals/" + shop.terminal() + "/charges",
                    card.tap().put("amount", "5").put("currency", "SATS").put("pin", pin)));
            var tap = card.chip().tap();
            String query = "?p=" + tap.p() + "&c=" + tap.c();
            String k1 = told(gateway.ask("GET /boltcard" + query, null, null), "withdrawRequest")
                    .getString("k1");
            hear(gateway.ask("GET /boltcard?k1=" + k1 + "&pr=lnbcrt1x&pin=" + pin, null, null));
            hear(gateway.ask("GET /boltcards/balance" + query, null, null));
            for (String path : List.of("/cards", "/cards/" + card.id(), "/cards/" + card.id() + "/history")) {
                hear(shop.ask("GET", path, null));
            }
            hear(shop.ask("GET", "/card-programmes/" + programme + "/factories", null));
            String url = factory.getString("url");
            List<String> secrets = new ArrayList<>(List.of(pin, k1, card.uid().hex(), url.split("/")[4]));
            for (AesKey key : List.of(
                    card.keys().k0(),
                    card.keys().k1(),
                    card.keys().k2(),
                    card.keys().k3(),
                    card.keys().k4())) {
                secrets.add(HexFormat.of().formatHex(key.bytes()));
            }
            List<String> rows = everyRow();

            assertThat(ear.heard).isNotEmpty();
            for (String secret : secrets) {
                assertThat(answers).noneMatch(answer -> has(answer, secret));
                assertThat(ear.heard).noneMatch(line -> has(line, secret));
                assertThat(rows).noneMatch(row -> has(row, secret));
            }
        }
    }

    /** A PIN that came with a request key: ten thousand guesses must not find it in what is kept of the request. */
    @Test
    void requestThatIsKeptDoesNotTellItsPin() throws NoSuchAlgorithmException {
        try (InProcessGateway gateway = InProcessGateway.start(REQUESTS)) {
            CardShop shop = new CardShop(gateway);
            String card = shop.postAll("/cards", new JsonObject().put("programmeId", shop.programme(new JsonObject())))
                    .getJsonObject(0)
                    .getString("id");
            JsonObject body = new JsonObject().put("pin", "4711");
            InProcessGateway.ok(CardShop.sent(shop.request("PUT", "/cards/" + card + "/pin", "set"), body));
            String target = "PUT /api/v1/stores/{storeId}/cards/{cardId}/pin " + shop.storeId() + "/" + card;
            List<String> kept = hashes();
            assertThat(kept).hasSize(1);
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (int pin = 0; pin < 10_000; pin++) {
                String asked = target + "\n"
                        + body.put("pin", String.format(Locale.ROOT, "%04d", pin))
                                .encode();
                byte[] guess = sha256.digest(asked.getBytes(StandardCharsets.UTF_8));
                assertThat(kept).doesNotContain(HexFormat.of().formatHex(guess));
            }
        }
    }

    private static List<String> hashes() {
        List<String> hashes = new ArrayList<>();
        String sql = "select encode(request_hash, 'hex') from request_key where scope like '%/pin %'";
        await(REQUESTS.db().read(sql)).forEach(row -> hashes.add(row.getString(0)));
        return hashes;
    }

    private static boolean has(String text, String secret) {
        return text.toLowerCase(Locale.ROOT).contains(secret.toLowerCase(Locale.ROOT));
    }

    /** All that the database holds, as text; bytes as hexadecimal digits. */
    private static List<String> everyRow() {
        List<String> rows = new ArrayList<>();
        String tables = "select tablename from pg_tables where schemaname = 'public'";
        for (Row table : await(CARDS.db().read(tables))) {
            String all = "select t::text from \"" + table.getString(0) + "\" t";
            await(CARDS.db().read(all)).forEach(row -> rows.add(row.getString(0)));
        }
        assertThat(rows).hasSizeGreaterThan(20);
        return rows;
    }

    private void readEverything(InProcessGateway gateway, String store, String bare, String invoice) {
        for (String operation : gateway.operations()) {
            if (operation.startsWith("GET ") && !operation.contains("webhookId")) {
                for (String id : List.of(store, bare)) {
                    String asked = operation
                            .replace("{storeId}", id)
                            .replace("{invoiceId}", invoice)
                            .replace("{paymentMethodId}", "BTC-LN")
                            .replace("{rateSource}", "primary")
                            .replace("{idOrEmail}", "canary@sluice.example")
                            .replace("{cryptoCode}", "BTC");
                    hear(gateway.ask(asked, gateway.admin(), null));
                    hear(gateway.ask(asked + "?includeConfig=true&includePaymentMethods=true", gateway.admin(), null));
                }
            }
        }
        hear(gateway.ask("GET /i/" + invoice + "/status", null, null));
        hear(gateway.ask("GET /i/" + invoice, null, null));
        hear(gateway.ask("GET /api/v1/stores/" + store + "/webhooks", gateway.admin(), null));
    }

    /** The one answer that may hold its secret. */
    private static JsonObject told(HttpResponse<Buffer> answer, String secret) {
        assertThat(InProcessGateway.ok(answer).bodyAsString()).contains(secret);
        return answer.bodyAsJsonObject();
    }

    private void hear(HttpResponse<Buffer> answer) {
        answers.add(answer.headers() + " " + answer.bodyAsString());
    }

    private static List<String> preimages() {
        List<String> preimages = new ArrayList<>();
        String sql = "select encode(preimage, 'hex') from invoice_prompt where preimage is not null";
        for (Row row : await(DATABASE.db().read(sql))) {
            preimages.add(row.getString(0));
        }
        assertThat(preimages).isNotEmpty();
        return preimages;
    }
}
