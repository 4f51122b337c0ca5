package dev.sluice;

import dev.sluice.http.HealthCheck;
import dev.sluice.http.ManagementVerticle;
import dev.sluice.ops.Foundation;
import io.vertx.core.Future;
import java.util.List;

/** The management port of this process, opened once: by a standby while it waits, else when the gateway serves. */
final class Management {
    private final Foundation f;
    private final ManagementVerticle verticle;
    private boolean open;

    Management(Foundation foundation) {
        this.f = foundation;
        this.verticle = ManagementVerticle.standby(
                new ManagementVerticle.Config(
                        f.config().management().host(), f.config().management().port()),
                f.metrics()::scrape);
    }

    /** Listens, unless it does already. One call at a time. */
    Future<Void> open() {
        if (open) {
            return Future.succeededFuture();
        }
        return f.vertx().deployVerticle(verticle).map(id -> {
            open = true;
            f.shutdown().started("management", () -> f.vertx().undeploy(id));
            return null;
        });
    }

    /** Answers for the gateway from now on. */
    Future<Void> serve(List<HealthCheck> checks) {
        return open().onSuccess(listening -> verticle.serve(checks));
    }

    void drain() {
        verticle.drain();
    }
}
