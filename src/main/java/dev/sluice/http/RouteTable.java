package dev.sluice.http;

import dev.sluice.kernel.Check;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The JSON routes as a tree of path segments: finding one costs its depth, however many there are. Literal segments
 * match in any case and win over parameters. Filled before the server listens, then only read.
 */
final class RouteTable implements Api {
    private final Node root = new Node();
    private final List<Route> routes = new ArrayList<>();

    /**
     * One operation.
     *
     * @param replays whether a repeated request may have a kept reply
     */
    record Route(
            HttpMethod method,
            String path,
            List<String> parameters,
            Access access,
            boolean replays,
            Function<Call, Future<Reply>> handler) {
        /** {@code GET /api/v1/health}. */
        String operation() {
            return method.name() + " " + path;
        }
    }

    /** What is at a path: the route for each method, and the values of the parameters in order. */
    record Match(Map<HttpMethod, Route> methods, List<String> values) {}

    private static final class Node {
        final Map<String, Node> literals = new HashMap<>();
        final Map<HttpMethod, Route> methods = new HashMap<>();

        @Nullable
        Node parameter;
    }

    @Override
    public void get(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.GET, path, access, false, handler);
    }

    @Override
    public void post(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.POST, path, access, true, handler);
    }

    @Override
    public void postNamed(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.POST, path, access, false, handler);
    }

    @Override
    public void put(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.PUT, path, access, true, handler);
    }

    @Override
    public void patch(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.PATCH, path, access, true, handler);
    }

    @Override
    public void delete(String path, Access access, Function<Call, Future<Reply>> handler) {
        add(HttpMethod.DELETE, path, access, true, handler);
    }

    private void add(
            HttpMethod method, String path, Access access, boolean replays, Function<Call, Future<Reply>> handler) {
        Check.require(
                path.startsWith("/") && !path.endsWith("/"), "a path starts with a slash and ends without: " + path);
        List<String> parameters = new ArrayList<>();
        Node node = root;
        for (String segment : path.substring(1).split("/", -1)) {
            if (segment.startsWith("{")) {
                parameters.add(segment.substring(1, segment.length() - 1));
                node.parameter = node.parameter == null ? new Node() : node.parameter;
                node = node.parameter;
            } else {
                node = node.literals.computeIfAbsent(segment.toLowerCase(Locale.ROOT), literal -> new Node());
            }
        }
        Route route = new Route(method, path, List.copyOf(parameters), access, replays, handler);
        Check.require(node.methods.put(method, route) == null, "two routes for " + route.operation());
        routes.add(route);
    }

    /** The routes at a path given as decoded segments, or null where nothing ever is. */
    @Nullable
    Match find(List<String> segments) {
        List<String> values = new ArrayList<>(4);
        Node node = find(root, segments, 0, values);
        return node == null ? null : new Match(node.methods, values);
    }

    private static @Nullable Node find(Node node, List<String> segments, int depth, List<String> values) {
        if (depth == segments.size()) {
            return node.methods.isEmpty() ? null : node;
        }
        String segment = segments.get(depth);
        Node literal = node.literals.get(segment.toLowerCase(Locale.ROOT));
        Node found = literal == null ? null : find(literal, segments, depth + 1, values);
        if (found != null || node.parameter == null || segment.isEmpty()) {
            return found;
        }
        values.add(segment);
        found = find(node.parameter, segments, depth + 1, values);
        if (found == null) {
            values.removeLast();
        }
        return found;
    }

    /** Every route as {@code METHOD /path/{parameter}}. */
    Set<String> operations() {
        Set<String> operations = new TreeSet<>();
        routes.forEach(route -> operations.add(route.operation()));
        return operations;
    }
}
