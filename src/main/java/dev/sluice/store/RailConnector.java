package dev.sluice.store;

import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/** Connects a store to where the money of one rail arrives: a wallet or a node. */
public interface RailConnector {
    Rail rail();

    /**
     * Checks a configuration and makes sure that what it names is watched; repeating it is safe.
     *
     * @param config normalised: {@code derivationScheme}, {@code label}, {@code accountKeyPath}, {@code startIndex} on
     *     chain, {@code connectionString} on Lightning; {@link MethodConfig#isInternal} for the operator's own
     * @return fails with {@code Invalid} at {@code Config.DerivationScheme} or {@code Config.ConnectionString}
     */
    Future<Connected> connect(StoreId store, JsonObject config);

    /**
     * What was connected.
     *
     * @param source the wallet or node id
     * @param config what is stored, and shown but for its secrets
     */
    record Connected(PaymentMethod.Holder holder, String source, JsonObject config) {}
}
