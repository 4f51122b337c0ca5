package dev.sluice.identity;

import dev.sluice.kernel.Ids;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One permission of an API key, for one store or for all of its user.
 *
 * @param store the store's id, or null for every store
 */
record Scope(String permission, @Nullable String store) {
    static final Scope EVERYTHING = new Scope(Permissions.UNRESTRICTED, null);

    /** Parses {@code btcpay.store.canviewinvoices[:storeId]}; empty where unknown, or narrowed but not about stores. */
    static Optional<Scope> parse(String text) {
        int colon = text.indexOf(':');
        String permission = colon < 0 ? text : text.substring(0, colon);
        String store = colon < 0 || colon == text.length() - 1 ? null : text.substring(colon + 1);
        boolean valid = Permissions.isKnown(permission)
                && (store == null || (Permissions.area(permission) == Permissions.Area.STORE && Ids.isId(store)));
        return valid ? Optional.of(new Scope(permission, store)) : Optional.empty();
    }

    boolean grants(String wanted) {
        return Permissions.includes(permission, wanted);
    }

    boolean covers(String storeId) {
        return store == null || store.equals(storeId);
    }

    @Override
    public String toString() {
        return store == null ? permission : permission + ":" + store;
    }
}
