package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.Assembly;
import dev.sluice.bus.Bus;
import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.config.ConfigLoader;
import dev.sluice.config.ConfigLoader.Loaded;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.Leases;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.ops.Foundation;
import dev.sluice.ops.Metrics;
import dev.sluice.ops.Shutdown;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The whole gateway in this process, on a test's database and the simulated chain and node, with a client. */
public final class InProcessGateway implements AutoCloseable {
    private static final String ADMIN = "admin@sluice.example";
    private static final String PASSWORD = "correct horse battery";

    private static final Secret PHRASE =
            new Secret("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");

    /** Requests under way at once. */
    private static final int PARALLEL = 128;

    private final Shutdown shutdown = new Shutdown(Duration.ofSeconds(20));
    private final int port;
    private final Set<String> operations;
    private final Metrics metrics = new Metrics();
    private final WebClient client;
    private final String admin;

    private InProcessGateway(TestDatabase database, Clock clock, Map<String, String> more, boolean simulated)
            throws IOException {
        port = freePort();
        DbConfig config = database.config();
        Map<String, String> environment = new HashMap<>(more);
        environment.put("SLUICE_DATABASE_PASSWORD", config.password().value());
        Loaded loaded = ConfigLoader.load(null, environment, settings(config, port, freePort(), simulated));
        Vertx vertx = metrics.vertx(true);
        shutdown.started("vertx", vertx::close);
        DbPools pools = DbPools.open(vertx, config);
        shutdown.started("pools", pools::close);
        Bus bus = new Bus(vertx);
        Foundation foundation = new Foundation(
                loaded,
                clock,
                Entropy.secure(),
                "test",
                metrics,
                vertx,
                config,
                pools.db(),
                bus,
                new EventLog(pools.db(), bus),
                new Leases(vertx, pools.db(), "test"),
                shutdown);
        operations = Assembly.start(foundation);
        client = WebClient.create(
                database.vertx(),
                new WebClientOptions()
                        .setDefaultHost("127.0.0.1")
                        .setDefaultPort(port)
                        .setFollowRedirects(false),
                new PoolOptions().setHttp1MaxSize(PARALLEL)); // by default five: no race worth the name
        admin = keyOf(ADMIN, null);
    }

    /** Starts one; close it. */
    public static InProcessGateway start(TestDatabase database) {
        return start(database, Map.of());
    }

    /** With more settings, as environment. */
    public static InProcessGateway start(TestDatabase database, Map<String, String> settings) {
        return start(database, Clock.system(), settings);
    }

    /** With another time; the database's clock, and what is measured by it, stay as they are. */
    public static InProcessGateway start(TestDatabase database, Clock clock, Map<String, String> settings) {
        return start(database, clock, settings, true);
    }

    /** On real nodes. */
    public static InProcessGateway start(TestDatabase database, Regtest nodes) {
        return start(database, Clock.system(), nodes.gatewaySettings(), false);
    }

    private static InProcessGateway start(
            TestDatabase database, Clock clock, Map<String, String> settings, boolean simulated) {
        try {
            return new InProcessGateway(database, clock, settings, simulated);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static List<String> settings(DbConfig database, int port, int management, boolean simulated)
            throws IOException {
        Path folder = Files.createTempDirectory("sluice-test-gateway");
        List<String> settings = new ArrayList<>(List.of(
                "network=regtest",
                "data_folder=" + folder,
                "http.port=" + port,
                "management.port=" + management,
                "http.trusted_proxies=127.0.0.1", // load comes from many addresses
                "database.mode=external",
                "database.host=" + database.host(),
                "database.port=" + database.port(),
                "database.name=" + database.database(),
                "database.user=" + database.user(),
                "rates.sources=",
                "rates.fixed=USD=60000",
                "limits.key_requests_per_minute=1000000",
                "limits.anonymous_requests_per_minute=1000000"));
        if (simulated) {
            settings.addAll(List.of(
                    "chain.mode=simulated",
                    "chain.operator_descriptor=" + operatorDescriptor(),
                    "lightning.mode=simulated"));
        }
        return settings;
    }

    private static String operatorDescriptor() {
        return new WalletGenerator(Entropy.secure())
                .account(Network.REGTEST, PHRASE, new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Every operation that is served, as {@code METHOD /path}. */
    public Set<String> operations() {
        return operations;
    }

    /** What a scrape of the management port would read. */
    public String metrics() {
        return metrics.scrape();
    }

    /** An unrestricted key of the administrator. */
    public String admin() {
        return admin;
    }

    /** An unrestricted key of a new user without privileges. */
    public String tenant(String name) {
        return keyOf(name + "@sluice.example", admin);
    }

    private String keyOf(String email, String creator) {
        JsonObject user = new JsonObject().put("email", email).put("password", PASSWORD);
        ok(ask("POST /api/v1/users", creator, user));
        JsonObject wanted = new JsonObject().put("label", email).put("permissions", List.of("unrestricted"));
        return ok(await(request("POST /api/v1/api-keys")
                        .basicAuthentication(email, PASSWORD)
                        .sendJsonObject(wanted)))
                .bodyAsJsonObject()
                .getString("apiKey");
    }

    /** A new store of the key's user; nothing can be paid to it yet. */
    public String store(String key) {
        return ok(ask("POST /api/v1/stores", key, new JsonObject().put("name", "Shop")))
                .bodyAsJsonObject()
                .getString("id");
    }

    /** A new store of the administrator, paid on both rails through the operator. */
    public String store() {
        String id = store(admin);
        connect(id, "BTC-CHAIN", "Internal Wallet");
        connect(id, "BTC-LN", "Internal Node");
        return id;
    }

    private void connect(String store, String rail, String config) {
        ok(ask(
                "PUT /api/v1/stores/" + store + "/payment-methods/" + rail,
                admin,
                new JsonObject().put("config", config)));
    }

    /** Asks {@code METHOD /path}; without a key where that is null, without a body likewise. */
    public HttpResponse<Buffer> ask(String operation, String key, JsonObject body) {
        HttpRequest<Buffer> request = request(operation);
        if (key != null) {
            request.putHeader("Authorization", "token " + key);
        }
        return body == null ? await(request.send()) : await(request.sendJsonObject(body));
    }

    /** What the administrator's request is answered, which must be a success. */
    public JsonObject post(String path, JsonObject body) {
        return ok(ask("POST " + path, admin, body)).bodyAsJsonObject();
    }

    /** A key of the administrator's that may do one thing. */
    String key(String permission) {
        JsonObject narrow = new JsonObject().put("permissions", List.of(permission));
        return post("/api/v1/api-keys", narrow).getString("apiKey");
    }

    /** The id of what the administrator's request makes. */
    String made(String path, JsonObject body) {
        return post(path, body).getString("id");
    }

    /** Where a browser finds a page. */
    public String url(String path) {
        return "http://127.0.0.1:" + port + path;
    }

    /** A request to complete and send. */
    public HttpRequest<Buffer> request(String operation) {
        String[] words = operation.split(" ", 2);
        return client.request(HttpMethod.valueOf(words[0]), words[1]);
    }

    /** The answer, which must be a success. */
    public static HttpResponse<Buffer> ok(HttpResponse<Buffer> answer) {
        if (answer.statusCode() / 100 != 2) {
            throw new AssertionError(answer.statusCode() + " " + answer.bodyAsString());
        }
        return answer;
    }

    @Override
    public void close() {
        client.close();
        shutdown.stop();
    }
}
