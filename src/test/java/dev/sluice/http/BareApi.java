package dev.sluice.http;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        return Future.succeededFuture().compose(begin -> routes.get(route).apply(new BareCall(path, query, body)));
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

    private final class BareCall implements Call {
        private final Map<String, String> path;
        private final Map<String, List<String>> query;
        private final JsonObject body;

        BareCall(Map<String, String> path, Map<String, List<String>> query, JsonObject body) {
            this.path = path;
            this.query = query;
            this.body = body;
        }

        @Override
        public String path(String name) {
            return path.get(name);
        }

        @Override
        public boolean hasPath(String name) {
            return path.containsKey(name);
        }

        @Override
        public Optional<String> query(String name) {
            return queries(name).stream().reduce((first, last) -> last);
        }

        @Override
        public List<String> queries(String name) {
            return query.getOrDefault(name, List.of());
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.empty();
        }

        @Override
        public JsonObject body() {
            return body;
        }

        @Override
        public Principal principal() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<Principal> caller() {
            return Optional.empty();
        }

        @Override
        public String remoteAddress() {
            return "127.0.0.1";
        }

        @Override
        public String publicUrl() {
            return "http://127.0.0.1";
        }

        @Override
        public EventStream stream(OpenStreams streams) {
            throw new UnsupportedOperationException();
        }

        @Override
        public LongPoll longPoll() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<Reply> effect(Function<SqlConnection, Future<Reply>> work) {
            return db.tx(work);
        }
    }
}
