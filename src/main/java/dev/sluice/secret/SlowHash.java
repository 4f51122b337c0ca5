package dev.sluice.secret;

import com.password4j.Argon2Function;
import com.password4j.types.Argon2;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Argon2id on two threads of its own, so that a flood of guesses never delays a payment. */
public final class SlowHash {
    /** OWASP's second profile: 19 MiB, two passes, one lane. */
    private static final Argon2Function ARGON = Argon2Function.getInstance(19_456, 2, 1, 32, Argon2.ID);

    /** A well-formed hash of nothing, with the same cost: unknown names take as long as known ones. */
    private static final String NOBODY =
            "$argon2id$v=19$m=19456,t=2,p=1$" + "AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private static final int THREADS = 2;
    /** Later callers are told to come back rather than left to wait out their deadline. */
    private static final int WAITING_MAX = 64;

    private static final int SALT_BYTES = 16;
    /** Of what is hashed; more costs time before the first pass. */
    private static final int LENGTH_MAX = 256;

    private final WorkerExecutor workers;
    private final Entropy entropy;
    private final AtomicInteger waiting = new AtomicInteger();

    /** @param pool names its threads */
    public SlowHash(Vertx vertx, Entropy entropy, String pool) {
        this.workers = vertx.createSharedWorkerExecutor(pool, THREADS, 10, TimeUnit.SECONDS);
        this.entropy = entropy;
    }

    /** The hash of a new secret, in PHC form. */
    public Future<String> hash(Secret secret) {
        byte[] salt = entropy.bytes(SALT_BYTES);
        return run(() -> ARGON.hash(secret.value().getBytes(StandardCharsets.UTF_8), salt)
                .getResult());
    }

    /** Whether a secret belongs to a hash; null, for nobody, takes as long and is false. */
    public Future<Boolean> verify(Secret secret, @Nullable String hash) {
        if (secret.value().length() > LENGTH_MAX) {
            return Future.succeededFuture(false);
        }
        String stored = hash == null ? NOBODY : hash;
        return run(() -> Argon2Function.getInstanceFromHash(stored).check(secret.value(), stored) && hash != null);
    }

    private <T> Future<T> run(Callable<T> work) {
        if (waiting.incrementAndGet() > WAITING_MAX) {
            waiting.decrementAndGet();
            return Future.failedFuture(
                    new Failure.Unavailable("busy", "Too many logins at once; try again", 2).exception());
        }
        return workers.executeBlocking(work, false).onComplete(done -> waiting.decrementAndGet());
    }

    public Future<Void> close() {
        return workers.close();
    }
}
