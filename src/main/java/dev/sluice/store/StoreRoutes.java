package dev.sluice.store;

import static dev.sluice.http.Access.needs;

import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.identity.Permissions;
import dev.sluice.identity.ServerPolicies;
import dev.sluice.identity.StoreRole;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.function.Function;

/** The routes of stores, of their payment methods and of setting a wallet up. */
public final class StoreRoutes {
    private final StoreServiceLive stores;
    private final PaymentMethodRoutes methods;
    private final WalletRoutes wallets;

    /** @param connectors one for each rail that may be configured */
    public StoreRoutes(
            StoreServiceLive stores, ServerPolicies policies, List<RailConnector> connectors, WalletTools wallets) {
        this.stores = stores;
        MethodSetup setup = new MethodSetup(stores, policies, connectors);
        this.methods = new PaymentMethodRoutes(stores, setup);
        this.wallets = new WalletRoutes(stores, setup, wallets);
    }

    public void mount(Api api) {
        api.get("/api/v1/stores", needs(Permissions.VIEW_STORE), this::list);
        api.post("/api/v1/stores", needs(Permissions.MODIFY_STORE + ":"), this::create);
        api.get("/api/v1/stores/{storeId}", needs(Permissions.VIEW_STORE), this::get);
        api.put("/api/v1/stores/{storeId}", needs(Permissions.MODIFY_STORE), this::update);
        api.delete("/api/v1/stores/{storeId}", needs(Permissions.MODIFY_STORE), this::delete);
        api.get("/api/v1/stores/{storeId}/roles", needs(Permissions.VIEW_STORE), StoreRoutes::roles);
        methods.mount(api);
        wallets.mount(api);
    }

    /** One mutation and, after its commit, the word that things changed. */
    static Future<Reply> change(Call call, StoreServiceLive stores, Function<SqlConnection, Future<Reply>> work) {
        return call.effect(work).onSuccess(reply -> stores.changed());
    }

    private Future<Reply> list(Call call) {
        return stores.list(call.principal().storesAllowing(Permissions.VIEW_STORE))
                .map(found -> {
                    JsonArray all = new JsonArray();
                    found.forEach(
                            store -> all.add(json(store.id(), store.settings().document())));
                    return Reply.json(all);
                });
    }

    private Future<Reply> create(Call call) {
        return change(
                call,
                stores,
                tx -> stores.create(tx, call.principal().user(), call.body())
                        .map(store ->
                                Reply.json(json(store.id(), store.settings().document()))));
    }

    private Future<Reply> get(Call call) {
        return stores.get(call.store())
                .map(store -> Reply.json(json(store.id(), store.settings().document())));
    }

    private Future<Reply> update(Call call) {
        StoreId id = call.store();
        return change(
                call, stores, tx -> stores.update(tx, id, call.body()).map(document -> Reply.json(json(id, document))));
    }

    private Future<Reply> delete(Call call) {
        return change(
                call,
                stores,
                tx -> stores.leave(tx, call.store(), call.principal().user()).map(left -> Reply.done()));
    }

    private static Future<Reply> roles(Call call) {
        JsonArray roles = new JsonArray();
        for (StoreRole role : StoreRole.values()) {
            roles.add(new JsonObject()
                    .put("id", role.apiName())
                    .put("role", role.apiName())
                    .put("permissions", new JsonArray(role.permissions()))
                    .put("isServerRole", true));
        }
        return Future.succeededFuture(Reply.json(roles));
    }

    private static JsonObject json(StoreId id, JsonObject document) {
        return new JsonObject().put("id", id.value()).mergeIn(document);
    }
}
