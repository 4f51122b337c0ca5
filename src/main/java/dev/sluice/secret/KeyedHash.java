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

    private final SecretKeySpec key;

    /** @param key copied */
    public KeyedHash(byte[] key) {
        this.key = new SecretKeySpec(key, HMAC);
    }

    /** The hash of a text; 32 bytes. */
    public byte[] of(String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has HMAC-SHA256", impossible);
        }
    }

    @Override
    public String toString() {
        return "KeyedHash(***)";
    }
}
