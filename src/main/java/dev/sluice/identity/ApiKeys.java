package dev.sluice.identity;

import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Fields;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.IpRange;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rules of API keys. */
final class ApiKeys {
    /** What the secret of a key is made of; the same length as BTCPay's keys. */
    private static final int SECRET_BYTES = 20;

    private static final int LABEL_MAX = 200;
    private static final int PERMISSIONS_MAX = 200;
    private static final int PERMISSION_LENGTH_MAX = 160;
    private static final int RANGES_MAX = 32;
    private static final int RANGE_LENGTH_MAX = 64;

    /** A new key with its secret, which is shown this once. */
    record Created(ApiKey key, Secret secret) {}

    /** What is asked of a new key, valid. */
    record Wanted(
            String label,
            List<String> permissions,
            List<String> ipList,
            @Nullable Instant expiresAt) {}

    private final ApiKeyRepository repository;
    private final EventLog eventLog;
    private final Clock clock;
    private final Entropy entropy;
    private final Ids ids;

    ApiKeys(ApiKeyRepository repository, EventLog eventLog, Clock clock, Entropy entropy, Ids ids) {
        this.repository = repository;
        this.eventLog = eventLog;
        this.clock = clock;
        this.entropy = entropy;
        this.ids = ids;
    }

    /** Reads a request for a key; throws {@link Failure.Invalid}. */
    Wanted parse(JsonObject body) {
        Fields fields = new Fields(body);
        String label = fields.text("label", LABEL_MAX);
        List<String> permissions = fields.texts("permissions", PERMISSIONS_MAX, PERMISSION_LENGTH_MAX);
        IntStream.range(0, permissions.size())
                .filter(i -> Scope.parse(permissions.get(i)).isEmpty())
                .forEach(i -> fields.reject("permissions[" + i + "]", "This is not a permission"));
        List<String> ranges = fields.texts("ipList", RANGES_MAX, RANGE_LENGTH_MAX);
        IntStream.range(0, ranges.size())
                .filter(i -> IpRange.parse(ranges.get(i)).isEmpty())
                .forEach(i -> fields.reject("ipList[" + i + "]", "This is not an address or a block of addresses"));
        long now = clock.now().getEpochSecond();
        Long expiry = fields.integer(
                "expiry", now + 1, Instant.parse("9999-12-31T00:00:00Z").getEpochSecond());
        fields.check();
        return new Wanted(
                label == null ? "" : label,
                permissions.stream()
                        .flatMap(text -> Scope.parse(text).stream())
                        .map(Scope::toString)
                        .distinct()
                        .toList(),
                ranges,
                expiry == null ? null : Instant.ofEpochSecond(expiry));
    }

    Future<Created> create(SqlConnection tx, UserId user, Wanted wanted) {
        Secret secret = new Secret(HexFormat.of().formatHex(entropy.bytes(SECRET_BYTES)));
        ApiKey key = new ApiKey(
                "akid_" + ids.next(),
                user,
                wanted.label(),
                wanted.permissions(),
                wanted.ipList(),
                wanted.expiresAt(),
                null,
                clock.now());
        return repository
                .insert(tx, key, Credentials.hash(secret))
                .compose(inserted -> append(tx, "apikey.created", key, 1))
                .map(new Created(key, secret));
    }

    /** Revokes a user's key, named by its id or, as BTCPay 2.4.1 did, by its secret; fails with {@code NotFound}. */
    Future<Void> revoke(SqlConnection tx, UserId user, String idOrSecret) {
        return repository
                .delete(tx, user, idOrSecret, Credentials.hash(new Secret(idOrSecret)))
                .compose(deleted -> deleted.isPresent()
                        ? append(tx, "apikey.revoked", deleted.get(), 2)
                        : Future.failedFuture(unknown()));
    }

    /** A key by its id; fails with {@code NotFound}. */
    Future<ApiKey> get(String id) {
        return repository
                .find(id)
                .compose(found ->
                        found.isPresent() ? Future.succeededFuture(found.get()) : Future.failedFuture(unknown()));
    }

    Future<List<ApiKey>> list(UserId user) {
        return repository.list(user);
    }

    private Future<Void> append(SqlConnection tx, String kind, ApiKey key, long version) {
        JsonObject body = new JsonObject()
                .put("id", key.id())
                .put("userId", key.user().value())
                .put("permissions", new JsonArray(key.permissions()));
        return eventLog.append(tx, List.of(new Event(clock.now(), kind, null, "apikey:" + key.id(), version, body)));
    }

    private static Throwable unknown() {
        return new Failure.NotFound("apikey-not-found", "This API key was not found").exception();
    }
}
