package dev.sluice.ops;

import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import java.util.List;

/** What the command {@code apikey} needs. Futures fail with {@link dev.sluice.kernel.FailureException}. */
public interface KeyAdmin {
    /** Makes a key of a user; the secret is told this once. */
    Future<NewKey> create(String userIdOrEmail, String label, List<String> permissions);

    Future<List<Key>> list(String userIdOrEmail);

    Future<Void> revoke(String userIdOrEmail, String keyId);

    /** One line of the list. */
    record Key(String id, String label, List<String> permissions) {
        public Key {
            permissions = List.copyOf(permissions);
        }
    }

    /** A key and what authenticates with it. */
    record NewKey(Key key, Secret secret) {}
}
