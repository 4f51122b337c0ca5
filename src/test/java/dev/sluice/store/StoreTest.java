package dev.sluice.store;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.http.FakeApi.array;
import static dev.sluice.http.FakeApi.object;
import static org.assertj.core.api.Assertions.assertThat;

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
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class StoreTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final JsonObject NOTHING = new JsonObject();
    private static final JsonObject SHOP = new JsonObject().put("name", "Shop");
    private static final String CHAIN = "/payment-methods/BTC-CHAIN";
    private static final String LIGHTNING = "/payment-methods/BTC-LN";
    private static final String NODE =
            "type=lnd-grpc;server=https://me:pw@node:10009;macaroon=0201abcd;allowinsecure=true";
    private static final String XPUB =
            "xpub6CUGRUonZSQ4TWtTMmzXdrXDtypWKiKrhko4egpiMZbpiaQL2jkwSB1icqYh2cfDfVxdx4df189oLKnC5fSwqPfgyP3h"
                    + "ooxujYzAu3fDVmz";

    private static IdentityService identity;
    private static StoreServiceLive stores;
    private static FakeApi api;
    private static String admin;
    private static String alice;
    private static String bob;

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

    private static final class Tools implements WalletTools {
        @Override
        public Future<List<Preview>> preview(String descriptor, int offset, int count) {
            return Future.succeededFuture(List.of(new Preview("0/" + offset, descriptor + "/" + count)));
        }

        @Override
        public Future<Generated> generate(Request request) {
            return gate.map(open -> new Generated(
                    new Secret("abandon " + request.wordCount()),
                    "xpub-" + request.scriptType(),
                    "abcd82a1/84'/0'/0'"));
        }
    }

    private static Future<Void> gate = Future.succeededFuture();

    @BeforeAll
    static void build() {
        EventLog eventLog = new EventLog(DATABASE.db(), DATABASE.bus());
        identity = new IdentityService(DATABASE.vertx(), DATABASE.db(), eventLog, Clock.system(), Entropy.secure());
        stores = new StoreServiceLive(DATABASE.db(), eventLog, identity.members(), Clock.system(), Entropy.secure());
        api = new FakeApi(DATABASE.db(), identity.authenticator());
        new StoreRoutes(
                        stores,
                        identity.policies(),
                        List.of(new Connector(Rail.CHAIN), new Connector(Rail.LIGHTNING)),
                        new Tools())
                .mount(api);
        admin = user("admin@example.org", true);
        alice = user("alice@example.org", false);
        bob = user("bob@example.org", false);
    }

    @AfterAll
    static void stop() {
        await(identity.stop());
    }

    private static String user(String email, boolean isAdmin) {
        await(identity.admin().createUser(email, new Secret("correct horse"), null, isAdmin));
        return key(email, "unrestricted");
    }

    private static String key(String email, String... permissions) {
        return "token "
                + await(identity.admin().createApiKey(email, "", List.of(permissions), List.of(), null))
                        .secret()
                        .value();
    }

    private static Future<Reply> send(String method, String path, String key, JsonObject body) {
        return api.send(method, "/api/v1/stores" + path, key, body);
    }

    private static String store(String key) {
        return "/" + object(await(send("POST", "", key, SHOP))).getString("id");
    }

    private static Failure failed(Future<?> future) {
        return ((FailureException) failure(future)).failure();
    }

    private static JsonObject config(Object config) {
        return new JsonObject().put("config", config);
    }

    private static long count(String query) {
        return await(DATABASE.db().read(query)).iterator().next().getLong(0);
    }

    @Test
    void storeIsMadeListedChangedAndLeft() {
        JsonObject made = object(await(send("POST", "", alice, SHOP.copy().put("paymentTolerance", "1.5"))));
        String path = "/" + made.getString("id");
        assertThat(made.getString("name")).isEqualTo("Shop");
        assertThat(object(await(send("GET", path, alice, NOTHING)))).isEqualTo(made);
        assertThat(array(await(send("GET", "", alice, NOTHING)))).contains(made);
        JsonObject changed = object(await(send("PUT", path, alice, new JsonObject().put("name", "Bar"))));
        assertThat(changed.getString("name")).isEqualTo("Bar");
        assertThat(changed.getValue("paymentTolerance").toString())
                .as("not said: default")
                .isEqualTo("0");
        assertThat(object(await(send("GET", path, alice, NOTHING))).getString("name"))
                .isEqualTo("Bar");
        StoreId id = new StoreId(made.getString("id"));
        await(send("DELETE", path, alice, NOTHING));
        assertThat(failed(send("GET", path, alice, NOTHING))).isInstanceOf(Failure.Forbidden.class);
        assertThat(array(await(send("GET", "", alice, NOTHING)))).doesNotContain(changed);
        Store left = await(stores.find(id)).orElseThrow();
        assertThat(left.settings().document().getBoolean("archived")).isTrue();
        assertThat(count("select count(*) from event where subject = 'store:" + id + "'"))
                .isEqualTo(3);
        assertThat(count("select count(distinct version) from event where subject = 'store:" + id + "'"))
                .isEqualTo(3);
    }

    @Test
    void nobodyReachesTheStoreOfAnother() {
        String path = store(alice);
        Map<String, String> routes = Map.of("", "GET PUT DELETE", "/roles", "GET", "/payment-methods", "GET");
        routes.forEach((route, methods) -> List.of(methods.split(" "))
                .forEach(method -> assertThat(failed(send(method, path + route, bob, SHOP)))
                        .as(method + route)
                        .isInstanceOf(Failure.Forbidden.class)));
        for (String method : List.of("GET", "PUT", "DELETE")) {
            assertThat(failed(send(method, path + CHAIN, bob, config(XPUB)))).isInstanceOf(Failure.Forbidden.class);
        }
        for (String wallet : List.of("/wallet/generate", "/wallet/preview")) {
            assertThat(failed(send("POST", path + CHAIN + wallet, bob, NOTHING)))
                    .isInstanceOf(Failure.Forbidden.class);
        }
        String scoped = key(
                "alice@example.org",
                "btcpay.store.canmodifystoresettings:" + store(alice).substring(1));
        assertThat(failed(send("GET", path, scoped, NOTHING))).isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(send("POST", "", scoped, SHOP))).isInstanceOf(Failure.Forbidden.class);
        assertThat(array(await(send("GET", "", scoped, NOTHING)))).hasSize(1);
        assertThat(object(await(send("GET", path, alice, NOTHING))).getString("name"))
                .isEqualTo("Shop");
    }

    @Test
    void administratorSeesForeignStoresButChangesNothing() {
        String path = store(alice);
        assertThat(object(await(send("GET", path, admin, NOTHING))).getString("name"))
                .isEqualTo("Shop");
        assertThat(failed(send("PUT", path, admin, SHOP))).isInstanceOf(Failure.Forbidden.class);
        await(send("PUT", path + LIGHTNING, alice, config(NODE)));
        assertThat(failed(send("GET", path + "/payment-methods?includeConfig=true", admin, NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(send("GET", "/nosuchstore", admin, NOTHING)).code()).isEqualTo("store-not-found");
    }

    @Test
    void paymentMethodsAreSetShownAndTakenAway() {
        String path = store(alice);
        assertThat(array(await(send("GET", path + "/payment-methods", alice, NOTHING))))
                .isEmpty();
        assertThat(failed(send("GET", path + CHAIN, alice, NOTHING)).code()).isEqualTo("paymentmethod-not-configured");
        JsonObject put = object(await(send("PUT", path + "/payment-methods/btc_onchain", alice, config(XPUB))));
        assertThat(put)
                .isEqualTo(new JsonObject()
                        .put("paymentMethodId", "BTC-CHAIN")
                        .put("enabled", true)
                        .put("config", new JsonObject().put("derivationScheme", XPUB)));
        await(send(
                "PUT",
                path + LIGHTNING,
                alice,
                config(new JsonObject().put("connectionString", NODE)).put("enabled", false)));
        assertThat(array(await(send("GET", path + "/payment-methods?onlyEnabled=true", alice, NOTHING))))
                .hasSize(1);
        JsonArray both = array(await(send("GET", path + "/payment-methods", alice, NOTHING)));
        assertThat(both).hasSize(2);
        assertThat(both.getJsonObject(0).getValue("config")).isNull();
        await(send("PUT", path + LIGHTNING, alice, new JsonObject().put("enabled", true)));
        Store store = await(stores.find(new StoreId(path.substring(1)))).orElseThrow();
        assertThat(store.method(Rail.LIGHTNING).orElseThrow().config().getString("connectionString"))
                .isEqualTo(NODE);
        assertThat(store.methods()).allMatch(m -> m.enabled() && m.holder() == PaymentMethod.Holder.STORE);
        await(send("DELETE", path + LIGHTNING, alice, NOTHING));
        assertThat(array(await(send("GET", path + "/payment-methods", alice, NOTHING))))
                .hasSize(1);
    }

    @Test
    void secretsOfANodeNeverComeBack() {
        String path = store(alice);
        String shown = "type=lnd-grpc;server=https://***@node:10009;macaroon=***;allowinsecure=true";
        Reply put = await(send("PUT", path + LIGHTNING, alice, config(NODE)));
        Reply get = await(send("GET", path + LIGHTNING + "?includeConfig=true", alice, NOTHING));
        Reply list = await(send("GET", path + "/payment-methods?includeConfig=true", alice, NOTHING));
        for (Reply reply : List.of(put, get, list)) {
            assertThat(reply.body()).contains(shown).doesNotContain("0201abcd").doesNotContain("me:pw");
        }
        assertThat(count("select count(*) from event where body::text like '%0201abcd%'"))
                .isZero();
        await(send("PUT", path + LIGHTNING, alice, config(shown)));
        Store store = await(stores.find(new StoreId(path.substring(1)))).orElseThrow();
        assertThat(store.method(Rail.LIGHTNING).orElseThrow().config().getString("connectionString"))
                .as("what was shown, sent back, keeps the secret")
                .isEqualTo(NODE);
        Failure other = failed(send("PUT", path + LIGHTNING, alice, config(shown.replace("node", "evil"))));
        assertThat(((Failure.Invalid) other).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Config.ConnectionString");
        String viewer = key("alice@example.org", "btcpay.store.canviewstoresettings");
        assertThat(failed(send("GET", path + LIGHTNING + "?includeConfig=true", viewer, NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(object(await(send("GET", path + LIGHTNING, viewer, NOTHING))).getValue("config"))
                .isNull();
    }

    @Test
    void operatorsNodeIsForAdministratorsUnlessAllMayUseIt() {
        String path = store(alice);
        assertThat(failed(send("PUT", path + LIGHTNING, alice, config("internal node"))))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(send("PUT", path + CHAIN, alice, config("Internal Wallet"))))
                .isInstanceOf(Failure.Forbidden.class);
        String own = store(admin);
        assertThat(object(await(send("PUT", own + LIGHTNING, admin, config("internal node"))))
                        .getJsonObject("config")
                        .getString("connectionString"))
                .isEqualTo("Internal Node");
        await(send("PUT", own + CHAIN, admin, config("Internal Wallet")));
        assertThat(await(stores.find(new StoreId(own.substring(1))))
                        .orElseThrow()
                        .methods())
                .allMatch(m -> m.holder() == PaymentMethod.Holder.OPERATOR
                        && m.source().equals("operator"));
        await(DATABASE.db().tx(tx -> identity.policies().set(tx, Policy.INTERNAL_FOR_ALL, true)));
        await(send("PUT", path + LIGHTNING, alice, config("Internal Node")));
        await(DATABASE.db().tx(tx -> identity.policies().set(tx, Policy.INTERNAL_FOR_ALL, false)));
        await(send("PUT", path + LIGHTNING, alice, config("Internal Node").put("enabled", false)));
        assertThat(failed(send("PUT", path + CHAIN, alice, config("Internal Wallet"))))
                .isInstanceOf(Failure.Forbidden.class);
    }

    @Test
    void onlyAdministratorsNameFilesOfTheServer() {
        String path = store(alice);
        String pinned = "type=lnd-grpc;server=https://mine:10009;certthumbprint=" + "ab".repeat(32) + ";";
        for (String file : List.of(
                "macaroonfilepath=/etc/passwd", " MacaroonDirectoryPath = /data", "macaroon=02;certfilepath=/etc/x")) {
            assertThat(failed(send("PUT", path + LIGHTNING, alice, config(pinned + file))))
                    .as(file)
                    .isInstanceOf(Failure.Forbidden.class);
        }
        assertThat(await(stores.find(new StoreId(path.substring(1))))
                        .orElseThrow()
                        .methods())
                .isEmpty();
        await(send("PUT", path + LIGHTNING, alice, config(pinned + "macaroon=0201")));
        await(send("PUT", store(admin) + LIGHTNING, admin, config(pinned + "macaroonfilepath=/data/invoice.macaroon")));
    }

    @Test
    void badConfigurationsAreRefusedByPath() {
        String path = store(alice);
        for (Object config : List.of(
                new JsonObject(),
                "",
                "wpkh(xprv9s21ZrQH143K/0/*)",
                "bad",
                7,
                new JsonObject().put("derivationScheme", 7))) {
            Failure failure = failed(send("PUT", path + CHAIN, alice, config(config)));
            assertThat(((Failure.Invalid) failure).errors())
                    .as("%s", config)
                    .extracting(Failure.FieldError::path)
                    .allMatch(at -> at.startsWith("Config"));
        }
        assertThat(failed(send("PUT", path + CHAIN, alice, NOTHING))).isInstanceOf(Failure.Invalid.class);
        assertThat(array(await(send("GET", path + "/payment-methods", alice, NOTHING))))
                .isEmpty();
        assertThat(failed(send("GET", path + "/payment-methods/LTC-CHAIN", alice, NOTHING))
                        .code())
                .isEqualTo("paymentmethod-not-found");
        for (String old : List.of("LightningNetwork", "LightningNetwork/BTC", "LNURLPay/BTC", "LNURL")) {
            assertThat(failed(send("GET", path + "/payment-methods/" + old, alice, NOTHING)))
                    .as(old)
                    .isInstanceOf(Failure.Gone.class);
        }
    }

    @Test
    void walletIsGeneratedOnceAndItsWordsAreShownOnce() {
        String path = store(alice);
        JsonObject request = new JsonObject().put("wordCount", "24").put("scriptPubKeyType", "TaprootBIP86");
        JsonObject made = object(await(api.send(
                "POST",
                "/api/v1/stores" + path + CHAIN + "/wallet/generate",
                alice,
                request,
                Map.of("Idempotency-Key", "wallet"),
                "127.0.0.1")));
        assertThat(made.getString("mnemonic")).isEqualTo("abandon 24");
        assertThat(made.getJsonObject("config").getString("derivationScheme")).isEqualTo("xpub-TAPROOT");
        assertThat(api.kept().get("wallet").body()).doesNotContain("abandon");
        assertThat(failed(send("POST", path + CHAIN + "/wallet/generate", alice, request))
                        .code())
                .isEqualTo("already-configured");
        JsonArray addresses = object(
                        await(send("GET", path + CHAIN + "/wallet/preview?offset=3&count=5", alice, NOTHING)))
                .getJsonArray("addresses");
        assertThat(addresses.encode()).isEqualTo("[{\"keyPath\":\"0/3\",\"address\":\"xpub-TAPROOT/5\"}]");
        assertThat(failed(send("GET", path + CHAIN + "/wallet/preview?count=101", alice, NOTHING)))
                .isInstanceOf(Failure.Invalid.class);
        Failure bad = failed(send(
                "POST",
                path + CHAIN + "/wallet/generate",
                alice,
                new JsonObject()
                        .put("savePrivateKeys", true)
                        .put("wordCount", 13)
                        .put("scriptPubKeyType", "x")));
        assertThat(((Failure.Invalid) bad).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("SavePrivateKeys", "WordCount", "ScriptPubKeyType");
    }

    @Test
    void ofTwoWalletsMadeAtOnceOneIsTheStores() {
        String path = store(alice) + CHAIN + "/wallet/generate";
        Promise<Void> both = Promise.promise();
        gate = both.future();
        List<Future<Reply>> asked = Stream.of("Segwit", "TaprootBIP86")
                .map(type -> send("POST", path, alice, new JsonObject().put("scriptPubKeyType", type)))
                .toList();
        both.complete();
        gate = Future.succeededFuture();
        await(Future.join(asked).otherwiseEmpty());
        Future<Reply> made =
                asked.stream().filter(Future::succeeded).findFirst().orElseThrow();
        Future<Reply> other = asked.stream().filter(Future::failed).findFirst().orElseThrow();
        assertThat(failed(other).code()).isIn("changed-meanwhile", "already-configured");
        String scheme = object(made.result()).getJsonObject("config").getString("derivationScheme");
        assertThat(object(await(send("GET", path.replace("/wallet/generate", "?includeConfig=true"), alice, NOTHING)))
                        .getJsonObject("config")
                        .getString("derivationScheme"))
                .isEqualTo(scheme);
    }

    @Test
    void rolesAreGreenfields() {
        JsonArray roles = array(await(send("GET", store(alice) + "/roles", alice, NOTHING)));
        assertThat(roles.stream().map(role -> ((JsonObject) role).getString("role")))
                .containsExactly("Owner", "Manager", "Employee", "Guest");
        assertThat(roles.getJsonObject(0).getJsonArray("permissions"))
                .containsExactly("btcpay.store.canmodifystoresettings");
    }
}
