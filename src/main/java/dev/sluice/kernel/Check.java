package dev.sluice.kernel;

/** Argument checks of constructors: an object that exists is valid. */
public final class Check {
    private Check() {}

    /** Throws {@link IllegalArgumentException} with {@code message} unless {@code condition} holds. */
    public static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
