package dev.sluice.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A small picture that a page carries in itself, {@code data:image/png;base64,...}: pages load nothing from elsewhere.
 * PNG, JPEG and WebP; no SVG, which can hold script.
 */
public final class InlineImage {
    /** A logo of 48 points is a few KiB at three times the density; thousands of stores are remembered with theirs. */
    private static final int BYTES_MAX = 32 * 1024;
    /** The text of none is longer: base64 makes four characters of three bytes. */
    public static final int LENGTH_MAX = BYTES_MAX / 3 * 4 + 64;

    /** What a field that takes one says of anything else. */
    public static final String EXPECTED = "a PNG, JPEG or WebP of at most 32 KiB as data:image/png;base64,...";

    private InlineImage() {}

    /** Whether a text is one: its form, its size and its first bytes, which must be of the type it names. */
    public static boolean isOne(String text) {
        if (text.length() > LENGTH_MAX) {
            return false;
        }
        return isPng(body(text, "data:image/png;base64,"))
                || isJpeg(body(text, "data:image/jpeg;base64,"))
                || isWebp(body(text, "data:image/webp;base64,"));
    }

    /** RFC 2083, section 3.1. */
    private static boolean isPng(byte[] image) {
        return holds(image, 0, "\u0089PNG\r\n\u001a\n");
    }

    /** SOI and the first byte of the marker after it (ITU-T T.81, annex B). */
    private static boolean isJpeg(byte[] image) {
        return holds(image, 0, "\u00ff\u00d8\u00ff");
    }

    /** A RIFF, its size in four bytes, and its kind (RFC 9649, section 2.4). */
    private static boolean isWebp(byte[] image) {
        return holds(image, 0, "RIFF") && holds(image, 8, "WEBP");
    }

    /** What follows the prefix, decoded; empty where the text begins otherwise, is not base64 or too large. */
    private static byte[] body(String text, String prefix) {
        if (!text.startsWith(prefix)) {
            return new byte[0];
        }
        try {
            byte[] decoded = Base64.getDecoder().decode(text.substring(prefix.length()));
            return decoded.length <= BYTES_MAX ? decoded : new byte[0];
        } catch (IllegalArgumentException malformed) {
            return new byte[0];
        }
    }

    private static boolean holds(byte[] image, int at, String bytes) {
        byte[] expected = bytes.getBytes(StandardCharsets.ISO_8859_1);
        return image.length >= at + expected.length
                && java.util.Arrays.equals(image, at, at + expected.length, expected, 0, expected.length);
    }
}
