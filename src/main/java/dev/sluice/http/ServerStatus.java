package dev.sluice.http;

import io.vertx.core.Future;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the server tells about itself; implemented where nodes and chains are known. */
public interface ServerStatus {
    /**
     * The state of each payment method's node, as last seen; answers from memory.
     *
     * @see Info
     */
    Future<Info> info();

    /**
     * @param onion host name of the Tor service
     * @param supportedPaymentMethods ids as {@code BTC-CHAIN}
     */
    record Info(Optional<String> onion, List<String> supportedPaymentMethods, List<Sync> syncStatus) {
        public Info {
            supportedPaymentMethods = List.copyOf(supportedPaymentMethods);
            syncStatus = List.copyOf(syncStatus);
        }

        /** Whether every node follows its chain. */
        public boolean fullySynched() {
            return syncStatus.stream().allMatch(Sync::available);
        }
    }

    /**
     * @param available whether the payment method can be used now
     * @param chainHeight blocks of the best known header chain
     * @param syncHeight blocks we have taken in, or null where unknown
     */
    record Sync(
            String paymentMethodId,
            boolean available,
            int chainHeight,
            @Nullable Integer syncHeight,
            @Nullable Node node) {}

    /**
     * @param verificationProgress 0 to 1
     */
    record Node(int headers, int blocks, BigDecimal verificationProgress) {}
}
