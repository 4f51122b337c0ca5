package dev.sluice.kernel;

/** Hexadecimal digits, as identities and hashes are written. */
public final class Hex {
    private Hex() {}

    /** Whether a text is so many lower-case hexadecimal digits and nothing else. */
    public static boolean isLower(String text, int digits) {
        if (text.length() != digits) {
            return false;
        }
        for (int i = 0; i < digits; i++) {
            char digit = text.charAt(i);
            if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
                return false;
            }
        }
        return true;
    }
}
