package dev.sluice.identity;

import static dev.sluice.http.Access.needs;

import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Access;
import dev.sluice.http.Api;
import dev.sluice.http.Call;
import dev.sluice.http.Fields;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.function.Function;

/** Greenfield's users group, but for pictures. */
final class UserRoutes {
    private final Accounts accounts;
    private final Credentials credentials;
    private final EventLog eventLog;

    UserRoutes(Accounts accounts, Credentials credentials, EventLog eventLog) {
        this.accounts = accounts;
        this.credentials = credentials;
        this.eventLog = eventLog;
    }

    void mount(Api api) {
        api.get("/api/v1/users/me", needs(Permissions.VIEW_PROFILE), this::me);
        api.put("/api/v1/users/me", needs(Permissions.MODIFY_PROFILE), this::updateMe);
        api.delete("/api/v1/users/me", needs(Permissions.DELETE_USER), this::deleteMe);
        api.get("/api/v1/users", needs(Permissions.VIEW_USERS), this::list);
        api.post("/api/v1/users", Access.ANYONE, this::create);
        api.get("/api/v1/users/{idOrEmail}", needs(Permissions.VIEW_USERS), this::get);
        api.delete("/api/v1/users/{idOrEmail}", needs(Permissions.MODIFY_SERVER), this::delete);
        api.post("/api/v1/users/{idOrEmail}/lock", needs(Permissions.MODIFY_SERVER), this::lock);
        api.post("/api/v1/users/{idOrEmail}/approve", needs(Permissions.MODIFY_SERVER), this::approve);
    }

    private Future<Reply> me(Call call) {
        return accounts.get(call.principal().user().value()).map(user -> Reply.json(user.toJson()));
    }

    private Future<Reply> updateMe(Call call) {
        UserChange change = UserFields.change(call.body());
        return accounts.get(call.principal().user().value())
                .compose(user -> accounts.newPassword(user, change)
                        .compose(hash -> change(
                                call,
                                tx -> accounts.update(tx, user.id(), change, hash.orElse(null))
                                        .map(updated -> Reply.json(updated.toJson())))));
    }

    private Future<Reply> deleteMe(Call call) {
        return delete(call, call.principal().user().value());
    }

    private Future<Reply> list(Call call) {
        return accounts.list().map(users -> {
            JsonArray all = new JsonArray();
            users.forEach(user -> all.add(user.toJson()));
            return Reply.json(all);
        });
    }

    /** The password is hashed after the caller was found to be allowed, and outside the transaction. */
    private Future<Reply> create(Call call) {
        boolean wantsAdmin = new Fields(call.body()).flag("isAdministrator", false);
        return accounts.authorise(call.caller(), wantsAdmin).compose(allowed -> {
            NewUser wanted = UserFields.newUser(call.body());
            return accounts.hash(wanted.password())
                    .compose(hash -> change(
                            call,
                            tx -> accounts.create(tx, wanted, hash, call.caller())
                                    .map(user -> new Reply(201, user.toJson().encode(), Map.of()))));
        });
    }

    private Future<Reply> get(Call call) {
        return accounts.get(call.path("idOrEmail")).map(user -> Reply.json(user.toJson()));
    }

    private Future<Reply> delete(Call call) {
        return delete(call, call.path("idOrEmail"));
    }

    private Future<Reply> delete(Call call, String idOrEmail) {
        return change(call, tx -> accounts.delete(tx, idOrEmail).map(deleted -> Reply.done()));
    }

    private Future<Reply> lock(Call call) {
        Fields fields = new Fields(call.body());
        boolean locked = fields.flag("locked", false);
        fields.check();
        return change(
                call, tx -> accounts.lock(tx, call.path("idOrEmail"), locked).map(user -> Reply.done()));
    }

    /** There is no approval to give: every account that exists may be used. */
    private Future<Reply> approve(Call call) {
        return accounts.get(call.path("idOrEmail"))
                .compose(user -> Future.failedFuture(
                        new Failure.Rejected("invalid-state", "Users need no approval on this server").exception()));
    }

    private Future<Reply> change(Call call, Function<SqlConnection, Future<Reply>> work) {
        return call.effect(work).onSuccess(reply -> {
            credentials.forget();
            eventLog.hint();
        });
    }
}
