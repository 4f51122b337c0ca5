package dev.sluice.kernel;

import java.math.BigInteger;

/** Fixed-width base58 of 16 bytes: 22 characters whose order is the order of the bytes. */
final class Base58 {
    private static final String ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private static final BigInteger RADIX = BigInteger.valueOf(58);
    private static final int WIDTH = 22;

    private Base58() {}

    static String encode(byte[] sixteen) {
        BigInteger rest = new BigInteger(1, sixteen);
        char[] out = new char[WIDTH];
        for (int i = WIDTH - 1; i >= 0; i--) {
            BigInteger[] step = rest.divideAndRemainder(RADIX);
            out[i] = ALPHABET.charAt(step[1].intValue());
            rest = step[0];
        }
        return new String(out);
    }
}
