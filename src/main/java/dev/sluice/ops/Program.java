package dev.sluice.ops;

import io.vertx.core.Future;

/** The gateway as the command line sees it; the root package wires it. */
public interface Program {
    /** Starts every feature on what is open; each started part registers its stop with {@link Foundation#shutdown}. */
    Future<Void> start(Foundation foundation);

    UserAdmin users(Foundation foundation);

    KeyAdmin keys(Foundation foundation);
}
