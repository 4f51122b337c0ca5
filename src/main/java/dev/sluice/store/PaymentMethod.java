package dev.sluice.store;

import io.vertx.core.json.JsonObject;

/**
 * A rail of a store and who holds the money that arrives on it.
 *
 * @param holder who holds the money
 * @param source the wallet id (on-chain) or node id (Lightning) that receives; {@code operator} for the gateway's own
 * @param config what the API shows and takes: {@code derivationScheme}, {@code connectionString}
 */
public record PaymentMethod(Rail rail, boolean enabled, Holder holder, String source, JsonObject config) {
    /** Who holds the money. */
    public enum Holder {
        /** The gateway's own node or wallet: the store is credited and later paid out. */
        OPERATOR,
        /** The store's own node or wallet: recorded, nothing is owed. */
        STORE
    }
}
