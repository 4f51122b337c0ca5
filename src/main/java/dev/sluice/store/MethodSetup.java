package dev.sluice.store;

import dev.sluice.http.Fields;
import dev.sluice.http.Principal;
import dev.sluice.identity.Permissions;
import dev.sluice.identity.ServerPolicies;
import dev.sluice.identity.ServerPolicies.Policy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The rules of configuring how a store is paid. */
final class MethodSetup {
    private final StoreServiceLive stores;
    private final ServerPolicies policies;
    private final Map<Rail, RailConnector> connectors;

    MethodSetup(StoreServiceLive stores, ServerPolicies policies, List<RailConnector> connectors) {
        this.stores = stores;
        this.policies = policies;
        this.connectors =
                connectors.stream().collect(Collectors.toUnmodifiableMap(RailConnector::rail, Function.identity()));
    }

    /**
     * What a request makes of a payment method: a field that is not said stays as it is, a new method is enabled. The
     * operator's node and wallet need {@code canuseinternallightningnode}, unless all may use them or the store does
     * already. Nothing is written yet.
     */
    Future<PaymentMethod> prepare(Principal caller, Store store, Rail rail, JsonObject request) {
        Fields fields = new Fields(request);
        Optional<PaymentMethod> before = store.method(rail);
        boolean enabled =
                fields.flag("enabled", before.map(PaymentMethod::enabled).orElse(true));
        if (!fields.has("config") && before.isPresent()) {
            fields.check();
            return Future.succeededFuture(with(before.get(), enabled));
        }
        JsonObject wanted = MethodConfig.parse(rail, fields);
        JsonObject config = before.map(method -> MethodConfig.unmasked(wanted, method.config(), fields))
                .orElse(wanted);
        fields.check();
        if (before.isPresent() && before.get().config().equals(config)) {
            return Future.succeededFuture(with(before.get(), enabled));
        }
        return connect(caller, store, rail, config)
                .map(now -> new PaymentMethod(rail, enabled, now.holder(), now.source(), now.config()));
    }

    /** The method of a store; fails with {@code NotFound}. */
    Future<PaymentMethod> configured(StoreId id, Rail rail) {
        return stores.get(id)
                .map(store -> store.method(rail)
                        .orElseThrow(() -> new Failure.NotFound(
                                        "paymentmethod-not-configured", "The payment method is not configured")
                                .exception()));
    }

    private Future<RailConnector.Connected> connect(Principal caller, Store store, Rail rail, JsonObject config) {
        RailConnector connector = connectors.get(rail);
        if (connector == null) {
            return Future.failedFuture(
                    new Failure.Rejected("not-available", rail + " cannot be configured on this server").exception());
        }
        boolean internal = MethodConfig.isInternal(rail, config);
        Future<Void> allowed = internal ? mayUseInternal(caller) : mayNameFiles(caller, config);
        return allowed.compose(yes -> connector.connect(store.id(), config)).compose(connected -> {
            // Who holds the money decides whether the store is owed it: never guessed.
            boolean operator = connected.holder() == PaymentMethod.Holder.OPERATOR;
            return operator == internal
                    ? Future.succeededFuture(connected)
                    : Future.failedFuture(new IllegalStateException("connector of " + rail + " confuses holders"));
        });
    }

    /** What a macaroon file holds is sent to the host beside it: only administrators choose files of this server. */
    private static Future<Void> mayNameFiles(Principal caller, JsonObject config) {
        boolean allowed = !MethodConfig.namesFiles(config) || caller.allows(Permissions.MODIFY_SERVER, null);
        return allowed ? Future.succeededFuture() : Future.failedFuture(missing(Permissions.MODIFY_SERVER));
    }

    private Future<Void> mayUseInternal(Principal caller) {
        if (caller.allows(Permissions.USE_INTERNAL_NODE, null)) {
            return Future.succeededFuture();
        }
        return policies.isOn(Policy.INTERNAL_FOR_ALL)
                .compose(all ->
                        all ? Future.succeededFuture() : Future.failedFuture(missing(Permissions.USE_INTERNAL_NODE)));
    }

    private static FailureException missing(String permission) {
        return new Failure.Forbidden("missing-permission", "Insufficient permission: " + permission, permission)
                .exception();
    }

    private static PaymentMethod with(PaymentMethod method, boolean enabled) {
        return new PaymentMethod(method.rail(), enabled, method.holder(), method.source(), method.config());
    }
}
