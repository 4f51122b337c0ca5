package dev.sluice.http;

/** Who may call a route. Checked before the handler runs and before anything is written. */
public sealed interface Access {
    /**
     * Anyone, within the limits for anonymous callers.
     *
     * @param makes whether a {@code GET} makes something all the same (LNURL), so that the limit for changes counts
     */
    record Anyone(boolean makes) implements Access {}

    /** Anyone with valid credentials. */
    record Authenticated() implements Access {}

    /**
     * A caller with a permission ({@code btcpay.store.canviewinvoices}). Store permissions are checked for the store of
     * the path: {@code {storeId}}, or the owner of another id by its {@link StoreResolver}. An unknown id answers 403.
     */
    record Needs(String permission) implements Access {}

    Access ANYONE = new Anyone(false);
    Access ANYONE_MAKES = new Anyone(true);
    Access AUTHENTICATED = new Authenticated();

    static Access needs(String permission) {
        return new Needs(permission);
    }
}
