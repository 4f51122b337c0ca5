package dev.sluice.store;

import static dev.sluice.http.Access.needs;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Reply;
import dev.sluice.identity.Permissions;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/** Greenfield's store payment methods. */
final class PaymentMethodRoutes {
    static final String METHODS = "/api/v1/stores/{storeId}/payment-methods";
    private static final String METHOD = METHODS + "/{paymentMethodId}";
    /** First path parts of BTCPay 1.x: clients that still ask there must move on. */
    private static final List<String> OBSOLETE = List.of("LNURL", "LNURLPay", "LightningNetwork");

    private final StoreServiceLive stores;
    private final MethodSetup setup;

    PaymentMethodRoutes(StoreServiceLive stores, MethodSetup setup) {
        this.stores = stores;
        this.setup = setup;
    }

    void mount(Api api) {
        Access view = needs(Permissions.VIEW_STORE);
        Access modify = needs(Permissions.MODIFY_STORE);
        api.get(METHODS, view, this::list);
        for (String obsolete : OBSOLETE) {
            String path = METHODS + "/" + obsolete + "/{cryptoCode}";
            api.get(path, view, call -> Future.failedFuture(gone()));
            api.put(path, modify, call -> Future.failedFuture(gone()));
            api.delete(path, modify, call -> Future.failedFuture(gone()));
        }
        api.get(METHOD, view, this::get);
        api.put(METHOD, modify, this::put);
        api.delete(METHOD, modify, this::delete);
    }

    /** The rail of the path; throws {@code NotFound}, or {@code Gone} for the words of 1.x. */
    static Rail railOf(Call call) {
        String id = call.path("paymentMethodId");
        String upper = id.toUpperCase(Locale.ROOT);
        if (OBSOLETE.stream().anyMatch(word -> word.toUpperCase(Locale.ROOT).equals(upper))) {
            throw gone();
        }
        return Rail.find(id)
                .orElseThrow(() -> new Failure.NotFound("paymentmethod-not-found", "The payment method was not found")
                        .exception());
    }

    static JsonObject json(PaymentMethod method, boolean includeConfig) {
        return new JsonObject()
                .put("paymentMethodId", method.rail().methodId())
                .put("enabled", method.enabled())
                .put("config", includeConfig ? MethodConfig.masked(method.config()) : null);
    }

    private Future<Reply> list(Call call) {
        boolean includeConfig = includeConfig(call);
        boolean onlyEnabled = isTrue(call, "onlyEnabled");
        return stores.get(call.store()).map(store -> {
            JsonArray all = new JsonArray();
            store.methods().stream()
                    .filter(method -> method.enabled() || !onlyEnabled)
                    .forEach(method -> all.add(json(method, includeConfig)));
            return Reply.json(all);
        });
    }

    private Future<Reply> get(Call call) {
        boolean includeConfig = includeConfig(call);
        return setup.configured(call.store(), railOf(call)).map(method -> Reply.json(json(method, includeConfig)));
    }

    /** Connecting comes first and is safe to repeat; the row is written once it is known to work. */
    private Future<Reply> put(Call call) {
        Rail rail = railOf(call);
        StoreId id = call.store();
        return stores.get(id)
                .compose(store -> setup.prepare(call.principal(), store, rail, call.body())
                        .compose(method -> StoreRoutes.change(
                                call,
                                stores,
                                tx -> stores.changeMethod(tx, id, store.method(rail), method)
                                        .map(put -> Reply.json(json(method, true))))));
    }

    private Future<Reply> delete(Call call) {
        Rail rail = railOf(call);
        StoreId id = call.store();
        return StoreRoutes.change(
                call, stores, tx -> stores.deleteMethod(tx, id, rail).map(deleted -> Reply.done()));
    }

    private static boolean includeConfig(Call call) {
        boolean wanted = isTrue(call, "includeConfig");
        if (wanted && !call.principal().allows(Permissions.MODIFY_STORE, call.store())) {
            throw new Failure.Forbidden(
                            "missing-permission",
                            "Insufficient permission: " + Permissions.MODIFY_STORE,
                            Permissions.MODIFY_STORE)
                    .exception();
        }
        return wanted;
    }

    private static boolean isTrue(Call call, String parameter) {
        return call.query(parameter).filter("true"::equalsIgnoreCase).isPresent();
    }

    private static FailureException gone() {
        return new Failure.Gone("unsupported-in-v2", "This route ended with version 2 of the API").exception();
    }
}
