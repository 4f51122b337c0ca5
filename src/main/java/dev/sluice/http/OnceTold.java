package dev.sluice.http;

import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A secret that its maker is told once. It joins the reply after the commit, so that what is kept for a replay of the
 * request never has it, and a replay is answered without it.
 *
 * <pre>{@code
 * OnceTold once = new OnceTold();
 * return call.effect(tx -> make(tx).map(made -> { once.tell("secret", made.secret()); return json(made); }))
 *         .map(once::join);
 * }</pre>
 */
public final class OnceTold {
    private final AtomicReference<@Nullable Told> told = new AtomicReference<>();

    private record Told(String name, Secret secret) {}

    /** Keeps the secret that was made, under its name in the reply. */
    public void tell(String name, Secret secret) {
        told.set(new Told(name, secret));
    }

    /** The reply with the secret, or as it is where none was made. */
    public Reply join(Reply reply) {
        Told secret = told.get();
        return secret == null ? reply : with(reply, secret);
    }

    private static Reply with(Reply reply, Told told) {
        JsonObject body = reply.body() == null ? new JsonObject() : new JsonObject(reply.body());
        return new Reply(
                reply.status(), body.put(told.name(), told.secret().value()).encode(), reply.headers());
    }
}
