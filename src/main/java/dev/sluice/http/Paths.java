package dev.sluice.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes request paths apart. */
final class Paths {
    /** More than any route has; longer ones are not ours. */
    private static final int SEGMENTS_MAX = 24;

    private Paths() {}

    /**
     * The decoded segments of a raw path, one trailing slash dropped and paths of 1.x rewritten; null for a path that
     * cannot name anything: broken escapes, control characters, an escaped slash, dot segments.
     */
    static @Nullable List<String> segments(String path) {
        if (!path.startsWith("/")) {
            return null;
        }
        int end = path.length() > 1 && path.endsWith("/") ? path.length() - 1 : path.length();
        String[] raw = path.substring(1, end).split("/", SEGMENTS_MAX + 1);
        if (raw.length > SEGMENTS_MAX) {
            return null;
        }
        List<String> segments = new ArrayList<>(raw.length);
        for (String text : raw) {
            String segment = text.indexOf('%') < 0 ? text : decode(text);
            if (segment == null || !isPlain(segment)) {
                return null;
            }
            segments.add(segment);
        }
        return modern(segments);
    }

    private static boolean isPlain(String segment) {
        for (int index = 0; index < segment.length(); index++) {
            char character = segment.charAt(index);
            if (character < ' ' || character == 0x7f || character == '/' || character == '\\') {
                return false;
            }
        }
        return !segment.equals(".") && !segment.equals("..");
    }

    private static @Nullable String decode(String text) {
        ByteBuffer bytes = ByteBuffer.allocate(3 * text.length());
        for (int index = 0; index < text.length(); index++) {
            char character = text.charAt(index);
            if (character != '%') {
                bytes.put(String.valueOf(character).getBytes(StandardCharsets.UTF_8));
                continue;
            }
            if (index + 2 >= text.length() || !isHex(text.charAt(index + 1)) || !isHex(text.charAt(index + 2))) {
                return null;
            }
            bytes.put((byte) Integer.parseInt(text, index + 1, index + 3, 16));
            index += 2;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException failure) {
            return null;
        }
    }

    private static boolean isHex(char character) {
        return character < 0x80 && Character.digit(character, 16) >= 0;
    }

    /**
     * On-chain paths of BTCPay 1.x, which clients still send: {@code payment-methods/OnChain/BTC/...} becomes {@code
     * payment-methods/BTC-CHAIN/...}, and {@code preview} and {@code generate} move below {@code wallet}.
     */
    private static List<String> modern(List<String> segments) {
        boolean old = segments.size() >= 7
                && segments.get(4).equalsIgnoreCase("payment-methods")
                && segments.get(5).equalsIgnoreCase("onchain");
        if (!old) {
            return segments;
        }
        List<String> modern = new ArrayList<>(segments.subList(0, 5));
        modern.add(segments.get(6) + "-CHAIN");
        List<String> rest = segments.subList(7, segments.size());
        if (rest.size() == 1
                && Set.of("preview", "generate").contains(rest.getFirst().toLowerCase(Locale.ROOT))) {
            modern.add("wallet");
        }
        modern.addAll(rest);
        return modern;
    }
}
