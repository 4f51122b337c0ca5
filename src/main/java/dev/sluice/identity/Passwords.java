package dev.sluice.identity;

import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.secret.SlowHash;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** The passwords of users. */
final class Passwords {
    private static final int LENGTH_MIN = 8;
    private static final int LENGTH_MAX = 256;

    private final SlowHash hash;

    Passwords(Vertx vertx, Entropy entropy) {
        this.hash = new SlowHash(vertx, entropy, "sluice-password");
    }

    /** Why a new password cannot be taken, or null where it can. */
    static @Nullable String problem(@Nullable String password) {
        if (password == null || password.length() < LENGTH_MIN) {
            return "The password must have at least " + LENGTH_MIN + " characters";
        }
        if (password.length() > LENGTH_MAX || password.indexOf('\0') >= 0) {
            return "The password must have at most " + LENGTH_MAX + " characters";
        }
        return null;
    }

    /** The hash of a new password, in PHC form. */
    Future<String> hash(Secret password) {
        return hash.hash(password);
    }

    /** Whether a password belongs to a hash; null, for nobody, takes as long and is false. */
    Future<Boolean> verify(Secret password, @Nullable String stored) {
        return hash.verify(password, stored);
    }

    Future<Void> close() {
        return hash.close();
    }
}
