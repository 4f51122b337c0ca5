package dev.sluice.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How the sending of a job ended.
 *
 * @param httpCode the status, or null where none came
 * @param error for people, or null after success
 * @param excerpt the start of the answer, cleaned, or null
 * @param retryAfter how long the receiver asked to wait
 */
record Attempt(
        Job job,
        Instant sentAt,
        @Nullable Integer httpCode,
        @Nullable String error,
        @Nullable String excerpt,
        Optional<Duration> retryAfter) {
    private static final int GONE = 410;

    boolean isSuccess() {
        return httpCode != null && httpCode >= 200 && httpCode < 300;
    }

    /** The receiver says that it wants nothing more (Standard Webhooks). */
    boolean isGone() {
        return httpCode != null && httpCode == GONE;
    }

    String state() {
        return isSuccess() ? "success" : httpCode == null ? "failed" : "http_error";
    }
}
