package dev.sluice.card;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import dev.sluice.kernel.Check;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.secret.KeyedHash;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals issuer keys with a key that is not in the database: AES-256-GCM, with what the key is for as associated data,
 * so that a sealed key cannot be moved to another row.
 */
public final class Seal {
    /** Bytes of the sealing key. */
    public static final int BYTES = 32;

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final int FINGERPRINT_BYTES = 8;

    private final SecretKeySpec key;
    private final KeyedHash derive;

    /** @param bytes 32; copied */
    public Seal(byte[] bytes) {
        Check.require(bytes.length == BYTES, "the sealing key has 32 bytes");
        this.key = new SecretKeySpec(bytes, "AES");
        this.derive = new KeyedHash(bytes);
    }

    /** A sealing key from 64 hexadecimal digits, as its file holds it. */
    public static Seal ofHex(String hex) {
        return new Seal(HexFormat.of().parseHex(hex.strip()));
    }

    /**
     * A sealing key made of a passphrase; takes a moment and 64 MiB on purpose (RFC 9106, second recommendation).
     * Blocking.
     */
    public static Seal ofPassphrase(Secret passphrase, byte[] salt) {
        byte[] text = passphrase.value().getBytes(StandardCharsets.UTF_8);
        return new Seal(Argon2Function.getInstance(65_536, 3, 4, BYTES, Argon2.ID)
                .hash(text, salt)
                .getBytes());
    }

    /** Names this key without telling it. */
    public String fingerprint() {
        byte[] mac = derive.of("sluice card seal fingerprint");
        return HexFormat.of().formatHex(mac, 0, FINGERPRINT_BYTES);
    }

    /** The sealing key itself. */
    byte[] bytes() {
        return key.getEncoded();
    }

    byte[] close(byte[] secret, String purpose, Entropy entropy) {
        byte[] nonce = entropy.bytes(NONCE_BYTES);
        byte[] sealed = crypt(Cipher.ENCRYPT_MODE, nonce, secret, purpose);
        byte[] out = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
        System.arraycopy(sealed, 0, out, NONCE_BYTES, sealed.length);
        return out;
    }

    /** Throws {@link IllegalStateException} where another key sealed it, for another purpose, or it was changed. */
    byte[] open(byte[] sealed, String purpose) {
        Check.require(sealed.length > NONCE_BYTES, "nothing is sealed here");
        byte[] nonce = Arrays.copyOf(sealed, NONCE_BYTES);
        return crypt(Cipher.DECRYPT_MODE, nonce, Arrays.copyOfRange(sealed, NONCE_BYTES, sealed.length), purpose);
    }

    private byte[] crypt(int mode, byte[] nonce, byte[] data, String purpose) {
        try {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(purpose.getBytes(StandardCharsets.UTF_8));
            return cipher.doFinal(data);
        } catch (GeneralSecurityException wrong) {
            throw new IllegalStateException("sealed with another key, or changed", wrong);
        }
    }

    @Override
    public String toString() {
        return "Seal(***)";
    }
}
