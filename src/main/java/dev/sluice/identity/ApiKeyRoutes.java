package dev.sluice.identity;

import static dev.sluice.http.Access.needs;

import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.OnceTold;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.function.Function;

/** Greenfield's api-keys group. */
final class ApiKeyRoutes {
    private final ApiKeys keys;
    private final Accounts accounts;
    private final Credentials credentials;
    private final EventLog eventLog;

    ApiKeyRoutes(ApiKeys keys, Accounts accounts, Credentials credentials, EventLog eventLog) {
        this.keys = keys;
        this.accounts = accounts;
        this.credentials = credentials;
        this.eventLog = eventLog;
    }

    void mount(Api api) {
        api.get("/api/v1/api-keys/current", Access.AUTHENTICATED, this::current);
        api.delete("/api/v1/api-keys/current", Access.AUTHENTICATED, this::revokeCurrent);
        api.post("/api/v1/api-keys", needs(Permissions.UNRESTRICTED), this::create);
        api.delete("/api/v1/api-keys/{apikey}", needs(Permissions.UNRESTRICTED), this::revoke);
        api.post("/api/v1/users/{idOrEmail}/api-keys", needs(Permissions.MANAGE_USERS), this::createFor);
        api.delete("/api/v1/users/{idOrEmail}/api-keys/{apikey}", needs(Permissions.MANAGE_USERS), this::revokeFor);
    }

    private Future<Reply> current(Call call) {
        return keys.get(call.principal().credentialId()).map(key -> Reply.json(key.toJson()));
    }

    private Future<Reply> revokeCurrent(Call call) {
        return change(
                call,
                tx -> keys.revoke(tx, call.principal().user(), call.principal().credentialId())
                        .map(revoked -> Reply.done()));
    }

    private Future<Reply> create(Call call) {
        return create(call, call.principal().user());
    }

    private Future<Reply> createFor(Call call) {
        return mayActFor(call).compose(user -> create(call, user.id()));
    }

    private Future<Reply> revoke(Call call) {
        return change(
                call,
                tx -> keys.revoke(tx, call.principal().user(), call.path("apikey"))
                        .map(revoked -> Reply.done()));
    }

    private Future<Reply> revokeFor(Call call) {
        return mayActFor(call)
                .compose(user -> change(
                        call,
                        tx -> keys.revoke(tx, user.id(), call.path("apikey")).map(revoked -> Reply.done())));
    }

    /** A narrow key must not grow by making a wide one for an administrator. */
    private Future<User> mayActFor(Call call) {
        return accounts.get(call.path("idOrEmail"))
                .compose(user -> user.admin() && !call.principal().allows(Permissions.UNRESTRICTED, null)
                        ? Future.failedFuture(new Failure.Forbidden(
                                        "missing-permission",
                                        "Keys of administrators need the permission " + Permissions.UNRESTRICTED,
                                        Permissions.UNRESTRICTED)
                                .exception())
                        : Future.succeededFuture(user));
    }

    private Future<Reply> create(Call call, UserId user) {
        ApiKeys.Wanted wanted = keys.parse(call.body());
        OnceTold once = new OnceTold();
        return change(
                        call,
                        tx -> keys.create(tx, user, wanted).map(created -> {
                            once.tell("apiKey", created.secret());
                            return Reply.json(created.key().toJson());
                        }))
                .map(once::join);
    }

    private Future<Reply> change(Call call, Function<SqlConnection, Future<Reply>> work) {
        return call.effect(work).onSuccess(reply -> {
            credentials.forget();
            eventLog.hint();
        });
    }
}
