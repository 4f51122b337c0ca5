package dev.sluice.secret;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * HMAC-SHA256 under a key that is not in the database: what is kept there compares equal and cannot be guessed from,
 * however few values there are.
 */
public final class KeyedHash {
    private static final String HMAC = "HmacSHA256";

    /** Never used itself: each use begins with a copy, which has the key already. */
    private final Mac keyed;

    /** @param key copied */
    public KeyedHash(byte[] key) {
        try {
            this.keyed = Mac.getInstance(HMAC);
            keyed.init(new SecretKeySpec(key, HMAC));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HMAC-SHA256", impossible);
        }
    }

    /** The hash of a text; 32 bytes. */
    public byte[] of(String text) {
        try {
            return ((Mac) keyed.clone()).doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException impossible) {
            throw new IllegalStateException("HMAC-SHA256 of the JDK can be copied", impossible);
        }
    }

    @Override
    public String toString() {
        return "KeyedHash(***)";
    }
}
