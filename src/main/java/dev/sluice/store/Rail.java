package dev.sluice.store;

import java.util.Locale;
import java.util.Optional;

/** A way to be paid, by its Greenfield payment-method id. */
public enum Rail {
    CHAIN("BTC-CHAIN"),
    LIGHTNING("BTC-LN"),
    /** A card of this gateway: it needs no setting up, and its money never leaves the ledger. */
    CARD("CARD");

    private final String methodId;

    Rail(String methodId) {
        this.methodId = methodId;
    }

    public String methodId() {
        return methodId;
    }

    /** The rail of an id of ours. */
    public static Rail of(String methodId) {
        for (Rail rail : values()) {
            if (rail.methodId.equals(methodId)) {
                return rail;
            }
        }
        throw new IllegalArgumentException("unknown rail " + methodId);
    }

    /** For where only rails that a store sets up can be meant. */
    public IllegalStateException isNotSetUp() {
        return new IllegalStateException(methodId + " is not set up by stores");
    }

    /**
     * The rail of a payment-method id that a store can set up, as leniently as BTCPay reads it: any case, {@code -} or
     * {@code _}, bare {@code BTC} for on-chain, and the second parts of its 1.x releases.
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

    /** Whether an id is BTCPay's for LNURL, which is no rail of its own here: requests may name it. */
    public static boolean isLnurl(String text) {
        String id = text.strip().toUpperCase(Locale.ROOT).replace('_', '-');
        return id.equals("BTC-LNURL") || id.equals("BTC-LNURLPAY");
    }

    @Override
    public String toString() {
        return methodId;
    }
}
