package dev.sluice.http;

/** A feature's JSON routes; handed to the server at start. */
@FunctionalInterface
public interface Routes {
    /** Describes the routes; called once, before the server listens. */
    void mount(Api api);
}
