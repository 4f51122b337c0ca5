package dev.sluice.ops;

import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import java.util.List;

/** What the command {@code user} needs. Futures fail with {@link dev.sluice.kernel.FailureException}. */
public interface UserAdmin {
    /** Makes an account. */
    Future<User> create(String email, Secret password, boolean admin);

    Future<Void> resetPassword(String idOrEmail, Secret password);

    Future<List<User>> list();

    /** One line of the list. */
    record User(String id, String email, boolean admin) {}
}
