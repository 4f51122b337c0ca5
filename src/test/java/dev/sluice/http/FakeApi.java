package dev.sluice.http;

import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Routes without a server: matches, authenticates, authorises and runs effects as the contract says. */
public final class FakeApi implements Api {
    private record Route(String method, String[] path, Access access, Function<Call, Future<Reply>> handler) {}

    private final Db db;
    private final Authenticator authenticator;
    private final List<Route> routes = new ArrayList<>();
    private final Map<String, Reply> kept = new ConcurrentHashMap<>();

    public FakeApi(Db db, Authenticator authenticator) {
        this.db = db;
        this.authenticator = authenticator;
    }

    /** What is kept for replays. */
    public Map<String, Reply> kept() {
        return kept;
    }

    /** Sends a request; {@code target} may have a query, {@code authorization} may be empty for none. */
    public Future<Reply> send(String method, String target, String authorization, JsonObject body) {
        return send(method, target, authorization, body, Map.of(), "127.0.0.1");
    }

    public Future<Reply> send(
            String method,
            String target,
            String authorization,
            JsonObject body,
            Map<String, String> headers,
            String remote) {
        String[] halves = target.split("\\?", 2);
        String[] path = halves[0].split("/");
        Map<String, List<String>> query = new HashMap<>();
        if (halves.length == 2) {
            for (String pair : halves[1].split("&")) {
                query.computeIfAbsent(pair.substring(0, pair.indexOf('=')), name -> new ArrayList<>())
                        .add(pair.substring(pair.indexOf('=') + 1));
            }
        }
        Route route = routes.stream()
                .filter(r -> r.method.equals(method) && matches(r.path, path))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no route " + method + " " + target));
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.length; i++) {
            if (route.path[i].startsWith("{")) {
                parameters.put(route.path[i].substring(1, route.path[i].length() - 1), path[i]);
            }
        }
        Optional<String> header = authorization.isEmpty() ? Optional.empty() : Optional.of(authorization);
        return authenticator.authenticate(header, remote).compose(caller -> {
            admit(route.access, caller, parameters.get("storeId"));
            return route.handler.apply(new FakeCall(parameters, query, headers, body, caller, remote));
        });
    }

    public static JsonObject object(Reply reply) {
        return new JsonObject(reply.body());
    }

    public static JsonArray array(Reply reply) {
        return new JsonArray(reply.body());
    }

    private static void admit(Access access, Optional<Principal> caller, String store) {
        if (!(access instanceof Access.Anyone) && caller.isEmpty()) {
            throw new Failure.Unauthenticated("unauthenticated", "no credentials").exception();
        }
        if (access instanceof Access.Needs needs
                && !caller.orElseThrow().allows(needs.permission(), store == null ? null : new StoreId(store))) {
            throw new Failure.Forbidden("missing-permission", "missing", needs.permission()).exception();
        }
    }

    private static boolean matches(String[] template, String[] path) {
        if (template.length != path.length) {
            return false;
        }
        for (int i = 0; i < path.length; i++) {
            if (!template[i].startsWith("{") && !template[i].equalsIgnoreCase(path[i])) {
                return false;
            }
        }
        return true;
    }

    private void add(String method, String path, Access access, Function<Call, Future<Reply>> handler) {
        routes.add(new Route(method, path.split("/"), access, handler));
    }

    @Override
    public void get(String path, Access access, Function<Call, Future<Reply>> handler) {
        add("GET", path, access, handler);
    }

    @Override
    public void post(String path, Access access, Function<Call, Future<Reply>> handler) {
        add("POST", path, access, handler);
    }

    @Override
    public void put(String path, Access access, Function<Call, Future<Reply>> handler) {
        add("PUT", path, access, handler);
    }

    @Override
    public void patch(String path, Access access, Function<Call, Future<Reply>> handler) {
        add("PATCH", path, access, handler);
    }

    @Override
    public void delete(String path, Access access, Function<Call, Future<Reply>> handler) {
        add("DELETE", path, access, handler);
    }

    private final class FakeCall extends BareCall {
        private final Map<String, String> headers;
        private final Optional<Principal> caller;
        private final String remote;

        FakeCall(
                Map<String, String> parameters,
                Map<String, List<String>> query,
                Map<String, String> headers,
                JsonObject body,
                Optional<Principal> caller,
                String remote) {
            super(db, parameters, query, body);
            this.headers = headers;
            this.caller = caller;
            this.remote = remote;
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name));
        }

        @Override
        public Optional<Principal> caller() {
            return caller;
        }

        @Override
        public String remoteAddress() {
            return remote;
        }

        @Override
        public Future<Reply> effect(Function<SqlConnection, Future<Reply>> work) {
            String key = headers.get("Idempotency-Key");
            if (key != null && kept.containsKey(key)) {
                return Future.succeededFuture(kept.get(key));
            }
            return super.effect(work).onSuccess(reply -> {
                if (key != null) {
                    kept.put(key, reply);
                }
            });
        }
    }
}
