package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRules;
import dev.sluice.http.Access;
import dev.sluice.http.BareApi;
import dev.sluice.http.Contract;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookRoutesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final Rig rig = new Rig(DATABASE);

    @RegisterExtension
    final Sink sink = new Sink(DATABASE.vertx());

    private static final String STORE = "/api/v1/stores/{storeId}/webhooks";
    private static final String ONE = "/api/v1/webhooks/{webhookId}";

    private BareApi api;

    @BeforeEach
    void open() {
        api = new BareApi(rig.db);
        new WebhookRoutes(rig.service).register(api);
    }

    @Test
    void everyRouteNeedsThePermission() {
        assertThat(api.access()).hasSize(20);
        assertThat(api.access().values()).containsOnly(Access.needs("btcpay.store.webhooks.canmodifywebhooks"));
    }

    @Test
    void contractAndRoutesNameTheSameOperations() {
        Set<String> contract = Contract.load().operations().stream()
                .filter(operation -> operation.contains("/webhooks"))
                .collect(Collectors.toSet());
        assertThat(api.access().keySet()).isEqualTo(contract);
    }

    @Test
    void secretIsToldOnceByCreation() {
        JsonObject created = json(create(new JsonObject().put("url", sink.url())));
        assertThat(created.getString("secret")).startsWith("whsec_");
        assertThat(created.getBoolean("enabled")).isTrue();
        assertThat(created.getBoolean("automaticRedelivery")).isTrue();
        assertThat(created.getJsonObject("authorizedEvents"))
                .isEqualTo(new JsonObject().put("everything", true).put("specificEvents", new JsonArray()));
        String id = created.getString("id");
        assertThat(json(one("GET " + ONE, id)).containsKey("secret")).isFalse();
        assertThat(json(update(id, new JsonObject().put("url", sink.url()).put("secret", "mine")))
                        .containsKey("secret"))
                .isFalse();
        JsonArray all =
                new JsonArray(await(api.call("GET " + STORE, Map.of("storeId", rig.store.value()), new JsonObject()))
                        .body());
        assertThat(all).hasSize(1);
        assertThat(all.getJsonObject(0).containsKey("secret")).isFalse();
    }

    @Test
    void ownSecretIsKeptAndUpdateWithoutOneLeavesIt() {
        JsonObject created = json(create(new JsonObject().put("url", sink.url()).put("secret", "my own")));
        assertThat(created.getString("secret")).isEqualTo("my own");
        await(update(
                created.getString("id"),
                new JsonObject().put("url", sink.url()).put("secret", "").put("enabled", false)));
        var row = await(rig.db.read(
                        "select secret, previous_secret, enabled from webhook where id = $1", created.getString("id")))
                .iterator()
                .next();
        assertThat(row.getString("secret")).isEqualTo("my own");
        assertThat(row.getString("previous_secret")).isNull();
        assertThat(row.getBoolean("enabled")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|Url",
                "{'url':5}|Url",
                "{'url':'ftp://x.example'}|Url",
                "{'url':'https://user:pw@x.example'}|Url",
                "{'url':'https://x.example','enabled':'yes'}|Enabled",
                "{'url':'https://x.example','automaticRedelivery':1}|AutomaticRedelivery",
                "{'url':'https://x.example','secret':7}|Secret",
                "{'url':'https://x.example','secret':'whsec_%'}|Secret",
                "{'url':'https://x.example','authorizedEvents':[]}|AuthorizedEvents",
                "{'url':'https://x.example','authorizedEvents':{'everything':'no'}}|AuthorizedEvents.Everything",
                "{'url':'https://x.example','authorizedEvents':{'specificEvents':'InvoiceSettled'}}|"
                        + "AuthorizedEvents.SpecificEvents",
                "{'url':'https://x.example','authorizedEvents':{'specificEvents':['InvoiceSetled']}}|"
                        + "AuthorizedEvents.SpecificEvents[0]"
            })
    void wrongFieldIsNamedAndNothingIsWritten(String body, String path) {
        Failure failure = Rig.failure(create(new JsonObject(body.replace('\'', '"'))));
        assertThat(((Failure.Invalid) failure).errors())
                .singleElement()
                .extracting("path")
                .isEqualTo(path);
        assertThat(await(rig.service.list(rig.store))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://x.example", "https://localhost/", "https://till.local/", "https://printer/"})
    void strictEgressRefusesLocalUrlsAtRegistration(String url) {
        EgressClient strict = EgressClient.open(DATABASE.vertx(), EgressRules.STRICT);
        WebhookService service = new WebhookService(rig.db, rig.bus, strict, rig.now::get, rig.entropy);
        BareApi strictApi = new BareApi(rig.db);
        new WebhookRoutes(service).register(strictApi);
        Failure failure = Rig.failure(strictApi.call(
                "POST " + STORE, Map.of("storeId", rig.store.value()), new JsonObject().put("url", url)));
        assertThat(failure).isInstanceOf(Failure.Invalid.class);
        await(strict.close());
    }

    @Test
    void aliasUnderAnotherStoreFindsNothing() {
        String id = rig.endpoint(sink.url()).id().value();
        Failure failure = Rig.failure(api.call(
                "GET " + STORE + "/{webhookId}", Map.of("storeId", "other", "webhookId", id), new JsonObject()));
        assertThat(failure.code()).isEqualTo("webhook-not-found");
        assertThat(json(api.call(
                                "GET " + STORE + "/{webhookId}",
                                Map.of("storeId", rig.store.value(), "webhookId", id),
                                new JsonObject()))
                        .getString("id"))
                .isEqualTo(id);
    }

    @Test
    void deletedEndpointIsGoneWithItsStore() {
        String id = rig.endpoint(sink.url()).id().value();
        assertThat(await(rig.service.resolver().storeOf(id))).contains(rig.store);
        assertThat(await(one("DELETE " + ONE, id)).status()).isEqualTo(200);
        assertThat(Rig.failure(one("GET " + ONE, id)).code()).isEqualTo("webhook-not-found");
        assertThat(await(rig.service.resolver().storeOf(id))).isEmpty();
        assertThat(await(rig.service.resolver().storeOf("no such id"))).isEmpty();
        assertThat(Rig.failure(one("GET " + ONE, "no such id")).code()).isEqualTo("webhook-not-found");
    }

    @Test
    void pingArrivesAndIsLogged() {
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        String id = text(one("POST " + ONE + "/ping", webhook.id().value()));
        Sink.Arrived arrived = sink.take();
        assertThat(arrived.json().getString("type")).isEqualTo("WebhookPing");
        assertThat(arrived.json().getString("deliveryId")).isEqualTo(id);
        rig.logged(webhook, "success", 1);
        JsonObject shown = json(delivery("GET " + ONE + "/deliveries/{deliveryId}", webhook, id));
        assertThat(shown.getString("status")).isEqualTo("HttpSuccess");
        assertThat(shown.getInteger("httpCode")).isEqualTo(200);
        assertThat(shown.getLong("deliveryTime")).isEqualTo(rig.now.get().getEpochSecond());
    }

    @Test
    void redeliveryIsANewDeliveryOfTheSameEvent() {
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        Sink.Arrived first = sink.take();
        String original = rig.logged(webhook, "success", 1).getFirst().id();
        String again = text(delivery("POST " + ONE + "/deliveries/{deliveryId}/redeliver", webhook, original));
        Sink.Arrived second = sink.take();
        assertThat(again).isNotEqualTo(original);
        assertThat(second.json().getString("deliveryId")).isEqualTo(again);
        assertThat(second.json().getString("originalDeliveryId")).isEqualTo(original);
        assertThat(second.json().getBoolean("isRedelivery")).isTrue();
        assertThat(second.header("webhook-id")).isEqualTo(first.header("webhook-id"));
        rig.logged(webhook, "success", 2);
        assertThat(await(delivery("GET " + ONE + "/deliveries/{deliveryId}/request", webhook, again))
                        .body())
                .isEqualTo(second.body().toString());
    }

    @Test
    void listIsFilteredAndBounded() {
        Webhook webhook = rig.endpoint(sink.url());
        for (int i = 0; i < 3; i++) {
            await(one("POST " + ONE + "/ping", webhook.id().value()));
        }
        assertThat(list(webhook, Map.of())).isEmpty();
        assertThat(list(webhook, Map.of("status", List.of("Pending")))).hasSize(3);
        assertThat(list(webhook, Map.of("status", List.of("Pending"), "count", List.of("2"))))
                .hasSize(2);
        assertThat(Rig.failure(listed(webhook, Map.of("count", List.of("-1"))))).isInstanceOf(Failure.Invalid.class);
        assertThat(Rig.failure(listed(webhook, Map.of("count", List.of("0"))))).isInstanceOf(Failure.Invalid.class);
        assertThat(Rig.failure(listed(webhook, Map.of("status", List.of("Odd")))))
                .isInstanceOf(Failure.Invalid.class);
    }

    @Test
    void replayTellsMissedEventsAsOriginalsAndHeardOnesAgain() {
        rig.happen("InvoiceCreated", "missed");
        long begin = rig.now.get().getEpochSecond();
        rig.pass(Duration.ofSeconds(10));
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "heard");
        Sink.Arrived first = sink.take();
        String heard = first.header("webhook-id");
        rig.logged(webhook, "success", 1);
        rig.pass(Duration.ofSeconds(10));
        rig.happen("InvoiceSettled", "outside");
        sink.take();
        rig.logged(webhook, "success", 2);
        JsonObject range = new JsonObject().put("from", begin).put("to", Long.toString(begin + 20));
        assertThat(json(replay(webhook, range)).getInteger("deliveries")).isEqualTo(2);
        Map<String, JsonObject> arrived = new HashMap<>();
        IntStream.range(0, 2)
                .mapToObj(i -> sink.take().json())
                .forEach(body -> arrived.put(body.getString("invoiceId"), body));
        assertThat(arrived.get("missed").getBoolean("isRedelivery")).isFalse();
        assertThat(arrived.get("missed").getString("storeId")).isEqualTo(rig.store.value());
        assertThat(arrived.get("heard").getBoolean("isRedelivery")).isTrue();
        assertThat(arrived.get("heard").getString("originalDeliveryId")).isEqualTo(heard);
        long sequence = first.json().getLong("sequence");
        assertThat(arrived.get("heard").getLong("sequence")).isEqualTo(sequence);
        assertThat(arrived.get("missed").getLong("sequence")).isLessThan(sequence);
        assertThat(arrived.get("missed").getLong("version")).isEqualTo(1);
        rig.logged(webhook, "success", 4);
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void replayOfTooManyEventsIsRefusedWhole() {
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen(IntStream.rangeClosed(0, WebhookService.REPLAY_MAX)
                .mapToObj(i -> rig.event("InvoiceSettled", "inv" + i))
                .toList());
        long at = rig.now.get().getEpochSecond();
        Failure failure =
                Rig.failure(replay(webhook, new JsonObject().put("from", at).put("to", at + 1)));
        assertThat(failure.message()).contains("more than 1000 events");
        assertThat(Rig.failure(replay(webhook, new JsonObject().put("from", at))))
                .isInstanceOf(Failure.Invalid.class);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isZero();
    }

    @Test
    void disabledEndpointTakesNothingByHand() {
        Webhook webhook = rig.endpoint(sink.url());
        await(update(
                webhook.id().value(), new JsonObject().put("url", sink.url()).put("enabled", false)));
        assertThat(Rig.failure(one("POST " + ONE + "/ping", webhook.id().value()))
                        .code())
                .isEqualTo("webhook-disabled");
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isZero();
    }

    @Test
    void oldBodiesArePrunedButTheirLinesStay() {
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        String id = rig.logged(webhook, "success", 1).getFirst().id();
        Housekeeping housekeeping = new Housekeeping(rig.db, rig.now::get);
        rig.pass(Duration.ofDays(60).minusSeconds(1));
        await(housekeeping.run());
        assertThat(await(delivery("GET " + ONE + "/deliveries/{deliveryId}/request", webhook, id))
                        .status())
                .isEqualTo(200);
        rig.pass(Duration.ofSeconds(2));
        await(housekeeping.run());
        assertThat(Rig.failure(delivery("GET " + ONE + "/deliveries/{deliveryId}/request", webhook, id))
                        .code())
                .isEqualTo("webhookdelivery-pruned");
        assertThat(Rig.failure(delivery("POST " + ONE + "/deliveries/{deliveryId}/redeliver", webhook, id))
                        .code())
                .isEqualTo("webhookdelivery-pruned");
        assertThat(json(delivery("GET " + ONE + "/deliveries/{deliveryId}", webhook, id))
                        .getString("status"))
                .isEqualTo("HttpSuccess");
    }

    @Test
    void housekeepingGivesUpWhatNobodyTookAndRemovesWhatDeletedEndpointsLeft() {
        Webhook kept = rig.endpoint(sink.url());
        Webhook deleted = rig.endpoint(sink.url());
        await(one("POST " + ONE + "/ping", kept.id().value()));
        await(one("POST " + ONE + "/ping", deleted.id().value()));
        await(one("DELETE " + ONE, deleted.id().value()));
        rig.pass(Duration.ofDays(4).plusSeconds(1));
        await(new Housekeeping(rig.db, rig.now::get).run());
        assertThat(rig.logged(kept, "failed", 1).getFirst().error()).isEqualTo("Not delivered in time");
        assertThat(rig.count("webhook_id = '" + deleted.id() + "'")).isZero();
        List<String> left = new ArrayList<>();
        await(rig.db.read("select id from webhook")).forEach(row -> left.add(row.getString("id")));
        assertThat(left).contains(kept.id().value()).doesNotContain(deleted.id().value());
    }

    @Test
    void storeHoldsABoundedNumberOfEndpoints() {
        for (int i = 0; i < WebhookService.PER_STORE_MAX; i++) {
            rig.endpoint(sink.url());
        }
        assertThat(Rig.failure(create(new JsonObject().put("url", sink.url()))).code())
                .isEqualTo("too-many-webhooks");
        assertThat(await(rig.service.list(new StoreId("other")))).isEmpty();
    }

    private Future<Reply> create(JsonObject body) {
        return api.call("POST " + STORE, Map.of("storeId", rig.store.value()), body);
    }

    private Future<Reply> update(String id, JsonObject body) {
        return api.call("PUT " + ONE, Map.of("webhookId", id), body);
    }

    private Future<Reply> one(String route, String id) {
        return api.call(route, Map.of("webhookId", id), new JsonObject());
    }

    private Future<Reply> delivery(String route, Webhook webhook, String id) {
        return api.call(route, Map.of("webhookId", webhook.id().value(), "deliveryId", id), new JsonObject());
    }

    private Future<Reply> replay(Webhook webhook, JsonObject range) {
        return api.call(
                "POST " + ONE + "/replay", Map.of("webhookId", webhook.id().value()), range);
    }

    private Future<Reply> listed(Webhook webhook, Map<String, List<String>> query) {
        return api.call(
                "GET " + ONE + "/deliveries", Map.of("webhookId", webhook.id().value()), query, new JsonObject());
    }

    private JsonArray list(Webhook webhook, Map<String, List<String>> query) {
        return new JsonArray(await(listed(webhook, query)).body());
    }

    private static JsonObject json(Future<Reply> reply) {
        return new JsonObject(await(reply).body());
    }

    private static String text(Future<Reply> reply) {
        return Json.decodeValue(await(reply).body(), String.class);
    }
}
