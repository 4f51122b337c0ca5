package dev.sluice.kernel;

import java.nio.ByteBuffer;

/**
 * Makes ids: 48 bits of milliseconds, then 80 random bits, as 22 base58 characters. Ids made later sort later, which
 * keeps index pages hot; nobody may take an id for a secret.
 */
public final class Ids {
    /** Wide enough for ids imported from BTCPay (up to 44 characters). */
    private static final int LENGTH_MAX = 64;

    private final Clock clock;
    private final Entropy entropy;

    public Ids(Clock clock, Entropy entropy) {
        this.clock = clock;
        this.entropy = entropy;
    }

    /** A new id. */
    public String next() {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(0, clock.now().toEpochMilli() << 16);
        bytes.position(6).put(entropy.bytes(10));
        return Base58.encode(bytes.array());
    }

    /** Whether a text has the form of an id: letters and digits of ASCII, {@code _} and {@code -}. */
    public static boolean isId(String text) {
        if (text.isEmpty() || text.length() > LENGTH_MAX) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) { // a pattern was a sixth of what a status check costs
            if (!isOfId(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOfId(char letter) {
        return letter >= 'a' && letter <= 'z'
                || letter >= 'A' && letter <= 'Z'
                || letter >= '0' && letter <= '9'
                || letter == '_'
                || letter == '-';
    }

    static String checked(String text) {
        Check.require(isId(text), "malformed id");
        return text;
    }
}
