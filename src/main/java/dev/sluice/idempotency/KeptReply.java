package dev.sluice.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * What was answered to a request.
 *
 * @param replayed whether it was read back instead of made now
 */
public record KeptReply(int status, @Nullable String body, boolean replayed) {}
