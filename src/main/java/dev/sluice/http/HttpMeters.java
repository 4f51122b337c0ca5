package dev.sluice.http;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the edge counts. Vert.x's own meters of the server looked four meters up by their labels for each request, which
 * was an eighth of what a status check costs.
 */
public final class HttpMeters {
    private final Counter[] byClass = new Counter[6];
    private final Map<String, Counter> refused;
    private final Timer latency;

    /**
     * @param registry where they are shown, as {@code sluice_http_...}
     * @param latency measures the time to an answer
     */
    public HttpMeters(MeterRegistry registry, Timer latency) {
        for (int first = 0; first < byClass.length; first++) {
            byClass[first] = registry.counter("sluice_http_requests", "status", first + "xx");
        }
        refused = Stream.of("rate-limited", "overloaded")
                .collect(Collectors.toUnmodifiableMap(
                        code -> code, code -> registry.counter("sluice_http_refused", "reason", code)));
        this.latency = latency;
    }

    /** @param nanos from arrival to answer; 0 for a stream, whose length says nothing */
    void answered(int status, long nanos) {
        byClass[Math.clamp(status / 100, 0, byClass.length - 1)].increment();
        if (nanos > 0) {
            latency.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Counts a refusal that is about load and not about the request. */
    void refused(String code) {
        Counter counter = refused.get(code);
        if (counter != null) {
            counter.increment();
        }
    }
}
