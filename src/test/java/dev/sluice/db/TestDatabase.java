package dev.sluice.db;

import dev.sluice.bus.Bus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A migrated database for one test class, on one embedded server for the whole run. Register it as a static field:
 * {@code @RegisterExtension static final TestDatabase DATABASE = new TestDatabase();}
 */
public final class TestDatabase implements BeforeAllCallback, AfterAllCallback {
    /** Where the server's programs are unpacked, once for all JVMs that share a folder for temporary files. */
    static final Path PROGRAMS =
            Path.of(System.getProperty("java.io.tmpdir"), "sluice-pg-" + System.getProperty("user.name"));

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final long WAIT_SECONDS = 60;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final Vertx vertx = Vertx.vertx();
    private final Bus bus = new Bus(vertx);
    private DbConfig config;
    private DbPools pools;

    @Override
    public void beforeAll(ExtensionContext context) {
        config = Server.fresh();
        pools = DbPools.open(vertx, config);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        await(pools.close());
        await(vertx.close());
    }

    public Vertx vertx() {
        return vertx;
    }

    /** The one bus that {@link #vertx()} can have. */
    public Bus bus() {
        return bus;
    }

    public Db db() {
        return pools.db();
    }

    public DbConfig config() {
        return config;
    }

    /** Waits for a future as a test's main thread may. */
    public static <T> T await(Future<T> future) {
        try {
            return future.await(WAIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new AssertionError("nothing after " + WAIT_SECONDS + " s", late);
        }
    }

    /**
     * Looks until what is seen is enough, and then tells it. Each look ends before the next: futures composed to one
     * long wait end on one stack, and a few thousand overflow it.
     */
    public static <T> T until(Supplier<Future<T>> look, Predicate<T> enough) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        T seen = await(look.get());
        while (!enough.test(seen)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not after " + WAIT_SECONDS + " s, but " + seen);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            seen = await(look.get());
        }
        return seen;
    }

    /** Waits for a future that must fail; its cause. */
    public static Throwable failure(Future<?> future) {
        try {
            await(future);
        } catch (Throwable expected) {
            return expected;
        }
        throw new AssertionError("expected a failure");
    }

    /** The server of this JVM and the template that is migrated once. */
    private static final class Server {
        private static final EmbeddedDatabase EMBEDDED = start();

        private static EmbeddedDatabase start() {
            try {
                Path folder = Files.createTempDirectory("sluice-test-pg");
                EmbeddedDatabase server = EmbeddedDatabase.start(folder, PROGRAMS, 0, false);
                Migrations.migrate(server.database("template_sluice", 2, null));
                return server; // stopped by the library's own shutdown hook
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        static synchronized DbConfig fresh() {
            return EMBEDDED.database("test_" + NUMBER.incrementAndGet(), 8, "template_sluice");
        }
    }
}
