package dev.sluice.http;

import io.vertx.core.Future;

/** One dependency that is asked for the readiness report. */
public interface HealthCheck {
    /** Short and stable: {@code database}. */
    String name();

    /** Succeeds where the dependency can be used now; a failure's message is shown to operators. */
    Future<Void> check();

    /** Whether requests are unwelcome while it is down; else it is only told. */
    default boolean required() {
        return true;
    }
}
