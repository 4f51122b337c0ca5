package dev.sluice;

import dev.sluice.identity.ApiKey;
import dev.sluice.identity.IdentityAdmin;
import dev.sluice.kernel.Secret;
import dev.sluice.ops.KeyAdmin;
import dev.sluice.ops.UserAdmin;
import io.vertx.core.Future;
import java.util.List;

/** Accounts and keys for the command line. */
final class CommandAdmin implements UserAdmin, KeyAdmin {
    private final IdentityAdmin identity;

    CommandAdmin(IdentityAdmin identity) {
        this.identity = identity;
    }

    @Override
    public Future<User> create(String email, Secret password, boolean admin) {
        return identity.createUser(email, password, null, admin).map(CommandAdmin::line);
    }

    @Override
    public Future<Void> resetPassword(String idOrEmail, Secret password) {
        return identity.resetPassword(idOrEmail, password).mapEmpty();
    }

    @Override
    public Future<List<User>> list() {
        return identity.users()
                .map(users -> users.stream().map(CommandAdmin::line).toList());
    }

    @Override
    public Future<NewKey> create(String userIdOrEmail, String label, List<String> permissions) {
        return identity.createApiKey(userIdOrEmail, label, permissions, List.of(), null)
                .map(made -> new NewKey(line(made.key()), made.secret()));
    }

    @Override
    public Future<List<Key>> list(String userIdOrEmail) {
        return identity.apiKeys(userIdOrEmail)
                .map(keys -> keys.stream().map(CommandAdmin::line).toList());
    }

    @Override
    public Future<Void> revoke(String userIdOrEmail, String keyId) {
        return identity.revokeApiKey(userIdOrEmail, keyId);
    }

    private static User line(dev.sluice.identity.User user) {
        return new User(user.id().value(), user.email(), user.admin());
    }

    private static Key line(ApiKey key) {
        return new Key(key.id(), key.label(), key.permissions());
    }
}
