package dev.sluice;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.StoreId;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.MethodConfig;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import dev.sluice.store.RailConnector;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;

/** Connects stores to wallets and nodes. */
final class Rails {
    private Rails() {}

    static List<RailConnector> connectors(Optional<ChainParts> chain, LightningParts lightning) {
        return List.of(new OnChain(chain), new OnLightning(lightning));
    }

    private record OnChain(Optional<ChainParts> chain) implements RailConnector {
        private static final String PATH = "Config.DerivationScheme";

        @Override
        public Rail rail() {
            return Rail.CHAIN;
        }

        @Override
        public Future<Connected> connect(StoreId store, JsonObject config) {
            if (chain.isEmpty()) {
                return refused(PATH, "On-chain payments are not configured on this server");
            }
            if (MethodConfig.isInternal(Rail.CHAIN, config)) {
                return chain.get()
                        .operatorWallet()
                        .map(id -> Future.succeededFuture(new Connected(Holder.OPERATOR, id.value(), config)))
                        .orElseGet(() -> refused(PATH, "The operator has no wallet on this server"));
            }
            return chain.get()
                    .service()
                    .openWallet(
                            "store:" + store, config.getString("derivationScheme"), config.getInteger("startIndex", 0))
                    .map(id -> new Connected(Holder.STORE, id.value(), config))
                    .recover(failure -> renamed(failure, PATH));
        }
    }

    private record OnLightning(LightningParts lightning) implements RailConnector {
        private static final String PATH = "Config.ConnectionString";

        @Override
        public Rail rail() {
            return Rail.LIGHTNING;
        }

        @Override
        public Future<Connected> connect(StoreId store, JsonObject config) {
            if (MethodConfig.isInternal(Rail.LIGHTNING, config)) {
                return lightning.hasOperatorNode()
                        ? Future.succeededFuture(new Connected(Holder.OPERATOR, NodeId.OPERATOR.value(), config))
                        : refused(PATH, "The operator has no Lightning node on this server");
            }
            return lightning
                    .nodes()
                    .connect("store:" + store, config.getString("connectionString"))
                    .map(id -> new Connected(Holder.STORE, id.value(), config))
                    .recover(failure -> renamed(failure, PATH));
        }
    }

    /** What a feature refuses becomes an error of the field it came from. */
    private static <T> Future<T> renamed(Throwable failure, String path) {
        return switch (failure) {
            case FailureException known
            when known.failure() instanceof Failure.Rejected r -> refused(path, r.message());
            case FailureException known when known.failure() instanceof Failure.Invalid i -> refused(path, i.message());
            default -> Future.failedFuture(failure);
        };
    }

    private static <T> Future<T> refused(String path, String message) {
        return Future.failedFuture(Failure.invalid(path, message).exception());
    }
}
