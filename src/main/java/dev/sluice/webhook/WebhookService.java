package dev.sluice.webhook;

import dev.sluice.bus.Bus;
import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.egress.EgressClient;
import dev.sluice.http.StoreResolver;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.WebhookId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** Endpoints and their delivery log. Changes happen in the caller's transaction; {@link #wake} follows its commit. */
public final class WebhookService {
    /** Endpoints of one store: each multiplies the store's events. */
    static final int PER_STORE_MAX = 100;
    /** Events of one replay. */
    static final int REPLAY_MAX = 1_000;

    /** A replaced secret goes on signing for a day. */
    private static final Duration ROTATION = Duration.ofHours(24);

    private final EndpointRepository endpoints;
    private final DeliveryRepository deliveries;
    private final Db db;
    private final EgressClient egress;
    private final Bus bus;
    private final Clock clock;
    private final Entropy entropy;
    private final Ids ids;

    public WebhookService(Db db, Bus bus, EgressClient egress, Clock clock, Entropy entropy) {
        this.db = db;
        this.endpoints = new EndpointRepository(db);
        this.deliveries = new DeliveryRepository(db);
        this.egress = egress;
        this.bus = bus;
        this.clock = clock;
        this.entropy = entropy;
        this.ids = new Ids(clock, entropy);
    }

    /** An endpoint just created with the secret nobody will be told again. */
    record Created(Webhook webhook, Secret secret) {}

    /**
     * Frees what processes before this one had claimed, so that it is sent now and not when their claims end. A process
     * that still runs sends at most what it has under way; its results no longer count.
     *
     * @param turn proves that it is this process's turn to send
     */
    public Future<Void> takeOver(Fence turn) {
        return db.tx(tx -> turn.check(tx).compose(ours -> QueueRepository.takeOver(tx)));
    }

    /**
     * Deliveries whose moment has come.
     *
     * @param due counted up to 10,000
     * @param oldestSeconds since when the oldest of these waits
     */
    public record Backlog(long due, double oldestSeconds) {}

    /** What waits to be sent. */
    public Future<Backlog> backlog() {
        return QueueRepository.backlog(db);
    }

    /** Finds the store behind {@code {webhookId}}. */
    public StoreResolver resolver() {
        return new StoreResolver() {
            @Override
            public String parameter() {
                return "webhookId";
            }

            @Override
            public Future<Optional<StoreId>> storeOf(String id) {
                return Ids.isId(id)
                        ? endpoints.find(new WebhookId(id)).map(found -> found.map(Webhook::store))
                        : Future.succeededFuture(Optional.empty());
            }
        };
    }

    /** Reads settings; throws {@link dev.sluice.kernel.FailureException} with {@code Invalid}. */
    WebhookSettings settings(JsonObject body) {
        return WebhookSettingsParser.parse(body, egress.urls());
    }

    Future<List<Webhook>> list(StoreId store) {
        return endpoints.list(store);
    }

    /** An endpoint, of a certain store where one is named. */
    Future<Webhook> find(String id, Optional<String> store) {
        if (!Ids.isId(id)) {
            return missing();
        }
        return endpoints
                .find(new WebhookId(id))
                .compose(found -> found.filter(webhook ->
                                store.isEmpty() || webhook.store().value().equals(store.get()))
                        .map(Future::succeededFuture)
                        .orElseGet(WebhookService::missing));
    }

    /** Creates an endpoint; without a secret of the caller's it gets one. */
    Future<Created> create(SqlClient tx, StoreId store, WebhookSettings settings) {
        Secret secret = settings.secret().orElseGet(() -> WebhookSignature.generate(entropy));
        Webhook webhook = new Webhook(
                new WebhookId(ids.next()),
                store,
                settings.url(),
                settings.enabled(),
                settings.automaticRedelivery(),
                settings.everything(),
                settings.events(),
                null);
        return endpoints
                .insert(tx, webhook, secret, clock.now(), PER_STORE_MAX)
                .compose(inserted -> inserted
                        ? Future.succeededFuture(new Created(webhook, secret))
                        : failed(new Failure.Conflict(
                                "too-many-webhooks", "A store has at most " + PER_STORE_MAX + " webhooks")));
    }

