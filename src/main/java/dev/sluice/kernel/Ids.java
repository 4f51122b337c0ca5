package dev.sluice.kernel;

import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/**
 * Makes ids: 48 bits of milliseconds, then 80 random bits, as 22 base58 characters. Ids made later sort later, which
 * keeps index pages hot; nobody may take an id for a secret.
 */
public final class Ids {
    /** What an id may look like; wide enough for ids imported from BTCPay (up to 44 characters). */
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]{1,64}");

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

    /** Whether a text has the form of an id. */
    public static boolean isId(String text) {
        return FORM.matcher(text).matches();
    }

    static String checked(String text) {
        Check.require(isId(text), "malformed id");
        return text;
    }
}
