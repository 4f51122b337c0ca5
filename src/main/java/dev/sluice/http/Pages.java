package dev.sluice.http;

import io.vertx.ext.web.Router;

/** A feature's pages, streams and files; asked where no JSON route matched. */
@FunctionalInterface
public interface Pages {
    /** Adds the routes; called once for each server instance. */
    void mount(Router router);
}
