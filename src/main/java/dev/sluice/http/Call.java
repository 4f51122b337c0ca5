package dev.sluice.http;

import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** One request, authorised. */
public interface Call {
    /** A path parameter. */
    String path(String name);

    /** Whether the route has a path parameter of that name. */
    boolean hasPath(String name);

    /** The store that the path names; only of a route with {@code {storeId}}. */
    default StoreId store() {
        return new StoreId(path("storeId"));
    }

    /** The last value of a query parameter. */
    Optional<String> query(String name);

    /** All values of a query parameter, also as {@code name[]}. */
    List<String> queries(String name);

    Optional<String> header(String name);

    /** The body as a JSON object, empty for no body; throws {@link dev.sluice.kernel.FailureException}. */
    JsonObject body();

    /** The caller; throws where the route admits anyone and nobody was authenticated. */
    Principal principal();

    Optional<Principal> caller();

    String remoteAddress();

    /** Where the gateway is reached from outside, without a trailing slash. */
    String publicUrl();

    /**
     * Answers with an open stream of server-sent events; the reply that the handler gives after it is not sent. Throws
     * {@code Unavailable} where too many are open.
     */
    EventStream stream(OpenStreams streams);

    /** This call as one that may wait. */
    LongPoll longPoll();

    /**
     * Runs a mutation in one transaction together with the caller's {@code Idempotency-Key}: the key, the request's
     * hash and the reply commit with the effect. Same key and body replays the reply, which was looked for before the
     * route was asked; another body is 422, a request in progress 409. Without a key it is a plain transaction. Calls
     * to outside systems belong after it.
     */
    Future<Reply> effect(Function<SqlConnection, Future<Reply>> work);
}
