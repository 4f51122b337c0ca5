package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.Event;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookDeliveryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private Rig rig;
    private Sink sink;

    @BeforeEach
    void open() {
        rig = new Rig(DATABASE);
        sink = new Sink(DATABASE.vertx());
    }

    @AfterEach
    void close() {
        rig.close();
        sink.close();
    }

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

    @ParameterizedTest
    @ValueSource(
            ints = {
                300, 301, 302, 304, 307, 308, 400, 401, 404, 408, 409, 418, 422, 429, 451, 499, 500, 502, 503, 504, 599
            })
    void everyOtherStatusIsTriedAgain(int status) {
        sink.script(request -> request.response()
                .setStatusCode(status)
                .putHeader("Location", "/again")
                .end());
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        Delivery first = rig.logged(webhook, "http_error", 1).getFirst();
        assertThat(first.httpCode()).isEqualTo(status);
        Delivery next = rig.logged(webhook, "due", 1).getFirst();
        assertThat(next.attempt()).isEqualTo(2);
        assertThat(next.originalId()).isEqualTo(first.id());
        assertThat(Duration.between(rig.now.get(), next.dueAt()))
                .isBetween(Duration.ofMillis(5_000), Duration.ofMillis(5_500));
        sink.take();
        assertThat(sink.waiting()).isZero();
    }

    @Test
    void failedDeliveryIsTriedElevenTimesOverThreeDaysUnderOneMessageId() {
        sink.script(Sink.answer(500));
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        Instant begin = rig.now.get();
        Sink.Arrived first = sink.take();
        Set<String> deliveryIds = new HashSet<>(Set.of(first.json().getString("deliveryId")));
        for (int attempt = 2; attempt <= 12; attempt++) {
            rig.logged(webhook, "http_error", attempt - 1);
            Delivery due = rig.logged(webhook, "due", 1).getFirst();
            assertThat(due.attempt()).isEqualTo(attempt);
            // 5 minutes more: a lane that failed five times in a row is closed for up to that long.
            rig.now.set(due.dueAt().plus(Duration.ofMinutes(5)));
            rig.service.wake();
            Sink.Arrived again = sink.take();
            assertThat(again.header("webhook-id")).isEqualTo(first.header("webhook-id"));
            assertThat(Long.parseLong(again.header("webhook-timestamp")))
                    .isEqualTo(rig.now.get().getEpochSecond());
            assertThat(again.json().getBoolean("isRedelivery")).isTrue();
            assertThat(again.json().getString("originalDeliveryId")).isEqualTo(first.header("webhook-id"));
            assertThat(again.json().getLong("timestamp")).isEqualTo(first.json().getLong("timestamp"));
            assertThat(deliveryIds.add(again.json().getString("deliveryId"))).isTrue();
        }
        rig.logged(webhook, "http_error", 12);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'due'"))
                .isZero();
        assertThat(Duration.between(begin, rig.now.get())).isGreaterThan(Duration.ofDays(3));
    }

    @Test
    void withoutAutomaticRedeliveryOneAttemptIsAll() {
        sink.script(Sink.answer(500));
        rig.startEngine();
        Webhook webhook =
                rig.endpoint(new WebhookSettings(sink.url(), true, false, Optional.of(Rig.SECRET), true, Set.of()));
        rig.happen("InvoiceSettled", "a");
        rig.logged(webhook, "http_error", 1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
    }

    @Test
    void retryAfterIsHonouredUpToAnHour() {
        sink.script(request -> request.response()
                .setStatusCode(503)
                .putHeader("Retry-After", "86400")
                .end());
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        rig.logged(webhook, "http_error", 1);
        assertThat(rig.logged(webhook, "due", 1).getFirst().dueAt())
                .isEqualTo(rig.now.get().plus(Duration.ofHours(1)));
    }

    @Test
    void goneDisablesTheEndpointAndSaysSo() {
        sink.script(Sink.answer(410));
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        rig.logged(webhook, "http_error", 1);
        Webhook after = await(rig.service.find(webhook.id().value(), Optional.empty()));
        assertThat(after.enabled()).isFalse();
        assertThat(after.disabledReason()).contains("410");
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
        assertThat(await(rig.db.read(
                                "select body from event where kind = 'webhook.disabled' and subject = $1",
                                "webhook:" + webhook.id()))
                        .size())
                .isEqualTo(1);
        rig.happen("InvoiceSettled", "b");
        Sink healthy = new Sink(DATABASE.vertx());
        rig.endpoint(healthy.url());
        rig.happen("InvoiceSettled", "c");
        healthy.take();
        sink.take();
        assertThat(sink.waiting()).isZero();
        healthy.close();
    }

    @Test
    void resetConnectionIsAFailureWithoutAStatus() {
        sink.script(request -> request.connection().close());
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        Delivery failed = rig.logged(webhook, "failed", 1).getFirst();
        assertThat(failed.httpCode()).isNull();
        assertThat(failed.error()).isEqualTo("The connection failed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.1 101 Switching Protocols", "HTTP/1.1 199 Odd", "HTTP/1.1 600 Odd", "HTTP/1.1 999 Odd"})
    void oddStatusIsNoSuccess(String statusLine) {
        var raw = DATABASE.vertx().createNetServer();
        raw.connectHandler(socket -> socket.handler(bytes ->
                socket.write(statusLine + "\r\nContent-Length: 0\r\n\r\n").onComplete(sent -> socket.close())));
        int port = await(raw.listen(0, "127.0.0.1")).actualPort();
        rig.startEngine();
        Webhook webhook = rig.endpoint("http://127.0.0.1:" + port + "/");
        rig.happen("InvoiceSettled", "a");
        await(rig.untilCount("webhook_id = '" + webhook.id() + "' and attempt = 2", 1));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state in ('failed', 'http_error')"))
                .isEqualTo(1);
        await(raw.close());
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
    void restartDeliversWhatWasPendingAndNothingTwice() {
        sink.script(Sink.answer(500));
        String engine = rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "a");
        String original = sink.take().header("webhook-id");
        rig.logged(webhook, "due", 1);
        rig.stopEngine(engine);
        rig.happen("InvoiceSettled", "while-down");
        sink.script(Sink.answer(200));
        rig.pass(Duration.ofSeconds(10));
        rig.startEngine();
        List<Sink.Arrived> arrived = new ArrayList<>(List.of(sink.take(), sink.take()));
        rig.logged(webhook, "success", 2);
        assertThat(arrived)
                .anyMatch(one ->
                        one.header("webhook-id").equals(original) && one.json().getBoolean("isRedelivery"));
        assertThat(arrived).anyMatch(one -> one.json().getString("invoiceId").equals("while-down"));
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'due'"))
                .isZero();
    }

    @Test
    void claimOfAKilledProcessIsTakenOverOnceItEnds() {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository killed = new QueueRepository(rig.db, "killed", Duration.ofSeconds(-1));
        QueueRepository live = new QueueRepository(rig.db, "live", Dispatcher.LEASE);
        QueueRepository other = new QueueRepository(rig.db, "other", Dispatcher.LEASE);
        List<Job> lost = await(killed.claim(rig.now.get(), List.of(), 10, 10));
        List<Job> taken = await(live.claim(rig.now.get(), List.of(), 10, 10));
        assertThat(lost).hasSize(1);
        assertThat(taken).isEqualTo(lost);
        assertThat(await(other.claim(rig.now.get(), List.of(), 10, 10))).isEmpty();
        Attempt late = new Attempt(lost.getFirst(), rig.now.get(), 500, "late", null, Optional.empty());
        await(killed.record(List.of(new Result(late, rig.now.get()))));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'due' and claimed_by = 'live'"))
                .isEqualTo(1);
    }

    @Test
    void endpointThatDoesNotAnswerWithinTheTimeoutHasFailed() {
        sink.script(request -> {});
        rig.startEngine(100, 1_024);
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "slow");
        assertThat(rig.logged(webhook, "failed", 1).getFirst().error()).isEqualTo("No answer in time");
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

    @Test
    void nextTurnSendsWhatAKilledProcessHadClaimedAtOnce() throws Exception {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository killed = new QueueRepository(rig.db, "killed", Duration.ofHours(1));
        List<Job> lost = await(killed.claim(rig.now.get(), List.of(), 10, 10));
        assertThat(lost).hasSize(1);
        await(rig.service.takeOver(Fence.NONE));
        rig.startEngine();
        assertThat(sink.take().header("webhook-id")).isEqualTo(lost.getFirst().originalId());
        rig.logged(webhook, "success", 1);
        Attempt late = new Attempt(lost.getFirst(), rig.now.get(), 500, "late", null, Optional.empty());
        await(killed.record(List.of(new Result(late, rig.now.get()))));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state = 'success'"))
                .as("the late result changes nothing")
                .isEqualTo(1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
    }

    @Test
    void whoseTurnIsOverTakesNoClaims() {
        Webhook webhook = rig.endpoint(sink.url());
        await(rig.db.tx(tx -> rig.service.ping(tx, webhook)));
        QueueRepository live = new QueueRepository(rig.db, "live", Duration.ofHours(1));
        assertThat(await(live.claim(rig.now.get(), List.of(), 10, 10))).hasSize(1);
        TestDatabase.failure(rig.service.takeOver(tx -> Future.failedFuture("lease-lost")));
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and claimed_by = 'live'"))
                .isEqualTo(1);
    }

    @Test
    void twoEnginesOnOneDatabaseSendEachAttemptOnce() {
        rig.startEngine();
        rig.startEngine();
        Webhook webhook = rig.endpoint(sink.url());
        Set<String> deliveries = new HashSet<>();
        for (int round = 0; round < 20; round++) {
            int number = round;
            rig.happen(IntStream.range(0, 20)
                    .mapToObj(i -> rig.event("InvoiceSettled", "r" + number + "i" + i))
                    .toList());
        }
        for (int i = 0; i < 400; i++) {
            assertThat(deliveries.add(sink.take().json().getString("deliveryId")))
                    .isTrue();
        }
        rig.logged(webhook, "success", 400);
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(400);
    }

    private static byte[] mac(byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }
}
