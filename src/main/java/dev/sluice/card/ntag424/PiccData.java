package dev.sluice.card.ntag424;

import dev.sluice.kernel.Check;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Who a tap says the card is, and how often it says it was read. A claim until the MAC is checked: every card of an
 * issuer encrypts with the same key.
 *
 * @param counter 0 to 2^24 - 1, where a card stops counting
 */
public record PiccData(Uid uid, int counter) {
    public static final int COUNTER_MAX = (1 << 24) - 1;

    /** UID and counter are there, and the UID has seven bytes (AN12196 table 1). */
    static final int TAG = 0xC7;

    private static final int COUNTER_AT = 1 + Uid.BYTES;

    public PiccData {
        Check.require(counter >= 0 && counter <= COUNTER_MAX, "a card counts to 2^24 - 1");
    }

    /** Reads a decrypted block; empty where it was encrypted with another key. What follows the counter is random. */
    static Optional<PiccData> read(byte[] block) {
        if ((block[0] & 0xff) != TAG) {
            return Optional.empty();
        }
        int counter =
                (block[COUNTER_AT] & 0xff) | (block[COUNTER_AT + 1] & 0xff) << 8 | (block[COUNTER_AT + 2] & 0xff) << 16;
        return Optional.of(new PiccData(Uid.of(block, 1), counter));
    }

    /** Reads a tap with a K1; empty where it was encrypted with another. */
    public static Optional<PiccData> read(Tap tap, AesKey k1) {
        return read(k1.decrypt(tap.encrypted()));
    }

    /** The block before encryption; {@code padding} fills the last five bytes. */
    byte[] block(byte[] padding) {
        byte[] block = new byte[AesKey.BYTES];
        block[0] = (byte) TAG;
        writeTo(block, 1);
        System.arraycopy(padding, 0, block, COUNTER_AT + 3, AesKey.BYTES - COUNTER_AT - 3);
        return block;
    }

    /** What signs this tap: each read of a card has a session key of its own (AN12196 4.4.2.1, SV2). */
    private AesKey sessionKey(AesKey k2) {
        byte[] vector = new byte[AesKey.BYTES];
        vector[0] = 0x3C;
        vector[1] = (byte) 0xC3;
        vector[3] = 0x01;
        vector[5] = (byte) 0x80;
        writeTo(vector, 6);
        return new AesKey(k2.mac(vector));
    }

    private void writeTo(byte[] block, int at) {
        System.arraycopy(uid.bytes(), 0, block, at, Uid.BYTES);
        block[at + Uid.BYTES] = (byte) counter;
        block[at + Uid.BYTES + 1] = (byte) (counter >> 8);
        block[at + Uid.BYTES + 2] = (byte) (counter >> 16);
    }

    /** The eight bytes that the card shows as {@code c}: every second of the MAC (AN12196 4.4.3). */
    byte[] mac(AesKey k2, byte[] payload) {
        byte[] whole = sessionKey(k2).mac(payload);
        byte[] shown = new byte[whole.length / 2];
        for (int i = 0; i < shown.length; i++) {
            shown[i] = whole[2 * i + 1];
        }
        return shown;
    }

    /** Whether the card that holds {@code k2} said this, in constant time. */
    public boolean isProvedBy(Tap tap, AesKey k2) {
        return MessageDigest.isEqual(mac(k2, new byte[0]), tap.mac());
    }
}
