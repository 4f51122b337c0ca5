package dev.sluice.kernel;

import java.nio.ByteBuffer;

/** Fixed-width base58 of 16 bytes: 22 characters whose order is the order of the bytes. */
final class Base58 {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final int RADIX = 58;
    private static final int WIDTH = 22;
    /** Digits divided off at once: as many as fit into an {@code int}. */
    private static final int STEP = 5;

    private static final long STEP_RADIX = (long) RADIX * RADIX * RADIX * RADIX * RADIX;

    private Base58() {}

    static String encode(byte[] sixteen) {
        int[] rest = new int[sixteen.length / Integer.BYTES];
        ByteBuffer.wrap(sixteen).asIntBuffer().get(rest);
        char[] out = new char[WIDTH];
        for (int at = WIDTH; at > 0; at -= STEP) {
            int digits = divide(rest);
            for (int i = at - 1; i >= Math.max(0, at - STEP); i--) {
                out[i] = ALPHABET.charAt(digits % RADIX);
                digits /= RADIX;
            }
        }
        return new String(out);
    }

    /** Divides an unsigned number, most significant word first, by {@link #STEP_RADIX}; the remainder. */
    private static int divide(int[] number) {
        long remainder = 0;
        for (int i = 0; i < number.length; i++) {
            long part = remainder << Integer.SIZE | Integer.toUnsignedLong(number[i]);
            number[i] = (int) (part / STEP_RADIX);
            remainder = part % STEP_RADIX;
        }
        return (int) remainder;
    }
}
