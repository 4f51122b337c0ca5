package dev.sluice.http;

import java.util.List;

/**
 * What the features hand to the server.
 *
 * @param resolvers find the store of things named in paths
 * @param routes JSON routes
 * @param polled what is asked most, before anything else
 * @param pages everything else, asked in this order
 */
public record HttpFeatures(
        Authenticator authenticator,
        List<StoreResolver> resolvers,
        List<Routes> routes,
        PolledPages polled,
        List<Pages> pages) {
    public HttpFeatures {
        resolvers = List.copyOf(resolvers);
        routes = List.copyOf(routes);
        pages = List.copyOf(pages);
    }
}
