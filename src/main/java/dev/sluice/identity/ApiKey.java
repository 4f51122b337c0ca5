package dev.sluice.identity;

import dev.sluice.kernel.UserId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An API key without its secret.
 *
 * @param id {@code akid_...}; names the key in logs and in revocation
 * @param permissions {@code btcpay.*} names, each for all stores or with {@code :storeId}
 * @param ipList address blocks it may be used from; empty for anywhere
 */
public record ApiKey(
        String id,
        UserId user,
        String label,
        List<String> permissions,
        List<String> ipList,
        @Nullable Instant expiresAt,
        @Nullable Instant lastUsedAt,
        Instant createdAt) {
    public ApiKey {
        permissions = List.copyOf(permissions);
        ipList = List.copyOf(ipList);
    }

    /** Greenfield's {@code ApiKeyData} with our id, expiry, ipList and lastUsed; the secret is not in it. */
    public JsonObject toJson() {
        return new JsonObject()
                .put("id", id)
                .put("label", label)
                .put("permissions", new JsonArray(permissions))
                .put("ipList", new JsonArray(ipList))
                .put("expiry", seconds(expiresAt))
                .put("lastUsed", seconds(lastUsedAt))
                .put("created", createdAt.getEpochSecond());
    }

    private static @Nullable Long seconds(@Nullable Instant instant) {
        return instant == null ? null : instant.getEpochSecond();
    }
}
