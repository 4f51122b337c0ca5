package dev.sluice.lightning;

import dev.sluice.kernel.Check;

/** A Lightning node we follow: {@code operator}, or a store's own by a digest of its owner and address. */
public record NodeId(String value) {
    public static final NodeId OPERATOR = new NodeId("operator");

    public NodeId {
        Check.require(!value.isBlank() && value.length() <= 128, "node id");
    }

    @Override
    public String toString() {
        return value;
    }
}
