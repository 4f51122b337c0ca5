package dev.sluice.http;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Calls handlers by their route and nothing before them: who may call is noted, not asked. */
public final class BareApi implements Api {
    private final Map<String, Function<Call, Future<Reply>>> routes = new HashMap<>();
    private final Map<String, Access> access = new HashMap<>();
    private final Db db;

    public BareApi(Db db) {
        this.db = db;
    }

    /** @param route method and template, as {@code GET /api/v1/webhooks/{webhookId}} */
    public Future<Reply> call(String route, Map<String, String> path, JsonObject body) {
        return call(route, path, Map.of(), body);
    }

    public Future<Reply> call(
            String route, Map<String, String> path, Map<String, List<String>> query, JsonObject body) {
        return Future.succeededFuture().compose(begin -> routes.get(route).apply(new BareCall(db, path, query, body)));
    }

    /** Who may call what, by route. */
    public Map<String, Access> access() {
        return access;
    }

    private void add(String route, Access needed, Function<Call, Future<Reply>> handler) {
        if (routes.put(route, handler) != null) {
            throw new AssertionError("described twice: " + route);
        }
        access.put(route, needed);
    }

    @Override
    public void get(String path, Access needed, Function<Call, Future<Reply>> handler) {
        add("GET " + path, needed, handler);
    }

    @Override
    public void post(String path, Access needed, Function<Call, Future<Reply>> handler) {
        add("POST " + path, needed, handler);
    }

    @Override
    public void put(String path, Access needed, Function<Call, Future<Reply>> handler) {
        add("PUT " + path, needed, handler);
    }

    @Override
    public void patch(String path, Access needed, Function<Call, Future<Reply>> handler) {
        add("PATCH " + path, needed, handler);
    }

    @Override
    public void delete(String path, Access needed, Function<Call, Future<Reply>> handler) {
        add("DELETE " + path, needed, handler);
    }
}
