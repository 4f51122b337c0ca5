package dev.sluice.http;

import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A request of nobody, without headers; its effects are kept by no key. */
class BareCall implements Call {
    private final Db db;
    private final Map<String, String> path;
    private final Map<String, List<String>> query;
    private final JsonObject body;

    BareCall(Db db, Map<String, String> path, Map<String, List<String>> query, JsonObject body) {
        this.db = db;
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
        return body.copy();
    }

    @Override
    public Principal principal() {
        return caller().orElseThrow();
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
