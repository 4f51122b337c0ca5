package dev.sluice.identity;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the operator does from the command line: no caller, no permission asked. */
public final class IdentityAdmin {
    private final Db db;
    private final EventLog eventLog;
    private final Accounts accounts;
    private final ApiKeys keys;
    private final UserRepository users;

    IdentityAdmin(Db db, EventLog eventLog, Accounts accounts, ApiKeys keys, UserRepository users) {
        this.db = db;
        this.eventLog = eventLog;
        this.accounts = accounts;
        this.keys = keys;
        this.users = users;
    }

    /** A new key; the secret is shown this once. */
    public record NewKey(ApiKey key, Secret secret) {}

    /** Makes an account; fails with {@code Invalid} on a bad or taken e-mail or a weak password. */
    public Future<User> createUser(String email, Secret password, @Nullable String name, boolean admin) {
        return invalid(() -> UserFields.checked(email, password, name, admin))
                .compose(wanted ->
                        accounts.hash(password).compose(hash -> db.tx(tx -> accounts.create(tx, wanted, hash))))
                .onSuccess(done -> eventLog.hint());
    }

    /** Sets a new password; fails with {@code NotFound} or {@code Invalid}. */
    public Future<User> resetPassword(String idOrEmail, Secret password) {
        String problem = Passwords.problem(password.value());
        if (problem != null) {
            return Future.failedFuture(Failure.invalid("Password", problem).exception());
        }
        UserChange nothingElse = new UserChange(null, null, null, null, null);
        return accounts.get(idOrEmail)
                .compose(user -> accounts.hash(password)
                        .compose(hash -> db.tx(tx -> accounts.update(tx, user.id(), nothingElse, hash))))
                .onSuccess(done -> eventLog.hint());
    }

    /** Makes a key for a user; an expiry of null is never. Fails with {@code NotFound} or {@code Invalid}. */
    public Future<NewKey> createApiKey(
            String idOrEmail, String label, List<String> permissions, List<String> ipList, @Nullable Instant expiry) {
        JsonObject body = new JsonObject()
                .put("label", label)
                .put("permissions", new JsonArray(permissions))
                .put("ipList", new JsonArray(ipList))
                .put("expiry", expiry == null ? null : expiry.getEpochSecond());
        return accounts.get(idOrEmail)
                .compose(user -> invalid(() -> keys.parse(body))
                        .compose(wanted -> db.tx(tx -> keys.create(tx, user.id(), wanted))))
                .onSuccess(done -> eventLog.hint())
                .map(created -> new NewKey(created.key(), created.secret()));
    }

    /** Revokes a key by its id or secret. A running server notices within two seconds. */
    public Future<Void> revokeApiKey(String idOrEmail, String idOrSecret) {
        return accounts.get(idOrEmail)
                .compose(user -> db.tx(tx -> keys.revoke(tx, user.id(), idOrSecret)))
                .onSuccess(done -> eventLog.hint());
    }

    public Future<List<User>> users() {
        return users.list();
    }

    public Future<List<ApiKey>> apiKeys(String idOrEmail) {
        return accounts.get(idOrEmail).compose(user -> keys.list(user.id()));
    }

    private static <T> Future<T> invalid(Supplier<T> parse) {
        return Future.succeededFuture().map(start -> parse.get());
    }
}
