package dev.sluice.webhook;

import dev.sluice.egress.EgressClient;
import dev.sluice.egress.EgressRequest;
import dev.sluice.egress.EgressResponse;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Sends one job and tells how it ended; never fails. */
final class Sender {
    /** What of an answer is kept for the delivery log. */
    static final int EXCERPT_CHARS_MAX = 1_024;

    private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}&&[^\n]]");

    private final EgressClient egress;
    private final Clock clock;
    private final String userAgent;
    private final int timeoutMs;

    Sender(EgressClient egress, Clock clock, String version, int timeoutMs) {
        this.egress = egress;
        this.clock = clock;
        this.userAgent = "Sluice/" + version;
        this.timeoutMs = timeoutMs;
    }

    Future<Attempt> send(Job job) {
        Instant sentAt = clock.now();
        byte[] body = job.body().getBytes(StandardCharsets.UTF_8);
        return egress.send(EgressRequest.post(job.url(), headers(job, sentAt, body), Buffer.buffer(body))
                        .within(timeoutMs))
                .map(response -> answered(job, sentAt, response))
                .otherwise(failure -> new Attempt(job, sentAt, null, describe(failure), null, Optional.empty()));
    }

    private Map<String, String> headers(Job job, Instant sentAt, byte[] body) {
        long timestamp = sentAt.getEpochSecond();
        String signature = WebhookSignature.standard(job.secret(), job.originalId(), timestamp, body);
        Secret previous = job.previousSecret();
        Map<String, String> headers = new HashMap<>();
        headers.put("content-type", "application/json; charset=utf-8");
        headers.put("user-agent", userAgent);
        headers.put("BTCPay-Sig", WebhookSignature.btcpay(job.secret(), body));
        headers.put("webhook-id", job.originalId());
        headers.put("webhook-timestamp", Long.toString(timestamp));
        headers.put(
                "webhook-signature",
                previous == null
                        ? signature
                        : signature + " " + WebhookSignature.standard(previous, job.originalId(), timestamp, body));
        return headers;
    }

    private Attempt answered(Job job, Instant sentAt, EgressResponse response) {
        return new Attempt(
                job,
                sentAt,
                response.status(),
                response.isSuccess() ? null : "The endpoint answered " + response.status(),
                excerpt(response.body()),
                retryAfter(response, sentAt));
    }

    /** What the receiver asks for with 429 or 503, up to an hour: seconds or a date (RFC 9110 section 10.2.3). */
    private static Optional<Duration> retryAfter(EgressResponse response, Instant now) {
        if (response.status() != 429 && response.status() != 503) {
            return Optional.empty();
        }
        return response.header("Retry-After")
                .flatMap(value -> duration(value.strip(), now))
                .filter(Duration::isPositive)
                .map(asked ->
                        asked.compareTo(RetrySchedule.RETRY_AFTER_MAX) < 0 ? asked : RetrySchedule.RETRY_AFTER_MAX);
    }

    private static Optional<Duration> duration(String value, Instant now) {
        if (SECONDS.matcher(value).matches()) {
            return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
        }
        try {
            return Optional.of(Duration.between(now, ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)));
        } catch (DateTimeException malformed) {
            return Optional.empty();
        }
    }

    private static String excerpt(Buffer body) {
        String text = body.slice(0, Math.min(body.length(), EXCERPT_CHARS_MAX)).toString(StandardCharsets.UTF_8);
        return UNPRINTABLE.matcher(text).replaceAll("");
    }

    /** For the merchant: our own refusals as they are, the network's by their kind, without addresses. */
    private static String describe(Throwable failure) {
        return switch (failure) {
            case FailureException known -> known.failure().message();
            case java.net.ConnectException refused -> "The connection was refused";
            case java.net.UnknownHostException unknown -> "The host is unknown";
            case javax.net.ssl.SSLException tls -> "TLS could not be agreed on";
            default -> "The connection failed";
        };
    }
}
