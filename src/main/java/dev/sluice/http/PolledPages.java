package dev.sluice.http;

import io.vertx.ext.web.RoutingContext;
import java.util.List;

/** Pages of which one is asked for so often that its route is not looked for. */
public interface PolledPages extends Pages {
    /**
     * Answers that page where nothing needs to be waited for; false leaves the request to the routes.
     *
     * @param segments of the path, decoded
     */
    boolean answer(RoutingContext context, List<String> segments);
}
