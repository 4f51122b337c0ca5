package dev.sluice;

import dev.sluice.db.SetAside;
import dev.sluice.eventlog.EventHead;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.lightning.NodeId;
import dev.sluice.ops.Foundation;
import dev.sluice.store.Rail;
import dev.sluice.webhook.WebhookService;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the operator's alarms look at. Business is counted from the event log, so every path to a settled invoice is;
 * states are gauges over what is known anyway, and two counts that the database is asked for now and then. Labels are
 * closed sets: never an id.
 */
final class GatewayMeters {
    /** The event whose fact is the rail. */
    static final String PAYMENT_SETTLED = "InvoicePaymentSettled";

    private static final long ASK_MS = 15_000;
    static final List<String> INVOICES = List.of(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            PAYMENT_SETTLED,
            "InvoicePaymentInvalid",
            "InvoiceSettled",
            "InvoiceExpired",
            "InvoicePaidAfterExpiration",
            "InvoiceInvalid");
    private static final List<String> RAILS =
            Stream.of(Rail.values()).map(Rail::methodId).toList();
    static final List<String> CARDS = List.of(
            "card.tapped",
            "card.charged",
            "card.authorized",
            "card.captured",
            "card.voided",
            "card.refunded",
            "card.declined",
            "card.toppedUp",
            "card.topUpReversed",
            "card.keysReleased",
            "card.cloneSuspected");
    /** Not known yet, or not known now. */
    private static final double UNKNOWN = Double.NaN;

    private final Foundation f;
    private final Map<String, Counter> events;
    private final Map<String, Counter> payments;
    private final Map<String, Counter> cards;
    private volatile double setAside = UNKNOWN;
    private volatile double webhooksDue = UNKNOWN;
    private volatile double webhooksOldest = UNKNOWN;
    private volatile double drifts = UNKNOWN;
    private volatile @Nullable Instant proved;

    GatewayMeters(Foundation foundation) {
        this.f = foundation;
        MeterRegistry registry = f.metrics().registry();
        this.events = counters(registry, "sluice_invoice_events", "kind", INVOICES);
        this.payments = counters(registry, "sluice_invoice_payments", "rail", RAILS);
        this.cards = counters(registry, "sluice_card_events", "kind", CARDS);
        gauge("ledger", "drifts", "count", () -> drifts);
        gauge("ledger", "proof_age", "seconds", () -> age(Optional.ofNullable(proved)));
        gauge("streams", "set_aside", "count", () -> setAside);
        gauge("webhook", "due", "count", () -> webhooksDue);
        gauge("webhook", "oldest_due", "seconds", () -> webhooksOldest);
    }

    private static Map<String, Counter> counters(
            MeterRegistry registry, String name, String label, List<String> values) {
        return values.stream()
                .collect(Collectors.toUnmodifiableMap(value -> value, value -> registry.counter(name, label, value)));
    }

    private void gauge(String feature, String noun, String unit, Supplier<Number> value) {
        f.metrics().gauge(feature, noun, unit, value);
    }

    /** Counts committed events. */
    void heard(List<EventHead> heard) {
        for (EventHead event : heard) {
            String kind = event.kind();
            Counter counter = events.get(kind);
            if (counter != null) {
                counter.increment();
            }
            Counter card = cards.get(kind);
            if (card != null) {
                card.increment();
            }
            if (event.body() != null && kind.equals(PAYMENT_SETTLED)) {
                Counter rail = payments.get(event.body().getString("paymentMethodId", ""));
                if (rail != null) {
                    rail.increment();
                }
            }
        }
    }

    void proved(LedgerVerifier.Report report) {
        drifts = report.drifts().size();
        proved = f.clock().now();
    }

    /** Shows nodes and streams; {@code tailFreshAt}: up to when every event has been heard. */
    void watch(Optional<ChainParts> chain, LightningParts lightning, Supplier<Optional<Instant>> tailFreshAt) {
        gauge("events", "tail_age", "seconds", () -> age(tailFreshAt.get()));
        chain.map(ChainParts::service).ifPresent(service -> {
            gauge("chain", "up", "bool", () -> up(service.unavailableReason()));
            gauge(
                    "chain",
                    "tip",
                    "height",
                    () -> service.tip().map(tip -> (Number) tip.height()).orElse(UNKNOWN));
            gauge("chain", "read_age", "seconds", () -> age(service.tip().map(tip -> tip.caughtUpAt())));
        });
        if (lightning.hasOperatorNode()) {
            gauge("lightning", "up", "bool", () -> up(lightning.nodes().unavailableReason(NodeId.OPERATOR)));
            gauge(
                    "lightning",
                    "read_age",
                    "seconds",
                    () -> age(lightning.nodes().caughtUpAt(NodeId.OPERATOR)));
        }
        gauge("lightning", "nodes", "count", () -> lightning.nodes().size());
        gauge("lightning", "nodes_down", "count", () -> lightning.nodes().down());
    }

    /** Asks the database for what only it knows. */
    void ask(WebhookService webhooks) {
        f.vertx().setPeriodic(0, ASK_MS, tick -> {
            SetAside.count(f.db()).onSuccess(count -> setAside = count).onFailure(unknown -> setAside = UNKNOWN);
            webhooks.backlog()
                    .onSuccess(backlog -> {
                        webhooksDue = backlog.due();
                        webhooksOldest = backlog.oldestSeconds();
                    })
                    .onFailure(unknown -> {
                        webhooksDue = UNKNOWN;
                        webhooksOldest = UNKNOWN;
                    });
        });
    }

    private static int up(Optional<String> unavailable) {
        return unavailable.isEmpty() ? 1 : 0;
    }

    private double age(Optional<Instant> moment) {
        return moment.map(at -> Duration.between(at, f.clock().now()).toMillis() / 1e3)
                .orElse(UNKNOWN);
    }
}
