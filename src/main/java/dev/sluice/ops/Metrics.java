package dev.sluice.ops;

import dev.sluice.kernel.Check;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What is measured, for Prometheus: event loops, pools and the JVM by themselves, and features by meters named {@code
 * sluice_<feature>_<noun>_<unit>}. A label is an enum, so that nobody outside can make series.
 */
public final class Metrics {
    private static final Pattern WORD = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
    /** In tests the least block is to be seen; in service what harms others, once and not at every check. */
    private static final long BLOCKED_TEST_MS = 200;

    private static final long BLOCKED_SERVICE_MS = 1_000;
    private static final Duration[] LATENCIES = {
        Duration.ofMillis(5),
        Duration.ofMillis(25),
        Duration.ofMillis(100),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10)
    };

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** A Vert.x that is measured here and watches its event loops for blocking. */
    public Vertx vertx(boolean service) {
        return Vertx.builder()
                .with(options(service))
                .withMetrics(new MicrometerMetricsFactory(registry))
                .build();
    }

    static VertxOptions options(boolean service) {
        return new VertxOptions()
                .setPreferNativeTransport(true)
                .setBlockedThreadCheckInterval(service ? BLOCKED_SERVICE_MS : BLOCKED_TEST_MS)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.MILLISECONDS)
                .setMaxEventLoopExecuteTime(service ? BLOCKED_SERVICE_MS : BLOCKED_TEST_MS)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setMetricsOptions(new MicrometerMetricsOptions()
                        .setEnabled(true)
                        .setJvmMetricsEnabled(true)
                        // the edge counts its requests itself, and cheaper
                        .addDisabledMetricsCategory(MetricsDomain.HTTP_SERVER));
    }

    /** Everything, in the text format of Prometheus. */
    public String scrape() {
        return registry.scrape();
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** Counts; appears with the suffix {@code _total}. */
    public Counter counter(String feature, String noun) {
        return registry.counter(name(feature, noun));
    }

    /** One counter for each constant of a closed set. */
    public <E extends Enum<E>> Map<E, Counter> counters(String feature, String noun, String label, Class<E> values) {
        Map<E, Counter> counters = new EnumMap<>(values);
        for (E value : values.getEnumConstants()) {
            counters.put(
                    value,
                    registry.counter(
                            name(feature, noun), word(label), value.name().toLowerCase(Locale.ROOT)));
        }
        return Collections.unmodifiableMap(counters);
    }

    /** Measures how long something takes; unit seconds. */
    public Timer timer(String feature, String noun) {
        return Timer.builder(name(feature, noun))
                .serviceLevelObjectives(LATENCIES)
                .register(registry);
    }

    /** Shows a value when asked; {@code unit}: what one is. */
    public void gauge(String feature, String noun, String unit, Supplier<Number> value) {
        Gauge.builder(name(feature, noun) + "_" + word(unit), value).register(registry);
    }

    private static String name(String feature, String noun) {
        return "sluice_" + word(feature) + "_" + word(noun);
    }

    private static String word(String text) {
        Check.require(WORD.matcher(text).matches(), "metric names are lower-case words");
        return text;
    }
}
