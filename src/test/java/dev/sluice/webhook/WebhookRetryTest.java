package dev.sluice.webhook;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a delivery that failed leads to. */
class WebhookRetryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final Rig rig = new Rig(DATABASE);

    @RegisterExtension
    final Sink sink = new Sink(DATABASE.vertx());

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
        rig.untilCount("webhook_id = '" + webhook.id() + "' and attempt = 2", 1);
        assertThat(rig.count("webhook_id = '" + webhook.id() + "' and state in ('failed', 'http_error')"))
                .isEqualTo(1);
        await(raw.close());
    }

    @Test
    void endpointThatDoesNotAnswerWithinTheTimeoutHasFailed() {
        sink.script(request -> {});
        rig.startEngine(100, 1_024);
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "slow");
        assertThat(rig.logged(webhook, "failed", 1).getFirst().error()).isEqualTo("No answer in time");
    }

    /** A slow answer is one, and while it is awaited nobody sends the same again: not another engine either. */
    @Test
    void slowAnswerWithinTheTimeoutIsWaitedForAndSentOnce() {
        sink.script(request -> DATABASE.vertx()
                .setTimer(1_000, later -> request.response().setStatusCode(200).end()));
        rig.startEngine(10_000, 1_024);
        rig.startEngine(10_000, 1_024);
        Webhook webhook = rig.endpoint(sink.url());
        rig.happen("InvoiceSettled", "slow");
        sink.take();
        rig.pass(Duration.ofSeconds(29)); // a claim lasts for a minute
        Delivery delivery = rig.logged(webhook, "success", 1).getFirst();
        assertThat(delivery.error()).isNull();
        assertThat(sink.waiting()).isZero();
        assertThat(rig.count("webhook_id = '" + webhook.id() + "'")).isEqualTo(1);
    }
}
