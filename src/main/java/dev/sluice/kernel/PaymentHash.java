package dev.sluice.kernel;

import java.util.HexFormat;
import java.util.regex.Pattern;

/** The SHA-256 of a preimage, as 64 lower-case hex digits: names one Lightning payment (BOLT 11, field {@code p}). */
public record PaymentHash(String hex) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    public PaymentHash {
        Check.require(FORM.matcher(hex).matches(), "malformed payment hash");
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
