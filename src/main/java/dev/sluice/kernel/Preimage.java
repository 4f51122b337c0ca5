package dev.sluice.kernel;

import java.util.HexFormat;

/** 32 secret bytes whose SHA-256 is a {@link PaymentHash}; a proof of payment, so it never prints itself. */
public final class Preimage {
    private final byte[] bytes;

    private Preimage(byte[] bytes) {
        Check.require(bytes.length == 32, "a preimage has 32 bytes");
        this.bytes = bytes.clone();
    }

    public static Preimage of(byte[] bytes) {
        return new Preimage(bytes);
    }

    public static Preimage random(Entropy entropy) {
        return new Preimage(entropy.bytes(32));
    }

    public byte[] bytes() {
        return bytes.clone();
    }

    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    public PaymentHash hash() {
        return PaymentHash.of(Sha256.of(bytes));
    }

    @Override
    public String toString() {
        return "Preimage(***)";
    }
}
