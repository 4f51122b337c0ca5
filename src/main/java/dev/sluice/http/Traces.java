package dev.sluice.http;

import dev.sluice.kernel.Entropy;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Gives each request a trace id: the caller's (W3C Trace Context), or the process's prefix and a number. */
final class Traces {
    private static final Pattern PARENT =
            Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

    private final String prefix;
    private final AtomicLong number = new AtomicLong();

    Traces(Entropy entropy) {
        this.prefix = HexFormat.of().formatHex(entropy.bytes(8));
    }

    /** 32 lower-case hexadecimal digits. */
    String of(@Nullable String traceparent) {
        if (traceparent != null) {
            Matcher matcher = PARENT.matcher(traceparent);
            if (matcher.matches()) {
                return matcher.group(1);
            }
        }
        return prefix + HexFormat.of().toHexDigits(number.incrementAndGet());
    }
}
