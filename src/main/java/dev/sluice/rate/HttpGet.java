package dev.sluice.rate;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.net.URI;

/** How sources read the outside world: follows no redirect, bounds the body, and fails for any status but 200. */
@FunctionalInterface
public interface HttpGet {
    Future<Buffer> get(URI uri);
}
