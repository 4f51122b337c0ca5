package dev.sluice.store;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.http.FakeApi.array;
import static dev.sluice.http.FakeApi.object;
import static dev.sluice.store.OpenStores.CHAIN;
import static dev.sluice.store.OpenStores.LIGHTNING;
import static dev.sluice.store.OpenStores.NODE;
import static dev.sluice.store.OpenStores.NOTHING;
import static dev.sluice.store.OpenStores.SHOP;
import static dev.sluice.store.OpenStores.XPUB;
import static dev.sluice.store.OpenStores.config;
import static dev.sluice.store.OpenStores.failed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stores: made, changed and left by whom they belong to, and out of reach of everyone else. */
class StoreTest {
    @RegisterExtension
    static final OpenStores STORES = new OpenStores();

    @Test
    void storeIsMadeListedChangedAndLeft() {
        JsonObject made =
                object(await(STORES.send("POST", "", STORES.alice(), SHOP.copy().put("paymentTolerance", "1.5"))));
        String path = "/" + made.getString("id");
        assertThat(made.getString("name")).isEqualTo("Shop");
        assertThat(object(await(STORES.send("GET", path, STORES.alice(), NOTHING))))
                .isEqualTo(made);
        assertThat(array(await(STORES.send("GET", "", STORES.alice(), NOTHING))))
                .contains(made);
        JsonObject changed =
                object(await(STORES.send("PUT", path, STORES.alice(), new JsonObject().put("name", "Bar"))));
        assertThat(changed.getString("name")).isEqualTo("Bar");
        assertThat(changed.getValue("paymentTolerance").toString())
                .as("not said: default")
                .isEqualTo("0");
        assertThat(object(await(STORES.send("GET", path, STORES.alice(), NOTHING)))
                        .getString("name"))
                .isEqualTo("Bar");
        StoreId id = new StoreId(made.getString("id"));
        await(STORES.send("DELETE", path, STORES.alice(), NOTHING));
        assertThat(failed(STORES.send("GET", path, STORES.alice(), NOTHING))).isInstanceOf(Failure.Forbidden.class);
        assertThat(array(await(STORES.send("GET", "", STORES.alice(), NOTHING))))
                .doesNotContain(changed);
        Store left = await(STORES.find(id)).orElseThrow();
        assertThat(left.settings().document().getBoolean("archived")).isTrue();
        assertThat(STORES.count("select count(*) from event where subject = 'store:" + id + "'"))
                .isEqualTo(3);
        assertThat(STORES.count("select count(distinct version) from event where subject = 'store:" + id + "'"))
                .isEqualTo(3);
    }

    @Test
    void nobodyReachesTheStoreOfAnother() {
        String path = STORES.store(STORES.alice());
        Map<String, String> routes = Map.of("", "GET PUT DELETE", "/roles", "GET", "/payment-methods", "GET");
        routes.forEach((route, methods) -> List.of(methods.split(" "))
                .forEach(method -> assertThat(failed(STORES.send(method, path + route, STORES.bob(), SHOP)))
                        .as(method + route)
                        .isInstanceOf(Failure.Forbidden.class)));
        for (String method : List.of("GET", "PUT", "DELETE")) {
            assertThat(failed(STORES.send(method, path + CHAIN, STORES.bob(), config(XPUB))))
                    .isInstanceOf(Failure.Forbidden.class);
        }
        for (String wallet : List.of("/wallet/generate", "/wallet/preview")) {
            assertThat(failed(STORES.send("POST", path + CHAIN + wallet, STORES.bob(), NOTHING)))
                    .isInstanceOf(Failure.Forbidden.class);
        }
        String scoped = STORES.key(
                "alice@example.org",
                "btcpay.store.canmodifystoresettings:"
                        + STORES.store(STORES.alice()).substring(1));
        assertThat(failed(STORES.send("GET", path, scoped, NOTHING))).isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(STORES.send("POST", "", scoped, SHOP))).isInstanceOf(Failure.Forbidden.class);
        assertThat(array(await(STORES.send("GET", "", scoped, NOTHING)))).hasSize(1);
        assertThat(object(await(STORES.send("GET", path, STORES.alice(), NOTHING)))
                        .getString("name"))
                .isEqualTo("Shop");
    }

    @Test
    void administratorSeesForeignStoresButChangesNothing() {
        String path = STORES.store(STORES.alice());
        assertThat(object(await(STORES.send("GET", path, STORES.admin(), NOTHING)))
                        .getString("name"))
                .isEqualTo("Shop");
        assertThat(failed(STORES.send("PUT", path, STORES.admin(), SHOP))).isInstanceOf(Failure.Forbidden.class);
        await(STORES.send("PUT", path + LIGHTNING, STORES.alice(), config(NODE)));
        assertThat(failed(STORES.send("GET", path + "/payment-methods?includeConfig=true", STORES.admin(), NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        assertThat(failed(STORES.send("GET", "/nosuchstore", STORES.admin(), NOTHING))
                        .code())
                .isEqualTo("store-not-found");
    }

    @Test
    void rolesAreGreenfields() {
        JsonArray roles =
                array(await(STORES.send("GET", STORES.store(STORES.alice()) + "/roles", STORES.alice(), NOTHING)));
        assertThat(roles.stream().map(role -> ((JsonObject) role).getString("role")))
                .containsExactly("Owner", "Manager", "Employee", "Guest");
        assertThat(roles.getJsonObject(0).getJsonArray("permissions"))
                .containsExactly("btcpay.store.canmodifystoresettings");
    }
}
