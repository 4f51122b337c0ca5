package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.Event;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What arrives at an endpoint, and how one endpoint bears on another. */
class WebhookDeliveryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final Rig rig = new Rig(DATABASE);

    @RegisterExtension
    final Sink sink = new Sink(DATABASE.vertx());

    @Test
    void eventArrivesSignedTwiceWithBtcpaysEnvelope() throws Exception {
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "inv1");
        Sink.Arrived arrived = sink.take();
        JsonObject body = arrived.json();
        assertThat(body.getString("type")).isEqualTo("InvoiceSettled");
        assertThat(body.getString("storeId")).isEqualTo(rig.store.value());
        assertThat(body.getString("webhookId")).isEqualTo(webhook.id().value());
        assertThat(body.getLong("timestamp")).isEqualTo(rig.now.get().getEpochSecond());
        assertThat(body.getString("originalDeliveryId")).isEqualTo(body.getString("deliveryId"));
        assertThat(body.getBoolean("isRedelivery")).isFalse();
        assertThat(body.getString("invoiceId")).isEqualTo("inv1");
        assertThat(body.getString("amount")).isEqualTo("10.00");
        assertThat(body.getLong("version")).isEqualTo(1);
        assertThat(arrived.header("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(arrived.header("user-agent")).isEqualTo("Sluice/test");
        assertThat(arrived.header("btcpay-sig"))
                .isEqualTo("sha256="
                        + HexFormat.of()
                                .formatHex(mac(
                                        Rig.SECRET.value().getBytes(StandardCharsets.UTF_8),
                                        arrived.body().getBytes())));
        String signed = arrived.header("webhook-id") + "." + arrived.header("webhook-timestamp") + "." + arrived.body();
        assertThat(arrived.header("webhook-signature"))
                .isEqualTo("v1,"
                        + Base64.getEncoder()
                                .encodeToString(mac(
                                        Base64.getDecoder()
                                                .decode(Rig.SECRET.value().substring(6)),
                                        signed.getBytes(StandardCharsets.UTF_8))));
        Delivery logged = rig.logged(webhook, "success", 1).getFirst();
        assertThat(logged.httpCode()).isEqualTo(200);
        assertThat(await(rig.service.request(webhook, logged.id())))
                .isEqualTo(arrived.body().toString());
    }

    /** Of one step, one commit and one version of the invoice, as Processing and Settled are. */
    @Test
    void sequencePutsEventsInOrderThatArriveInAnother() {
        rig.startEngine();
        rig.endpoint(sink.url());
        rig.happen(List.of(rig.event("InvoiceProcessing", "inv1"), rig.event("InvoiceSettled", "inv1")));
        List<JsonObject> arrived =
                new ArrayList<>(List.of(sink.take().json(), sink.take().json()));
        arrived.sort(Comparator.comparing(body -> body.getLong("sequence")));
        assertThat(arrived)
                .extracting(body -> body.getString("type"))
                .containsExactly("InvoiceProcessing", "InvoiceSettled");
        assertThat(arrived.getFirst().getLong("sequence"))
                .isLessThan(arrived.getLast().getLong("sequence"));
    }

    @Test
    void onlyAuthorizedKindsOfTheStoreAfterCreationAreTold() {
        rig.happen("InvoiceCreated", "before");
        rig.pass(Duration.ofSeconds(1));
        rig.startEngine();
        Webhook some = rig.endpoint(
                new WebhookSettings(sink.url(), true, true, Optional.of(Rig.SECRET), false, Set.of("InvoiceSettled")));
        rig.endpoint(new WebhookSettings(sink.url(), false, true, Optional.of(Rig.SECRET), true, Set.of()));
        Event foreign = rig.event("InvoiceSettled", "foreign");
        rig.happen(List.of(
                rig.event("InvoiceCreated", "a"),
                rig.event("internal.kind", "b"),
                new Event(
                        foreign.at(),
                        foreign.kind(),
                        new dev.sluice.kernel.StoreId("other"),
                        "invoice:x",
                        1,
                        foreign.body()),
                rig.event("InvoiceSettled", "c")));
        assertThat(sink.take().json().getString("invoiceId")).isEqualTo("c");
        rig.logged(some, "success", 1);
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id in (select id from webhook where store_id = '" + rig.store + "')"))
                .isEqualTo(1);
    }

    @Test
    void replacedSecretGoesOnSigningForADay() {
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.update(
                tx,
                webhook,
                new WebhookSettings(
                        sink.url(), true, true, Optional.of(new dev.sluice.kernel.Secret("fresh")), true, Set.of()))));
        rig.happen("InvoiceSettled", "a");
        assertThat(sink.take().header("webhook-signature").split(" ")).hasSize(2);
        rig.pass(Duration.ofHours(25));
        rig.happen("InvoiceSettled", "b");
        assertThat(sink.take().header("webhook-signature").split(" ")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {200, 201, 202, 204, 205, 226, 299})
    void everySuccessStatusEndsTheDelivery(int status) {
        sink.script(Sink.answer(status));
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        assertThat(rig.logged(webhook, "success", 1).getFirst().httpCode()).isEqualTo(status);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
    }

    @Test
    void hugeAnswerIsCutAndOnlyACleanKibibyteIsKept() {
        sink.script(request -> {
            HttpServerResponse response = request.response().setChunked(true);
            response.write("ok\u0000\u001b[31m<b>" + "x".repeat(100_000));
            response.end("y".repeat(1_000_000));
        });
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        String excerpt = rig.logged(webhook, "success", 1).getFirst().excerpt();
        assertThat(excerpt).startsWith("ok[31m<b>x").hasSizeLessThanOrEqualTo(Sender.EXCERPT_CHARS_MAX);
    }

    @Test
    void deadEndpointDelaysNobody() {
        Sink dead = new Sink(DATABASE.vertx());
        dead.script(request -> {});
        rig.startEngine();
        Webhook stuck = rig.endpoint(dead.url());
        Webhook well = rig.endpoint(sink.url());
        rig.happen(IntStream.range(0, 500)
                .mapToObj(i -> rig.event("InvoiceSettled", "inv" + i))
                .toList());
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            seen.add(sink.take().json().getString("invoiceId"));
        }
        assertThat(seen).hasSize(500);
        rig.logged(well, "success", 500);
        assertThat(rig.count("webhook_id = '" + stuck.id() + "' and state = 'due'"))
                .isEqualTo(500);
        dead.close();
    }

    @Test
    void noMoreAttemptsAreUnderWayThanAllowed() throws Exception {
        BlockingQueue<HttpServerRequest> open = new LinkedBlockingQueue<>();
        sink.script(open::add);
        rig.startEngine(15_000, 2);
        for (int endpoint = 0; endpoint < 3; endpoint++) {
            rig.endpoint(sink.url());
        }
        rig.happen("InvoiceSettled", "once");
        for (int answered = 0; answered < 3; answered++) {
            HttpServerRequest request = open.poll(30, TimeUnit.SECONDS);
            await(rig.db.read("select pg_sleep(0.2)")); // time for more attempts than are allowed
            assertThat(open).as("half of two, as no endpoint is proven").isEmpty();
            Sink.answer(200).accept(request);
        }
    }

    private static byte[] mac(byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }
}
