package dev.sluice.identity;

import dev.sluice.kernel.UserId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A person with an account.
 *
 * @param admin whether a server administrator
 * @param disabled locked out: no credential works
 * @param secondFactor whether a password alone is not enough
 * @param version grows with each change
 */
public record User(
        UserId id,
        String email,
        @Nullable String name,
        @Nullable String imageUrl,
        boolean admin,
        boolean disabled,
        boolean secondFactor,
        long version,
        Instant created) {
    /** Greenfield's {@code ApplicationUserData}; e-mail confirmation and approval do not exist here. */
    public JsonObject toJson() {
        return new JsonObject()
                .put("id", id.value())
                .put("email", email)
                .put("name", name)
                .put("imageUrl", imageUrl)
                .putNull("invitationUrl")
                .put("emailConfirmed", false)
                .put("requiresEmailConfirmation", false)
                .put("approved", true)
                .put("requiresApproval", false)
                .putNull("storeQuota")
                .put("created", created.getEpochSecond())
                .put("disabled", disabled)
                .put("roles", admin ? JsonArray.of("ServerAdmin") : new JsonArray());
    }
}
