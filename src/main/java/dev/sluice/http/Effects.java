package dev.sluice.http;

import dev.sluice.db.Db;
import dev.sluice.idempotency.IdempotencyService;
import dev.sluice.idempotency.KeptReply;
import dev.sluice.idempotency.RequestKey;
import dev.sluice.secret.KeyedHash;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs a call's mutation, once for each {@code Idempotency-Key}. Replies are kept without extra headers. */
final class Effects {
    private static final String KEY_HEADER = "Idempotency-Key";
    private static final Map<String, String> REPLAYED = Map.of("Idempotency-Replayed", "true");

    private final Db db;
    private final IdempotencyService idempotency;
    private final KeyedHash requests;

    Effects(Db db, IdempotencyService idempotency, KeyedHash requests) {
        this.db = db;
        this.idempotency = idempotency;
        this.requests = requests;
    }

    Future<Reply> run(RequestCall call, Function<SqlConnection, Future<Reply>> work) {
        Optional<RequestKey> key = key(call);
        if (key.isEmpty()) {
            return db.tx(work);
        }
        return idempotency
                .once(key.get(), tx -> work.apply(tx).map(reply -> new KeptReply(reply.status(), reply.body(), false)))
                .map(Effects::reply);
    }

    /** The reply to the same request before, if one is kept; fails with {@code Mismatch} as {@link #run} does. */
    Future<Optional<Reply>> kept(RequestCall call) {
        return Future.succeededFuture()
                .map(begin -> key(call)) // which throws for what cannot be read
                .compose(key -> key.isEmpty()
                        ? Future.succeededFuture(Optional.empty())
                        : idempotency.kept(key.get()).map(kept -> kept.map(Effects::reply)));
    }

    private static Reply reply(KeptReply kept) {
        return new Reply(kept.status(), kept.body(), kept.replayed() ? REPLAYED : Map.of());
    }

    private Optional<RequestKey> key(RequestCall call) {
        List<String> header = call.headers(KEY_HEADER);
        return header.isEmpty()
                ? Optional.empty()
                : Optional.of(new RequestKey(scope(call), RequestKey.parse(header), hash(call)));
    }

    /** One credential's keys never meet another's; callers without credentials are told apart by address. */
    private static String scope(RequestCall call) {
        String who =
                call.caller().map(caller -> "key:" + caller.credentialId()).orElse("address:" + call.remoteAddress());
        return who + " " + call.target();
    }

    /** Keyed, because what was asked may hold a password or a PIN, which whoever has the database could guess. */
    private String hash(RequestCall call) {
        String request = call.target() + "\n" + new JsonObject(canonical(call.body())).encode();
        return HexFormat.of().formatHex(requests.of(request));
    }

    /** The document with sorted names: the same request in another order is the same request. */
    private static Map<String, Object> canonical(JsonObject object) {
        Map<String, Object> sorted = new TreeMap<>();
        object.forEach(entry -> sorted.put(entry.getKey(), canonicalValue(entry.getValue())));
        return sorted;
    }

    private static @Nullable Object canonicalValue(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case JsonObject object -> canonical(object);
            case JsonArray array -> array.stream().map(Effects::canonicalValue).toList();
            default -> value;
        };
    }
}
