package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;

/** A key of AES-128: one block each way, and AES-CMAC (RFC 4493). It never prints. */
public final class AesKey {
    /** Bytes of a key and of a block. */
    public static final int BYTES = 16;

    /** What doubling adds where a bit falls out (RFC 4493 2.3). */
    private static final int CARRY = 0x87;

    /** Finding one among the providers takes as long as a block; each use begins with a key of its own. */
    private static final ThreadLocal<Cipher> CIPHER = ThreadLocal.withInitial(AesKey::ecb);

    private final SecretKeySpec key;

    /** @param bytes 16; copied */
    public AesKey(byte[] bytes) {
        Check.require(bytes.length == BYTES, "AES-128 keys have 16 bytes");
        this.key = new SecretKeySpec(bytes, "AES");
    }

    /** A key from 32 hexadecimal digits of either case. */
    public static AesKey ofHex(String hex) {
        Check.require(hex.length() == 2 * BYTES, "AES-128 keys have 32 hexadecimal digits");
        return new AesKey(HexFormat.of().parseHex(hex));
    }

    /** The key itself, for writing it to a card; a copy. */
    public byte[] bytes() {
        return key.getEncoded();
    }

    byte[] decrypt(byte[] block) {
        return crypt(Cipher.DECRYPT_MODE, block);
    }

    byte[] encrypt(byte[] block) {
        return crypt(Cipher.ENCRYPT_MODE, block);
    }

    /** AES-CMAC of a message; 16 bytes. */
    public byte[] mac(byte[] message) {
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
            byte[] subkey = doubled(cipher.doFinal(new byte[BYTES]));
            int last = message.length == 0 ? 0 : (message.length - 1) / BYTES * BYTES;
            byte[] state = new byte[BYTES];
            for (int at = 0; at < last; at += BYTES) {
                xor(state, message, at, BYTES);
                cipher.doFinal(state, 0, BYTES, state, 0);
            }
            int rest = message.length - last;
            xor(state, message, last, rest);
            if (rest < BYTES) {
                state[rest] ^= (byte) 0x80;
                subkey = doubled(subkey);
            }
            xor(state, subkey, 0, BYTES);
            return cipher.doFinal(state);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has AES", impossible);
        }
    }

    private byte[] crypt(int mode, byte[] block) {
        Check.require(block.length == BYTES, "one block of 16 bytes");
        try {
            return cipher(mode).doFinal(block);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has AES", impossible);
        }
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        Cipher cipher = CIPHER.get();
        cipher.init(mode, key);
        return cipher;
    }

    private static Cipher ecb() {
        try {
            return Cipher.getInstance("AES/ECB/NoPadding");
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every Java has AES", impossible);
        }
    }

    private static byte[] doubled(byte[] block) {
        byte[] out = new byte[BYTES];
        int carry = 0;
        for (int i = BYTES - 1; i >= 0; i--) {
            int shifted = (block[i] & 0xff) << 1 | carry;
            out[i] = (byte) shifted;
            carry = shifted >> 8;
        }
        out[BYTES - 1] ^= (byte) (carry * CARRY); // no branch on the key
        return out;
    }

    private static void xor(byte[] state, byte[] with, int from, int count) {
        for (int i = 0; i < count; i++) {
            state[i] ^= with[from + i];
        }
    }

    /** In constant time. */
    @Override
    public boolean equals(Object other) {
        return other instanceof AesKey that && MessageDigest.isEqual(key.getEncoded(), that.key.getEncoded());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(key.getEncoded());
    }

    @Override
    public String toString() {
        return "***";
    }
}
