package dev.sluice.webhook;

import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.OnceTold;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The {@code webhooks} group of Greenfield, with ping, replay and a filter of our own. */
public final class WebhookRoutes {
    private static final String STORE = "/api/v1/stores/{storeId}/webhooks";
    private static final String ONE = "/api/v1/webhooks/{webhookId}";
    private static final Access MODIFY = Access.needs("btcpay.store.webhooks.canmodifywebhooks");

    private static final int COUNT_DEFAULT = 100;
    private static final int COUNT_MAX = 500;
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,10}");

    /** A reading of the store in the path: only the alias under a store has one. */
    private record Prefix(String path, Function<Call, Optional<String>> store) {}

    private static final List<Prefix> PREFIXES = List.of(
            new Prefix(ONE, call -> Optional.empty()),
            new Prefix(STORE + "/{webhookId}", call -> Optional.of(call.path("storeId"))));

    private final WebhookService webhooks;

    public WebhookRoutes(WebhookService webhooks) {
        this.webhooks = webhooks;
    }

    /** Describes the routes. */
    public void register(Api api) {
        api.get(STORE, MODIFY, this::list);
        api.post(STORE, MODIFY, this::create);
        for (Prefix prefix : PREFIXES) {
            String one = prefix.path();
            String delivery = one + "/deliveries/{deliveryId}";
            api.get(one, MODIFY, with(prefix, (call, webhook) -> Future.succeededFuture(json(webhook))));
            api.put(one, MODIFY, with(prefix, this::update));
            api.delete(one, MODIFY, with(prefix, this::delete));
            api.post(one + "/ping", MODIFY, with(prefix, this::ping));
            api.post(one + "/replay", MODIFY, with(prefix, this::replay));
            api.get(one + "/deliveries", MODIFY, with(prefix, this::deliveries));
            api.get(
                    delivery,
                    MODIFY,
                    with(
                            prefix,
                            (call, webhook) -> webhooks.delivery(webhook, call.path("deliveryId"))
                                    .map(found -> Reply.json(WebhookJson.of(found)))));
            api.get(
                    delivery + "/request",
                    MODIFY,
                    with(
                            prefix,
                            (call, webhook) -> webhooks.request(webhook, call.path("deliveryId"))
                                    .map(body -> new Reply(200, body, Map.of()))));
            api.post(delivery + "/redeliver", MODIFY, with(prefix, this::redeliver));
        }
    }

    /** A handler of one endpoint's route. */
    @FunctionalInterface
    private interface Handler {
        Future<Reply> handle(Call call, Webhook webhook);
    }

    private Function<Call, Future<Reply>> with(Prefix prefix, Handler handler) {
        return call -> webhooks.find(call.path("webhookId"), prefix.store().apply(call))
                .compose(webhook -> handler.handle(call, webhook));
    }

    private Future<Reply> list(Call call) {
        return webhooks.list(call.store()).map(found -> {
            JsonArray all = new JsonArray();
            found.forEach(webhook -> all.add(WebhookJson.of(webhook)));
            return Reply.json(all);
        });
    }

    private Future<Reply> create(Call call) {
        StoreId store = call.store();
        WebhookSettings settings = webhooks.settings(call.body());
        OnceTold once = new OnceTold();
        return call.effect(tx -> webhooks.create(tx, store, settings).map(created -> {
                    once.tell("secret", created.secret());
                    return json(created.webhook());
                }))
                .map(once::join);
    }

    private Future<Reply> update(Call call, Webhook webhook) {
        WebhookSettings settings = webhooks.settings(call.body());
        return call.effect(tx -> webhooks.update(tx, webhook, settings).map(WebhookRoutes::json))
                .onSuccess(reply -> webhooks.changed(webhook.id()));
    }

    private Future<Reply> delete(Call call, Webhook webhook) {
        return call.effect(tx -> webhooks.delete(tx, webhook).map(deleted -> Reply.done()))
                .onSuccess(reply -> webhooks.changed(webhook.id()));
    }

    private Future<Reply> ping(Call call, Webhook webhook) {
        return call.effect(tx -> webhooks.ping(tx, webhook).map(WebhookRoutes::text))
                .onSuccess(reply -> webhooks.wake());
    }

    private Future<Reply> redeliver(Call call, Webhook webhook) {
        return call.effect(tx ->
                        webhooks.redeliver(tx, webhook, call.path("deliveryId")).map(WebhookRoutes::text))
                .onSuccess(reply -> webhooks.wake());
    }

    private Future<Reply> replay(Call call, Webhook webhook) {
        Fields fields = new Fields(call.body());
        Instant from = instant(fields, "from");
        Instant to = instant(fields, "to");
        fields.check();
        return call.effect(tx -> webhooks.replay(tx, webhook, from, to)
                        .map(count -> Reply.json(new JsonObject().put("deliveries", count))))
                .onSuccess(reply -> webhooks.wake());
    }

    private Future<Reply> deliveries(Call call, Webhook webhook) {
        return webhooks.deliveries(webhook, states(call.queries("status")), count(call.query("count")))
                .map(found -> {
                    JsonArray all = new JsonArray();
                    found.forEach(delivery -> all.add(WebhookJson.of(delivery)));
                    return Reply.json(all);
                });
    }

    private static int count(Optional<String> asked) {
        String text = asked.orElse(Integer.toString(COUNT_DEFAULT));
        if (!NUMBER.matcher(text).matches() || Long.parseLong(text) < 1) {
            throw Failure.invalid("count", "A positive number is expected").exception();
        }
        return (int) Math.min(Long.parseLong(text), COUNT_MAX);
    }

    /** What has been sent, unless the caller names statuses. */
    private static List<String> states(List<String> statuses) {
        List<String> asked = statuses.isEmpty() ? List.of("Failed", "HttpError", "HttpSuccess") : statuses;
        return asked.stream()
                .map(status -> WebhookJson.state(status)
                        .orElseThrow(() ->
                                Failure.invalid("status", "Unknown status").exception()))
                .toList();
    }

    private static Instant instant(Fields fields, String name) {
        if (!fields.has(name)) {
            fields.reject(name, "A Unix time in seconds is needed");
        }
        Instant given = fields.time(name);
        return given == null ? Instant.EPOCH : given;
    }

    private static Reply json(Webhook webhook) {
        return Reply.json(WebhookJson.of(webhook));
    }

    private static Reply text(String value) {
        return new Reply(200, Json.encode(value), Map.of());
    }
}
