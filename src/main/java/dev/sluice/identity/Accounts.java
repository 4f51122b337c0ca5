package dev.sluice.identity;

import static dev.sluice.identity.Permissions.CREATE_USER;
import static dev.sluice.identity.Permissions.MODIFY_SERVER;

import dev.sluice.eventlog.Event;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Principal;
import dev.sluice.identity.ServerPolicies.Policy;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Ids;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The rules of user accounts. */
final class Accounts {
    private final UserRepository users;
    private final ServerPolicies policies;
    private final Passwords passwords;
    private final Credentials credentials;
    private final EventLog eventLog;
    private final Clock clock;
    private final Ids ids;

    Accounts(
            UserRepository users,
            ServerPolicies policies,
            Passwords passwords,
            Credentials credentials,
            EventLog eventLog,
            Clock clock,
            Ids ids) {
        this.users = users;
        this.policies = policies;
        this.passwords = passwords;
        this.credentials = credentials;
        this.eventLog = eventLog;
        this.clock = clock;
        this.ids = ids;
    }

    Future<List<User>> list() {
        return users.list();
    }

    /** A user by id or e-mail; fails with {@code NotFound}. */
    Future<User> get(String idOrEmail) {
        return stored(idOrEmail).map(UserRepository.Stored::user);
    }

    /**
     * Whether a caller may make an account: anyone the first one; then with {@code cancreateuser}, or anyone where
     * registration is open; an administrator only with {@code canmodifyserversettings}. Fails otherwise.
     */
    Future<Void> authorise(Optional<Principal> caller, boolean wantsAdmin) {
        return users.any()
                .compose(any -> any
                        ? policies.isOn(Policy.REGISTRATION_OPEN).compose(open -> mayCreate(caller, wantsAdmin, open))
                        : Future.succeededFuture());
    }

    Future<String> hash(Secret password) {
        return passwords.hash(password);
    }

    /**
     * Makes an account that {@link #authorise} allowed. The first one becomes a server administrator: whoever relied
     * on being first and was not is refused.
     */
    Future<User> create(SqlConnection tx, NewUser wanted, String passwordHash, Optional<Principal> caller) {
        return users.any(tx)
                .compose(any -> any
                        ? Future.succeededFuture(true)
                        : users.lockAdmins(tx).compose(locked -> users.any(tx)))
                .compose(any -> any
                        ? authorise(caller, wanted.admin())
                                .compose(allowed -> insert(tx, wanted, passwordHash, wanted.admin()))
                        : insert(tx, wanted, passwordHash, true));
    }

    /** Makes an account on the operator's word. */
    Future<User> create(SqlConnection tx, NewUser wanted, String passwordHash) {
        return insert(tx, wanted, passwordHash, wanted.admin());
    }

    /** The hash of the new password, if one is wanted and the current one is right. */
    Future<Optional<String>> newPassword(User user, UserChange change) {
        Secret wanted = change.newPassword();
        if (wanted == null) {
            return Future.succeededFuture(Optional.empty());
        }
        Secret current = change.currentPassword() == null ? new Secret("") : change.currentPassword();
        return stored(user.id().value())
                .compose(stored -> credentials.attempt(user.email(), current, stored.passwordHash()))
                .compose(right -> right
                        ? passwords.hash(wanted).map(Optional::of)
                        : Future.failedFuture(Failure.invalid("CurrentPassword", "The current password is wrong")
                                .exception()));
    }

    Future<User> update(SqlConnection tx, UserId id, UserChange change, @Nullable String passwordHash) {
        return users.update(tx, id, change, passwordHash)
                .compose(Accounts::unlessTaken)
                .compose(user -> append(tx, "user.updated", user).map(user));
    }

