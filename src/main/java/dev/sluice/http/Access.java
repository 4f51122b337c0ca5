package dev.sluice.http;

/** Who may call a route. Checked before the handler runs and before anything is written. */
public sealed interface Access {
    /**
     * Anyone, within the limits for anonymous callers.
     *
     * @param makes whether a {@code GET} makes something all the same (LNURL): then there is no {@code HEAD} of it
     * @param limited whether the limit for changes counts for it
     */
    record Anyone(boolean makes, boolean limited) implements Access {}

    /** Anyone with valid credentials. */
    record Authenticated() implements Access {}

    /**
     * A caller with a permission ({@code btcpay.store.canviewinvoices}). Store permissions are checked for the store of
     * the path: {@code {storeId}}, or the owner of another id by its {@link StoreResolver}. An unknown id answers 403.
     */
    record Needs(String permission) implements Access {}

    Access ANYONE = new Anyone(false, false);
    Access ANYONE_MAKES = new Anyone(true, true);
    /** A tap uses itself up, and many cards are tapped behind one address. */
    Access ANYONE_TAPS = new Anyone(true, false);

    Access AUTHENTICATED = new Authenticated();

    static Access needs(String permission) {
        return new Needs(permission);
    }
}
