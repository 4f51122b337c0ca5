package dev.sluice.store;

import java.util.Arrays;
import java.util.Optional;

/** How many confirmations make an on-chain payment settled (BTCPay's names and numbers). */
public enum SpeedPolicy {
    HIGH("HighSpeed", 0),
    MEDIUM("MediumSpeed", 1),
    LOW_MEDIUM("LowMediumSpeed", 2),
    LOW("LowSpeed", 6);

    private final String apiName;
    private final int confirmations;

    SpeedPolicy(String apiName, int confirmations) {
        this.apiName = apiName;
        this.confirmations = confirmations;
    }

    public String apiName() {
        return apiName;
    }

    /** Confirmations needed: a transaction that signals replacement needs one even at {@link #HIGH}. */
    public int confirmations(boolean replaceable) {
        return replaceable ? Math.max(1, confirmations) : confirmations;
    }

    public static Optional<SpeedPolicy> find(String apiName) {
        return Arrays.stream(values())
                .filter(p -> p.apiName.equalsIgnoreCase(apiName))
                .findFirst();
    }
}