    /** Locks a user out, or lets them in again; the last administrator cannot be locked out. */
    Future<User> lock(SqlConnection tx, String idOrEmail, boolean locked) {
        return users.lockAdmins(tx)
                .compose(ready -> get(idOrEmail))
                .compose(user -> unlessLastAdmin(
                        tx,
                        user,
                        locked,
                        new Failure.Rejected("invalid-state", "The only administrator cannot be locked")))
                .compose(user -> users.disable(tx, user.id(), locked))
                .compose(user -> user.isPresent() ? Future.succeededFuture(user.get()) : Future.failedFuture(unknown()))
                .compose(user -> append(tx, locked ? "user.locked" : "user.unlocked", user)
                        .map(user));
    }

    /** Deletes a user with their keys and memberships; not the last administrator, nor the only owner of a store. */
    Future<Void> delete(SqlConnection tx, String idOrEmail) {
        return users.lockAdmins(tx)
                .compose(ready -> get(idOrEmail))
                .compose(user -> unlessLastAdmin(
                        tx,
                        user,
                        true,
                        new Failure.Forbidden("only-admin", "The only administrator cannot be deleted", MODIFY_SERVER)))
                .compose(user -> users.isOnlyOwner(tx, user.id())
                        .compose(owns -> owns ? Future.failedFuture(ownsStores()) : Future.succeededFuture(user)))
                .compose(user -> users.delete(tx, user.id()).compose(gone -> append(tx, "user.deleted", user)));
    }

    private Future<UserRepository.Stored> stored(String idOrEmail) {
        return users.find(idOrEmail)
                .compose(found ->
                        found.isPresent() ? Future.succeededFuture(found.get()) : Future.failedFuture(unknown()));
    }

    private static Future<Void> mayCreate(Optional<Principal> caller, boolean wantsAdmin, boolean open) {
        if (caller.isEmpty()) {
            return open && !wantsAdmin
                    ? Future.succeededFuture()
                    : Future.failedFuture(
                            new Failure.Unauthenticated("unauthenticated", "Creating users needs authentication")
                                    .exception());
        }
        String needed = wantsAdmin ? MODIFY_SERVER : CREATE_USER;
        return (open && !wantsAdmin) || caller.get().allows(needed, null)
                ? Future.succeededFuture()
                : Future.failedFuture(
                        new Failure.Forbidden("missing-permission", "Insufficient permission: " + needed, needed)
                                .exception());
    }

    private Future<User> insert(SqlConnection tx, NewUser wanted, String passwordHash, boolean admin) {
        User user = new User(
                new UserId(ids.next()),
                wanted.email(),
                wanted.name(),
                wanted.imageUrl(),
                admin,
                false,
                false,
                1,
                clock.now());
        return users.insert(tx, user, passwordHash)
                .compose(Accounts::unlessTaken)
                .compose(created -> append(tx, "user.created", created).map(created));
    }

    private Future<User> unlessLastAdmin(SqlConnection tx, User user, boolean loses, Failure refusal) {
        if (!loses || !user.admin() || user.disabled()) {
            return Future.succeededFuture(user);
        }
        return users.hasOtherAdmin(tx, user.id())
                .compose(other -> other ? Future.succeededFuture(user) : Future.failedFuture(refusal.exception()));
    }

    private Future<Void> append(SqlConnection tx, String kind, User user) {
        JsonObject body = new JsonObject().put("id", user.id().value()).put("admin", user.admin());
        return eventLog.append(
                tx, List.of(new Event(clock.now(), kind, null, "user:" + user.id(), user.version(), body)));
    }

    private static Future<User> unlessTaken(Optional<User> written) {
        return written.isPresent()
                ? Future.succeededFuture(written.get())
                : Future.failedFuture(Failure.invalid("Email", "This e-mail address is already used")
                        .exception());
    }

    private static Throwable unknown() {
        return new Failure.NotFound("user-not-found", "The user was not found").exception();
    }

    private static Throwable ownsStores() {
        return new Failure.Conflict("user-owns-stores", "The user is the only owner of a store").exception();
    }
}
