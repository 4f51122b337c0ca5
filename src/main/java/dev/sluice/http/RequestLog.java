package dev.sluice.http;

import dev.sluice.kernel.Clock;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for each request that changed something and for each refusal of a caller who is known, so that a trace id
 * finds its request. Strangers fill no log; neither does a busy route, of which so many lines a second are told.
 * Everything else, and what goes beyond, is told at debug.
 */
final class RequestLog {
    /** For each operation: what a person can still read, and nothing beside the work of a charge. */
    static final int LINES_PER_SECOND = 20;

    /** A window is one number, the second and the lines in it. */
    private static final int COUNT_BITS = 8;

    private static final Logger log = LoggerFactory.getLogger(RequestLog.class);
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
    /** What clients run into as they live: no key yet, asked for what is gone, too fast. */
    private static final Set<Integer> USUAL = Set.of(401, 404, 429);

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]*");
    private static final int PART_MAX = 24;
    private static final int PREFIX = 4;

    private static final String LINE = "http.{} method={} path={} status={} code={} credential={} trace={}";

    private final Clock clock;
    /** As many as there are operations. */
    private final Map<String, AtomicLong> windows = new ConcurrentHashMap<>();

    RequestLog(Clock clock) {
        this.clock = clock;
    }

    /** A request and its answer. {@code route} and {@code credential} are null while unknown. */
    record Line(
            String method,
            @Nullable String path,
            RouteTable.@Nullable Route route,
            int status,
            String code,
            @Nullable String credential,
            String trace) {
        private boolean isTold() {
            return status < 400 ? !READS.contains(method) : credential != null && !USUAL.contains(status);
        }
    }

    void tell(Line line) {
        if (line.isTold() && hasRoom(line.route())) {
            log.info(LINE, values(line));
        } else if (log.isDebugEnabled()) {
            log.debug(LINE, values(line));
        }
    }

    private static Object[] values(Line line) {
        return new Object[] {
            line.status() < 400 ? "answered" : "refused",
            line.method(),
            withoutSecrets(line.path()),
            line.status(),
            line.code().isEmpty() ? "-" : line.code(),
            line.credential() == null ? "-" : line.credential(),
            line.trace()
        };
    }

    private boolean hasRoom(RouteTable.@Nullable Route route) {
        long second = clock.now().getEpochSecond() << COUNT_BITS;
        long told = windows.computeIfAbsent(route == null ? "" : route.operation(), first -> new AtomicLong())
                .updateAndGet(seen -> Math.min(Math.max(seen, second) + 1, second + LINES_PER_SECOND + 1));
        return told - second <= LINES_PER_SECOND;
    }

    /**
     * A path with its words and ids. Longer parts than any id of ours are secrets that open something, parts with other
     * characters may be an e-mail address.
     */
    static String withoutSecrets(@Nullable String path) {
        return path == null
                ? ""
                : Arrays.stream(path.split("/", -1)).map(RequestLog::shown).collect(Collectors.joining("/"));
    }

    private static String shown(String part) {
        if (!PLAIN.matcher(part).matches()) {
            return "***";
        }
        return part.length() <= PART_MAX ? part : part.substring(0, PREFIX) + "***";
    }
}
