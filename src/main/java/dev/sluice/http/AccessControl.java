package dev.sluice.http;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Optional;

/** Finds out who calls and whether they may: authentication, then authorisation, before any handler. */
final class AccessControl {
    private final Authenticator authenticator;
    private final List<StoreResolver> resolvers;

    AccessControl(Authenticator authenticator, List<StoreResolver> resolvers) {
        this.authenticator = authenticator;
        this.resolvers = List.copyOf(resolvers);
    }

    static Failure.Unauthenticated unauthenticated() {
        return new Failure.Unauthenticated("unauthenticated", "Authentication is required for this endpoint");
    }

    /** The caller, or empty for none; a route for anyone does not mind credentials that do not hold. */
    Future<Optional<Principal>> authenticate(RequestCall.Arrival arrival) {
        Optional<String> authorization = Optional.ofNullable(arrival.request().getHeader(HttpHeaders.AUTHORIZATION));
        boolean anyone = arrival.route().access() instanceof Access.Anyone;
        if (anyone && authorization.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        Future<Optional<Principal>> caller = authenticator.authenticate(authorization, arrival.remoteAddress());
        return anyone ? caller.recover(AccessControl::anonymous) : caller;
    }

    private static Future<Optional<Principal>> anonymous(Throwable cause) {
        boolean wrong = cause instanceof FailureException it && it.failure() instanceof Failure.Unauthenticated;
        return wrong ? Future.succeededFuture(Optional.empty()) : Future.failedFuture(cause);
    }

    /** Succeeds where the caller may use the route. */
    Future<Void> authorise(RequestCall.Arrival arrival, Optional<Principal> caller) {
        return switch (arrival.route().access()) {
            case Access.Anyone anyone -> Future.succeededFuture();
            case Access.Authenticated known when caller.isPresent() -> Future.succeededFuture();
            case Access.Needs needs when caller.isPresent() -> permitted(arrival, caller.get(), needs.permission());
            case Access.Authenticated known ->
                Future.failedFuture(unauthenticated().exception());
            case Access.Needs needs -> Future.failedFuture(unauthenticated().exception());
        };
    }

    private Future<Void> permitted(RequestCall.Arrival arrival, Principal caller, String permission) {
        Optional<String> store = arrival.path("storeId");
        if (store.isPresent()) {
            return decide(caller, permission, store.filter(Ids::isId).map(StoreId::new));
        }
        for (StoreResolver resolver : resolvers) {
            Optional<String> id = arrival.path(resolver.parameter());
            if (id.isPresent()) {
                Future<Optional<StoreId>> owner =
                        Ids.isId(id.get()) ? resolver.storeOf(id.get()) : Future.succeededFuture(Optional.empty());
                return owner.compose(found -> decide(caller, permission, found));
            }
        }
        return caller.allows(permission, null) ? Future.succeededFuture() : Future.failedFuture(missing(permission));
    }

    /** An unknown thing is refused like a foreign one: nobody learns which ids exist. */
    private static Future<Void> decide(Principal caller, String permission, Optional<StoreId> store) {
        boolean allowed = store.isPresent() && caller.allows(permission, store.get());
        return allowed ? Future.succeededFuture() : Future.failedFuture(missing(permission));
    }

    private static FailureException missing(String permission) {
        String message = "This call needs the permission " + permission;
        return new Failure.Forbidden("missing-permission", message, permission).exception();
    }
}
