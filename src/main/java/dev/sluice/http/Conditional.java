package dev.sluice.http;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Entity tags (RFC 9110, 8.8.3 and 13.1.2): what the caller has already is not sent again. */
public final class Conditional {
    /** Longer lists of tags are somebody playing. */
    private static final int HEADER_MAX = 1_024;

    private Conditional() {}

    /** The quoted tag of a version. */
    public static String tag(String subject, long version) {
        return "\"" + subject + "-" + version + "\"";
    }

    /** 304 where the caller holds {@code tag}, else the document with its tag. */
    public static Reply reply(Call call, String tag, Supplier<String> document) {
        Map<String, String> headers = Map.of("ETag", tag, "Cache-Control", "no-cache");
        return holds(call.header("If-None-Match"), tag)
                ? new Reply(304, null, headers)
                : new Reply(200, document.get(), headers);
    }

    /** Whether an {@code If-None-Match} header names the tag, strong or weak, or any. */
    public static boolean holds(Optional<String> ifNoneMatch, String tag) {
        String header = ifNoneMatch.orElse("");
        if (header.isEmpty() || header.length() > HEADER_MAX) {
            return false;
        }
        for (String candidate : header.split(",")) {
            String held = candidate.strip();
            if (held.equals("*") || held.equals(tag) || held.equals("W/" + tag)) {
                return true;
            }
        }
        return false;
    }
}