    /** Changes an endpoint; a replaced secret goes on signing for a day beside the new one. */
    Future<Webhook> update(SqlClient tx, Webhook webhook, WebhookSettings settings) {
        Webhook changed = new Webhook(
                webhook.id(),
                webhook.store(),
                settings.url(),
                settings.enabled(),
                settings.automaticRedelivery(),
                settings.everything(),
                settings.events(),
                settings.enabled() ? null : webhook.disabledReason());
        return endpoints
                .update(tx, webhook.id(), settings, clock.now().plus(ROTATION))
                .compose(updated -> updated ? Future.succeededFuture(changed) : missing());
    }

    Future<Void> delete(SqlClient tx, Webhook webhook) {
        return endpoints
                .delete(tx, webhook.id(), clock.now())
                .compose(deleted -> deleted ? Future.succeededFuture() : missing());
    }

    Future<List<Delivery>> deliveries(Webhook webhook, List<String> states, int limit) {
        return deliveries.list(webhook.id(), states, limit);
    }

    Future<Delivery> delivery(Webhook webhook, String id) {
        return deliveries
                .find(webhook.id(), id)
                .compose(found -> found.map(Future::succeededFuture)
                        .orElseGet(() -> failed(
                                new Failure.NotFound("webhookdelivery-not-found", "The delivery was not found"))));
    }

    /** The body of a delivery, byte by byte as it was or will be sent. */
    Future<String> request(Webhook webhook, String id) {
        return delivery(webhook, id)
                .compose(WebhookService::unpruned)
                .map(delivery -> WebhookBody.render(
                        delivery.id(),
                        delivery.webhookId(),
                        delivery.originalId(),
                        delivery.kind(),
                        delivery.eventAt(),
                        delivery.storeId(),
                        Objects.requireNonNull(delivery.facts())));
    }

    /** Queues a past delivery again; the new delivery's id. */
    Future<String> redeliver(SqlClient tx, Webhook webhook, String id) {
        return whileEnabled(webhook, enabled -> delivery(webhook, id))
                .compose(WebhookService::unpruned)
                .compose(delivery -> {
                    String newId = ids.next();
                    return deliveries
                            .redeliver(tx, newId, delivery.id(), clock.now())
                            .map(newId);
                });
    }

    /** Queues a test event; its delivery's id. */
    Future<String> ping(SqlClient tx, Webhook webhook) {
        String newId = ids.next();
        return whileEnabled(
                webhook,
                enabled -> deliveries.ping(tx, newId, webhook.id(), clock.now()).map(newId));
    }

    /** Queues the store's events of {@code [from, to)} for an endpoint again; how many. */
    Future<Long> replay(SqlClient tx, Webhook webhook, Instant from, Instant to) {
        return whileEnabled(webhook, enabled -> deliveries.count(tx, webhook.id(), from, to, REPLAY_MAX + 1))
                .compose(events -> events > REPLAY_MAX
                        ? failed(Failure.invalid(
                                "To", "The range holds more than " + REPLAY_MAX + " events; a replay takes no more"))
                        : deliveries.replay(tx, webhook.id(), from, to, clock.now(), ids.next()));
    }

    /** Tells this process's engine that something was queued. */
    void wake() {
        bus.publish(WebhookMessages.DUE, new WebhookMessages.Due());
    }

    /** Tells this process's engine that an endpoint is not what it was. */
    void changed(WebhookId id) {
        bus.publish(WebhookMessages.CHANGED, new WebhookMessages.Changed(id));
    }

    private static <T> Future<T> whileEnabled(Webhook webhook, Function<Webhook, Future<T>> work) {
        return webhook.enabled()
                ? work.apply(webhook)
                : failed(new Failure.Conflict("webhook-disabled", "The webhook is disabled"));
    }

    private static Future<Delivery> unpruned(Delivery delivery) {
        return delivery.facts() != null
                ? Future.succeededFuture(delivery)
                : failed(new Failure.Conflict("webhookdelivery-pruned", "The delivery's body is no longer kept"));
    }

    private static <T> Future<T> missing() {
        return failed(new Failure.NotFound("webhook-not-found", "The webhook was not found"));
    }

    private static <T> Future<T> failed(Failure failure) {
        return Future.failedFuture(failure.exception());
    }
}
