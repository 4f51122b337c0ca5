package dev.sluice.lightning;

import dev.sluice.kernel.Check;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;

/** Groups of five bits, the letters of bech32: a growing list, and conversions to and from bytes and numbers. */
final class FiveBits {
    private static final String LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

    private final ByteArrayOutputStream words = new ByteArrayOutputStream();

    FiveBits number(long value, int count) {
        for (int shift = (count - 1) * 5; shift >= 0; shift -= 5) {
            words.write((int) (value >>> shift) & 31);
        }
        return this;
    }

    FiveBits field(char tag, byte[] content) {
        Check.require(content.length < 1_024, "a field holds up to 1023 groups");
        words.write(LETTERS.indexOf(tag));
        return number(content.length, 2).append(content);
    }

    FiveBits append(byte[] more) {
        words.writeBytes(more);
        return this;
    }

    byte[] toArray() {
        return words.toByteArray();
    }

    static char letter(byte word) {
        return LETTERS.charAt(word);
    }

    /** Bytes as groups, the last one filled with zero bits. */
    static byte[] ofBytes(byte[] bytes) {
        byte[] out = new byte[(bytes.length * 8 + 4) / 5];
        for (int bit = 0; bit < bytes.length * 8; bit++) {
            int value = bytes[bit / 8] >> (7 - bit % 8) & 1;
            out[bit / 5] |= (byte) (value << (4 - bit % 5));
        }
        return out;
    }

    /** Whole bytes of groups; bits that fill none are dropped. */
    static byte[] toBytes(byte[] words) {
        return toBytes(words, words.length * 5 / 8);
    }

    /** Bytes of groups, the last one filled with zero bits. */
    static byte[] toBytesPadded(byte[] words) {
        return toBytes(words, (words.length * 5 + 7) / 8);
    }

    private static byte[] toBytes(byte[] words, int count) {
        byte[] out = new byte[count];
        for (int bit = 0; bit < Math.min(words.length * 5, count * 8); bit++) {
            int value = words[bit / 5] >> (4 - bit % 5) & 1;
            out[bit / 8] |= (byte) (value << (7 - bit % 8));
        }
        return out;
    }

    static byte[] ofNumber(BigInteger value) {
        byte[] out = new byte[(value.bitLength() + 4) / 5];
        for (int i = 0; i < out.length; i++) {
            out[out.length - 1 - i] =
                    value.shiftRight(5 * i).and(BigInteger.valueOf(31)).byteValue();
        }
        return out;
    }

    static BigInteger toBigNumber(byte[] words) {
        BigInteger value = BigInteger.ZERO;
        for (byte word : words) {
            value = value.shiftLeft(5).or(BigInteger.valueOf(word));
        }
        return value;
    }

    /** A number of up to 63 bits. */
    static long toNumber(byte[] words) {
        return toBigNumber(words).longValueExact();
    }

    static Byte[] boxed(byte[] words) {
        Byte[] out = new Byte[words.length];
        for (int i = 0; i < words.length; i++) {
            out[i] = words[i];
        }
        return out;
    }

    static byte[] unboxed(Byte[] words) {
        byte[] out = new byte[words.length];
        for (int i = 0; i < words.length; i++) {
            out[i] = words[i];
        }
        return out;
    }
}
