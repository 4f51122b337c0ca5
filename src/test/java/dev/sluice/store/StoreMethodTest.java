package dev.sluice.store;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.http.FakeApi.array;
import static dev.sluice.http.FakeApi.object;
import static dev.sluice.store.OpenStores.CHAIN;
import static dev.sluice.store.OpenStores.LIGHTNING;
import static dev.sluice.store.OpenStores.NODE;
import static dev.sluice.store.OpenStores.NOTHING;
import static dev.sluice.store.OpenStores.XPUB;
import static dev.sluice.store.OpenStores.config;
import static dev.sluice.store.OpenStores.failed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Reply;
import dev.sluice.identity.ServerPolicies.Policy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Payment methods of a store: set, shown without secrets, and whose node they may name. */
class StoreMethodTest {
    @RegisterExtension
    static final OpenStores STORES = new OpenStores();

    @Test
    void paymentMethodsAreSetShownAndTakenAway() {
        String path = STORES.store(STORES.alice());
        assertThat(array(await(STORES.send("GET", path + "/payment-methods", STORES.alice(), NOTHING))))
                .isEmpty();
        assertThat(failed(STORES.send("GET", path + CHAIN, STORES.alice(), NOTHING))
                        .code())
                .isEqualTo("paymentmethod-not-configured");
        JsonObject put =
                object(await(STORES.send("PUT", path + "/payment-methods/btc_onchain", STORES.alice(), config(XPUB))));
        assertThat(put)
                .isEqualTo(new JsonObject()
                        .put("paymentMethodId", "BTC-CHAIN")
                        .put("enabled", true)
                        .put("config", new JsonObject().put("derivationScheme", XPUB)));
        await(STORES.send(
                "PUT",
                path + LIGHTNING,
                STORES.alice(),
                config(new JsonObject().put("connectionString", NODE)).put("enabled", false)));
        assertThat(array(
                        await(STORES.send("GET", path + "/payment-methods?onlyEnabled=true", STORES.alice(), NOTHING))))
                .hasSize(1);
        JsonArray both = array(await(STORES.send("GET", path + "/payment-methods", STORES.alice(), NOTHING)));
        assertThat(both).hasSize(2);
        assertThat(both.getJsonObject(0).getValue("config")).isNull();
        await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), new JsonObject().put("enabled", true)));
        Store store = await(STORES.find(new StoreId(path.substring(1)))).orElseThrow();
        assertThat(store.method(Rail.LIGHTNING).orElseThrow().config().getString("connectionString"))
                .isEqualTo(NODE);
        assertThat(store.methods()).allMatch(m -> m.enabled() && m.holder() == PaymentMethod.Holder.STORE);
        await(STORES.send("DELETE", path + LIGHTNING, STORES.alice(), NOTHING));
        assertThat(array(await(STORES.send("GET", path + "/payment-methods", STORES.alice(), NOTHING))))
                .hasSize(1);
    }

    @Test
    void secretsOfANodeNeverComeBack() {
        String path = STORES.store(STORES.alice());
        String shown = "type=lnd-grpc;server=https://***@node:10009;macaroon=***;allowinsecure=true";
        Reply put = await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(NODE)));
        Reply get = await(STORES.send("GET", path + LIGHTNING + "?includeConfig=true", STORES.alice(), NOTHING));
        Reply list = await(STORES.send("GET", path + "/payment-methods?includeConfig=true", STORES.alice(), NOTHING));
        for (Reply reply : List.of(put, get, list)) {
            assertThat(reply.body()).contains(shown).doesNotContain("0201abcd").doesNotContain("me:pw");
        }
        assertThat(STORES.count("select count(*) from event where body::text like '%0201abcd%'"))
                .isZero();
        await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(shown)));
        Store store = await(STORES.find(new StoreId(path.substring(1)))).orElseThrow();
        assertThat(store.method(Rail.LIGHTNING).orElseThrow().config().getString("connectionString"))
                .as("what was shown, sent back, keeps the secret")
                .isEqualTo(NODE);
        Failure other =
                failed(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(shown.replace("node", "evil"))));
        assertThat(((Failure.Invalid) other).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Config.ConnectionString");
        String viewer = STORES.key("alice@example.org", "btcpay.store.canviewstoresettings");
        assertThat(failed(STORES.send("GET", path + LIGHTNING + "?includeConfig=true", viewer, NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(object(await(STORES.send("GET", path + LIGHTNING, viewer, NOTHING)))
                        .getValue("config"))
                .isNull();
    }

    @Test
    void operatorsNodeIsForAdministratorsUnlessAllMayUseIt() {
        String path = STORES.store(STORES.alice());
        assertThat(failed(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config("internal node"))))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(STORES.send("PUT", path + CHAIN, STORES.alice(), config("Internal Wallet"))))
                .isInstanceOf(Failure.Forbidden.class);
        String own = STORES.store(STORES.admin());
        assertThat(object(await(STORES.send("PUT", own + LIGHTNING, STORES.admin(), config("internal node"))))
                        .getJsonObject("config")
                        .getString("connectionString"))
                .isEqualTo("Internal Node");
        await(STORES.send("PUT", own + CHAIN, STORES.admin(), config("Internal Wallet")));
        assertThat(await(STORES.find(new StoreId(own.substring(1))))
                        .orElseThrow()
                        .methods())
                .allMatch(m -> m.holder() == PaymentMethod.Holder.OPERATOR
                        && m.source().equals("operator"));
        await(STORES.set(Policy.INTERNAL_FOR_ALL, true));
        await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config("Internal Node")));
        await(STORES.set(Policy.INTERNAL_FOR_ALL, false));
        await(STORES.send(
                "PUT", path + LIGHTNING, STORES.alice(), config("Internal Node").put("enabled", false)));
        assertThat(failed(STORES.send("PUT", path + CHAIN, STORES.alice(), config("Internal Wallet"))))
                .isInstanceOf(Failure.Forbidden.class);
    }

    @Test
    void onlyAdministratorsNameFilesOfTheServer() {
        String path = STORES.store(STORES.alice());
        String pinned = "type=lnd-grpc;server=https://mine:10009;certthumbprint=" + "ab".repeat(32) + ";";
        for (String file : List.of(
                "macaroonfilepath=/etc/passwd", " MacaroonDirectoryPath = /data", "macaroon=02;certfilepath=/etc/x")) {
            assertThat(failed(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(pinned + file))))
                    .as(file)
                    .isInstanceOf(Failure.Forbidden.class);
        }
        assertThat(await(STORES.find(new StoreId(path.substring(1))))
                        .orElseThrow()
                        .methods())
                .isEmpty();
        await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(pinned + "macaroon=0201")));
        await(STORES.send(
                "PUT",
                STORES.store(STORES.admin()) + LIGHTNING,
                STORES.admin(),
                config(pinned + "macaroonfilepath=/data/invoice.macaroon")));
    }

    @Test
    void badConfigurationsAreRefusedByPath() {
        String path = STORES.store(STORES.alice());
        for (Object config : List.of(
                new JsonObject(),
                "",
                "wpkh(xprv9s21ZrQH143K/0/*)",
                "bad",
                7,
                new JsonObject().put("derivationScheme", 7),
                new JsonObject().put("derivationScheme", XPUB).put("startIndex", -1),
                new JsonObject().put("derivationScheme", XPUB).put("startIndex", 1_000_001),
                new JsonObject().put("derivationScheme", XPUB).put("startIndex", "1.5"))) {
            Failure failure = failed(STORES.send("PUT", path + CHAIN, STORES.alice(), config(config)));
            assertThat(((Failure.Invalid) failure).errors())
                    .as("%s", config)
                    .extracting(Failure.FieldError::path)
                    .allMatch(at -> at.startsWith("Config"));
        }
        assertThat(failed(STORES.send("PUT", path + CHAIN, STORES.alice(), NOTHING)))
                .isInstanceOf(Failure.Invalid.class);
        assertThat(array(await(STORES.send("GET", path + "/payment-methods", STORES.alice(), NOTHING))))
                .isEmpty();
        assertThat(failed(STORES.send("GET", path + "/payment-methods/LTC-CHAIN", STORES.alice(), NOTHING))
                        .code())
                .isEqualTo("paymentmethod-not-found");
        for (String old : List.of("LightningNetwork", "LightningNetwork/BTC", "LNURLPay/BTC", "LNURL")) {
            assertThat(failed(STORES.send("GET", path + "/payment-methods/" + old, STORES.alice(), NOTHING)))
                    .as(old)
                    .isInstanceOf(Failure.Gone.class);
        }
    }

    @Test
    void walletIsGeneratedOnceAndItsWordsAreShownOnce() {
        String path = STORES.store(STORES.alice());
        JsonObject request = new JsonObject().put("wordCount", "24").put("scriptPubKeyType", "TaprootBIP86");
        JsonObject made = object(
                await(STORES.sendOnce("wallet", "POST", path + CHAIN + "/wallet/generate", STORES.alice(), request)));
        assertThat(made.getString("mnemonic")).isEqualTo("abandon 24");
        assertThat(made.getJsonObject("config").getString("derivationScheme")).isEqualTo("xpub-TAPROOT");
        assertThat(STORES.kept().get("wallet").body()).doesNotContain("abandon");
        assertThat(failed(STORES.send("POST", path + CHAIN + "/wallet/generate", STORES.alice(), request))
                        .code())
                .isEqualTo("already-configured");
        JsonArray addresses = object(await(
                        STORES.send("GET", path + CHAIN + "/wallet/preview?offset=3&count=5", STORES.alice(), NOTHING)))
                .getJsonArray("addresses");
        assertThat(addresses.encode()).isEqualTo("[{\"keyPath\":\"0/3\",\"address\":\"xpub-TAPROOT/5\"}]");
        assertThat(failed(STORES.send("GET", path + CHAIN + "/wallet/preview?count=101", STORES.alice(), NOTHING)))
                .isInstanceOf(Failure.Invalid.class);
        Failure bad = failed(STORES.send(
                "POST",
                path + CHAIN + "/wallet/generate",
                STORES.alice(),
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
        String path = STORES.store(STORES.alice()) + CHAIN + "/wallet/generate";
        Promise<Void> both = Promise.promise();
        STORES.wallets(both.future());
        List<Future<Reply>> asked = Stream.of("Segwit", "TaprootBIP86")
                .map(type -> STORES.send("POST", path, STORES.alice(), new JsonObject().put("scriptPubKeyType", type)))
                .toList();
        both.complete();
        STORES.wallets(Future.succeededFuture());
        await(Future.join(asked).otherwiseEmpty());
        Future<Reply> made =
                asked.stream().filter(Future::succeeded).findFirst().orElseThrow();
        Future<Reply> other = asked.stream().filter(Future::failed).findFirst().orElseThrow();
        assertThat(failed(other).code()).isIn("changed-meanwhile", "already-configured");
        String scheme = object(made.result()).getJsonObject("config").getString("derivationScheme");
        assertThat(object(await(STORES.send(
                                "GET",
                                path.replace("/wallet/generate", "?includeConfig=true"),
                                STORES.alice(),
                                NOTHING)))
                        .getJsonObject("config")
                        .getString("derivationScheme"))
                .isEqualTo(scheme);
    }
}
