package dev.sluice.chain;

import dev.sluice.kernel.Check;

/** A source of addresses: {@code operator}, or a store's by its id and a digest of its descriptor. */
public record WalletId(String value) {
    public WalletId {
        Check.require(!value.isBlank() && value.length() <= 128, "wallet id");
    }

    @Override
    public String toString() {
        return value;
    }
}
