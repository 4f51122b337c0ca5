package dev.sluice.http;

import io.vertx.core.Future;

/** One dependency that must answer before requests are welcome. */
public interface HealthCheck {
    /** Short and stable: {@code database}. */
    String name();

    /** Succeeds where the dependency can be used now; a failure's message is shown to operators. */
    Future<Void> check();
}
