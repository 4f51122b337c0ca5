package dev.sluice.http;

/** Who may call a route. Checked before the handler runs and before anything is written. */
public sealed interface Access {
    /** Anyone, within the limits for anonymous callers. */
    record Anyone() implements Access {}

    /** Anyone with valid credentials. */
    record Authenticated() implements Access {}

    /**
     * A caller with a permission ({@code btcpay.store.canviewinvoices}). Store permissions are checked for the store of
     * the path: {@code {storeId}}, or the owner of another id by its {@link StoreResolver}. An unknown id answers 403.
     */
    record Needs(String permission) implements Access {}

    Access ANYONE = new Anyone();
    Access AUTHENTICATED = new Authenticated();

    static Access needs(String permission) {
        return new Needs(permission);
    }
}
