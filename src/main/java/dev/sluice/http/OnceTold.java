package dev.sluice.http;

import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

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
    private final AtomicReference<UnaryOperator<Reply>> told = new AtomicReference<>(UnaryOperator.identity());

    /** Keeps the secret that was made, under its name in the reply. */
    public void tell(String name, Secret secret) {
        tell(reply -> with(reply, name, secret));
    }

    /** Keeps secrets that join the reply in a way of their own. */
    public void tell(UnaryOperator<Reply> secrets) {
        told.set(secrets);
    }

    /** The reply with the secret, or as it is where none was made. */
    public Reply join(Reply reply) {
        return Objects.requireNonNull(told.get()).apply(reply);
    }

    private static Reply with(Reply reply, String name, Secret secret) {
        JsonObject body = reply.body() == null ? new JsonObject() : new JsonObject(reply.body());
        return new Reply(reply.status(), body.put(name, secret.value()).encode(), reply.headers());
    }
}
