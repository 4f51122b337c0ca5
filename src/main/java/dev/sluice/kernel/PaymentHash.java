package dev.sluice.kernel;

import java.util.HexFormat;

/** The SHA-256 of a preimage, as 64 lower-case hex digits: names one Lightning payment (BOLT 11, field {@code p}). */
public record PaymentHash(String hex) {
    public PaymentHash {
        Check.require(Hex.isLower(hex, 64), "malformed payment hash");
    }

    public static PaymentHash of(byte[] bytes) {
        return new PaymentHash(HexFormat.of().formatHex(bytes));
    }

    public byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    @Override
    public String toString() {
        return hex;
    }
}
