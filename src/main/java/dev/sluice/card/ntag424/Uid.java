package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Hex;
import java.util.HexFormat;
import java.util.Locale;

/** The seven bytes that NXP gave a card. It identifies the card for ever, so it never appears in links or pages. */
public record Uid(String hex) {
    /** Bytes of a card's identity (ISO 14443-3, double size). */
    public static final int BYTES = 7;

    public Uid {
        Check.require(Hex.isLower(hex, 2 * BYTES), "a UID has 14 lower-case hexadecimal digits");
    }

    /** From what somebody read; throws {@code IllegalArgumentException} also for what a chip without identity says. */
    public static Uid given(String text) {
        String hex = text.toLowerCase(Locale.ROOT);
        Check.require(!hex.equals("00".repeat(BYTES)) && !hex.equals("ff".repeat(BYTES)), "no card has this UID");
        return new Uid(hex);
    }

    static Uid of(byte[] bytes, int from) {
        return new Uid(HexFormat.of().formatHex(bytes, from, from + BYTES));
    }

    byte[] bytes() {
        return HexFormat.of().parseHex(hex);
    }

    /** Not for logs. */
    @Override
    public String toString() {
        return "***";
    }
}
