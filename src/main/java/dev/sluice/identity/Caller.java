package dev.sluice.identity;

import dev.sluice.http.Principal;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A user narrowed by the credential that was used: what is allowed is what both the scopes and the user's own rights
 * allow.
 *
 * @param scopes what the credential may do
 * @param admin whether the user is a server administrator
 * @param roles the stores of the user
 */
record Caller(UserId user, String credentialId, List<Scope> scopes, boolean admin, Map<StoreId, StoreRole> roles)
        implements Principal {
    Caller {
        scopes = List.copyOf(scopes);
        roles = Map.copyOf(roles);
    }

    /** A trailing colon ({@code btcpay.store.canmodifystoresettings:}) asks for a scope that is not tied to a store. */
    @Override
    public boolean allows(String permission, @Nullable StoreId store) {
        boolean unscoped = permission.endsWith(":");
        String name = unscoped ? permission.substring(0, permission.length() - 1) : permission;
        boolean held = scopes.stream()
                .filter(scope -> scope.grants(name))
                .anyMatch(scope -> unscoped ? scope.store() == null : store == null || scope.covers(store.value()));
        return held
                && switch (Permissions.area(name)) {
                    case ALL, USER -> true;
                    case SERVER -> admin;
                    case STORE -> store == null || mayOn(store, name);
                };
    }

    @Override
    public List<StoreId> storesAllowing(String permission) {
        return roles.keySet().stream()
                .filter(store -> allows(permission, store))
                .toList();
    }

    private boolean mayOn(StoreId store, String permission) {
        StoreRole role = roles.get(store);
        return role != null ? role.grants(permission) : admin && permission.equals(Permissions.VIEW_STORE);
    }
}
