package dev.sluice;

import dev.sluice.kernel.Failure;
import dev.sluice.ops.Foundation;
import dev.sluice.ops.KeyAdmin;
import dev.sluice.ops.Program;
import dev.sluice.ops.UserAdmin;
import io.vertx.core.Future;

/** Wires the features and starts them in order. */
final class Deployment implements Program {
    @Override
    public Future<Void> start(Foundation foundation) {
        return Future.succeededFuture();
    }

    @Override
    public UserAdmin users(Foundation foundation) {
        throw new Failure.Unavailable("no-identity", "This build has no accounts", 0).exception();
    }

    @Override
    public KeyAdmin keys(Foundation foundation) {
        throw new Failure.Unavailable("no-identity", "This build has no API keys", 0).exception();
    }
}
