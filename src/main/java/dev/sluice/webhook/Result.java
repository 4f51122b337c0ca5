package dev.sluice.webhook;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An attempt as it is written down.
 *
 * @param retryAt when the next attempt is due, or null for none
 */
record Result(Attempt attempt, @Nullable Instant retryAt) {}
