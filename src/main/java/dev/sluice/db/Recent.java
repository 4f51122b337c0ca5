package dev.sluice.db;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.ShortLived;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was read a moment ago. Many that ask for the same at once share one read: when an entry ends under load, a
 * thousand reads of one row would hold up everything behind them. Nothing is shared across a {@link #forget()}: who
 * asks after it hears what was read after it.
 */
public final class Recent<K, V> {
    private record Reading<K>(K key, long generation) {}

    private final ShortLived<K, V> known;
    private final Function<K, Future<Optional<V>>> read;
    private final Map<Reading<K>, Future<Optional<V>>> readings = new ConcurrentHashMap<>();

    /**
     * @param lifetime how long a value may be told after another process changed it
     * @param entriesMax values kept
     * @param read reads one; what is not there is not kept
     */
    public Recent(Clock clock, Duration lifetime, int entriesMax, Function<K, Future<Optional<V>>> read) {
        this.known = new ShortLived<>(clock, lifetime, entriesMax);
        this.read = read;
    }

    /** The value as it was at most the lifetime ago, on the caller's context; empty where there is none. */
    public Future<Optional<V>> get(K key) {
        Optional<V> value = known.get(key);
        if (value.isPresent()) {
            return Future.succeededFuture(value);
        }
        Reading<K> reading = new Reading<>(key, known.generation());
        Promise<Optional<V>> first = Promise.promise();
        Future<Optional<V>> other = readings.putIfAbsent(reading, first.future());
        if (other != null) {
            return onOwnContext(other);
        }
        Future.succeededFuture()
                .compose(go -> read.apply(key)) // what it throws must end the reading too
                .onSuccess(found -> found.ifPresent(it -> known.put(key, it, reading.generation())))
                .onComplete(done -> {
                    readings.remove(reading);
                    first.handle(done);
                });
        return first.future();
    }

    /** Something changed: nothing that was known before is told any more. */
    public void forget() {
        known.invalidate();
    }

    private static <T> Future<T> onOwnContext(Future<T> shared) {
        Context context = Vertx.currentContext();
        if (context == null) {
            return shared;
        }
        Promise<T> own = Promise.promise();
        shared.onComplete(done -> context.runOnContext(go -> own.handle(done)));
        return own.future();
    }
}
