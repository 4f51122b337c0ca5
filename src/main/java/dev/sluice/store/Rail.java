package dev.sluice.store;

import java.util.Locale;
import java.util.Optional;

/** A way to be paid, by its Greenfield payment-method id. */
public enum Rail {
    CHAIN("BTC-CHAIN"),
    LIGHTNING("BTC-LN");

    private final String methodId;

    Rail(String methodId) {
        this.methodId = methodId;
    }

    public String methodId() {
        return methodId;
    }

    /**
     * The rail of a payment-method id, as leniently as BTCPay reads it: any case, {@code -} or {@code _}, bare {@code
     * BTC} for on-chain, and the second parts of its 1.x releases.
     */
    public static Optional<Rail> find(String text) {
        String[] parts = text.strip().toUpperCase(Locale.ROOT).split("[-_]", 2);
        if (!parts[0].equals("BTC")) {
            return Optional.empty();
        }
        return switch (parts.length == 1 ? "CHAIN" : parts[1].replace("-", "").replace("_", "")) {
            case "CHAIN", "ONCHAIN", "BTCLIKE", "BITCOINLIKE" -> Optional.of(CHAIN);
            case "LN", "LIGHTNINGNETWORK", "LIGHTNINGLIKE", "OFFCHAIN" -> Optional.of(LIGHTNING);
            default -> Optional.empty();
        };
    }

    @Override
    public String toString() {
        return methodId;
    }
}
