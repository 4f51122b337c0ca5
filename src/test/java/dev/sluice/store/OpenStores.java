package dev.sluice.store;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.http.FakeApi.object;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.FakeApi;
import dev.sluice.http.Reply;
import dev.sluice.identity.IdentityService;
import dev.sluice.identity.ServerPolicies.Policy;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Stores with a database of their own, an administrator and two merchants, for one test class. Register it as a static
 * field.
 */
final class OpenStores implements BeforeAllCallback, AfterAllCallback {
    static final JsonObject NOTHING = new JsonObject();
    static final JsonObject SHOP = new JsonObject().put("name", "Shop");
    static final String CHAIN = "/payment-methods/BTC-CHAIN";
    static final String LIGHTNING = "/payment-methods/BTC-LN";
    static final String NODE = "type=lnd-grpc;server=https://me:pw@node:10009;macaroon=0201abcd;allowinsecure=true";
    static final String XPUB =
            "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1icqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3h"
                    + "ooxujYzAu3fDVmz";

    private final TestDatabase database = new TestDatabase();
    private Future<Void> wallets = Future.succeededFuture();
    private IdentityService identity;
    private StoreServiceLive stores;
    private FakeApi api;
    private String admin;
    private String alice;
    private String bob;

    /** Takes everything but the word bad, and holds the money where the configuration says. */
    private record Connector(Rail rail) implements RailConnector {
        @Override
        public Future<Connected> connect(StoreId store, JsonObject config) {
            if (config.encode().contains("bad")) {
                return Future.failedFuture(
                        Failure.invalid("Config.DerivationScheme", "bad").exception());
            }
            boolean internal = MethodConfig.isInternal(rail, config);
            return Future.succeededFuture(new Connected(
                    internal ? PaymentMethod.Holder.OPERATOR : PaymentMethod.Holder.STORE,
                    internal ? "operator" : store + "-" + Integer.toHexString(config.hashCode()),
                    config));
        }
    }

    private final class Tools implements WalletTools {
        @Override
        public Future<List<Preview>> preview(String descriptor, int offset, int count) {
            return Future.succeededFuture(List.of(new Preview("0/" + offset, descriptor + "/" + count)));
        }

        @Override
        public Future<Generated> generate(Request request) {
            return wallets.map(open -> new Generated(
                    new Secret("abandon " + request.wordCount()),
                    "xpub-" + request.scriptType(),
                    "abcd82a1/84'/0'/0'"));
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        database.beforeAll(context);
        EventLog eventLog = new EventLog(database.db(), database.bus());
        identity = new IdentityService(database.vertx(), database.db(), eventLog, Clock.system(), Entropy.secure());
        stores = new StoreServiceLive(database.db(), eventLog, identity.members(), Clock.system(), Entropy.secure());
        api = new FakeApi(database.db(), identity.authenticator());
        List<RailConnector> connectors = List.of(new Connector(Rail.CHAIN), new Connector(Rail.LIGHTNING));
        new StoreRoutes(stores, identity.policies(), connectors, new Tools()).mount(api);
        admin = user("admin@example.org", true);
        alice = user("alice@example.org", false);
        bob = user("bob@example.org", false);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        await(identity.stop());
        database.afterAll(context);
    }

    String admin() {
        return admin;
    }

    String alice() {
        return alice;
    }

    String bob() {
        return bob;
    }

    private String user(String email, boolean isAdmin) {
        await(identity.admin().createUser(email, new Secret("correct horse"), null, isAdmin));
        return key(email, "unrestricted");
    }

    /** The header of a new key. */
    String key(String email, String... permissions) {
        return "token "
                + await(identity.admin().createApiKey(email, "", List.of(permissions), List.of(), null))
                        .secret()
                        .value();
    }

    Future<Reply> send(String method, String path, String key, JsonObject body) {
        return api.send(method, "/api/v1/stores" + path, key, body);
    }

    /** With an Idempotency-Key. */
    Future<Reply> sendOnce(String once, String method, String path, String key, JsonObject body) {
        Map<String, String> headers = Map.of("Idempotency-Key", once);
        return api.send(method, "/api/v1/stores" + path, key, body, headers, "127.0.0.1");
    }

    /** Replies by their Idempotency-Key. */
    Map<String, Reply> kept() {
        return api.kept();
    }

    /** The path of a new store below that of all. */
    String store(String key) {
        return "/" + object(await(send("POST", "", key, SHOP))).getString("id");
    }

    Future<Optional<Store>> find(StoreId id) {
        return stores.find(id);
    }

    Future<Void> set(Policy policy, boolean value) {
        return database.db()
                .tx(tx -> identity.policies().set(tx, policy, value))
                .mapEmpty();
    }

    /** Wallets are made once this is done. */
    void wallets(Future<Void> open) {
        wallets = open;
    }

    long count(String query) {
        return await(database.db().read(query)).iterator().next().getLong(0);
    }

    static Failure failed(Future<?> future) {
        return ((FailureException) failure(future)).failure();
    }

    static JsonObject config(Object config) {
        return new JsonObject().put("config", config);
    }
}
