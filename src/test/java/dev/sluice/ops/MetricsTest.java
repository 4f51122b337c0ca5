package dev.sluice.ops;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.Counter;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private enum Rail {
        LIGHTNING,
        ONCHAIN
    }

    private final Metrics metrics = new Metrics();

    @Test
    void metersAreNamedByFeatureNounAndUnit() {
        metrics.counter("invoice", "settled").increment();
        metrics.timer("webhook", "delivery").record(20, TimeUnit.MILLISECONDS);
        metrics.gauge("chain", "tip", "blocks", () -> 7);
        assertThat(metrics.scrape())
                .contains("sluice_invoice_settled_total 1.0")
                .contains("sluice_webhook_delivery_seconds_count 1")
                .contains("sluice_webhook_delivery_seconds_bucket{le=\"0.025\"} 1")
                .contains("sluice_chain_tip_blocks 7.0");
    }

    @Test
    void labelsAreAClosedSetThatExistsFromTheStart() {
        Map<Rail, Counter> counters = metrics.counters("invoice", "payments", "rail", Rail.class);
        counters.get(Rail.ONCHAIN).increment();
        assertThat(metrics.scrape())
                .contains("sluice_invoice_payments_total{rail=\"lightning\"} 0.0")
                .contains("sluice_invoice_payments_total{rail=\"onchain\"} 1.0");
    }

    @Test
    void namesAreLowerCaseWords() {
        assertThatThrownBy(() -> metrics.counter("Invoice", "settled")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> metrics.counter("invoice", "settled now"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> metrics.gauge("invoice", "x", "", () -> 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void vertxMeasuresJvmAndPoolsAndWatchesItsLoops() {
        Vertx vertx = metrics.vertx(false);
        await(vertx.executeBlocking(() -> "work"));
        assertThat(metrics.scrape()).contains("jvm_memory_used_bytes").contains("vertx_pool_");
        await(vertx.close());
        assertThat(Metrics.options(false).getMaxEventLoopExecuteTime()).isEqualTo(200);
        assertThat(Metrics.options(true).getMaxEventLoopExecuteTime()).isEqualTo(1_000);
    }
}
