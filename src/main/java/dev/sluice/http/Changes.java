package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets requests wait for news about something ({@code ?wait=30}). Shared by all event loops, bounded: where too many
 * wait, {@link #next} says at once that nothing came, and the caller answers with what there is.
 *
 * <pre>{@code
 * Future<Boolean> news = changes.next(id, Changes.wait(call));  // register first,
 * view(id).compose(seen -> isNew(seen) ? reply(seen) : news.compose(any -> view(id)).map(...)) // then look
 * }</pre>
 *
 * @param <K> what is waited for
 */
public final class Changes<K> {
    /** Longest wait: below the 60 s after which proxies give up. */
    private static final long WAIT_SECONDS_MAX = 30;

    static final long WAIT_MS_MAX = 1_000 * WAIT_SECONDS_MAX;

    private final ConcurrentHashMap<K, Waiting> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger waiters = new AtomicInteger();
    private final int waitersMax;

    public Changes(int waitersMax) {
        this.waitersMax = waitersMax;
    }

    private record Waiting(Promise<Void> news, int count) {
        Waiting with(int change) {
            return new Waiting(news, count + change);
        }
    }

    /** How long a call wants to wait: {@code ?wait=} in whole seconds, capped at 30; zero for none or nonsense. */
    public static Duration wait(Call call) {
        Optional<String> seconds = call.query("wait").filter(text -> text.matches("[0-9]{1,6}"));
        return Duration.ofSeconds(
                Math.min(WAIT_SECONDS_MAX, seconds.map(Long::parseLong).orElse(0L)));
    }

    /** True when {@link #signal} is called for the key, false when {@code wait} has passed; never fails. */
    public Future<Boolean> next(K key, Duration wait) {
        if (wait.isZero()) {
            return Future.succeededFuture(false);
        }
        if (waiters.incrementAndGet() > waitersMax) {
            waiters.decrementAndGet();
            return Future.succeededFuture(false);
        }
        Promise<Void> news = join(key).news();
        return news.future().timeout(wait.toMillis(), TimeUnit.MILLISECONDS).transform(outcome -> {
            waiters.decrementAndGet();
            leave(key, news);
            return Future.succeededFuture(outcome.succeeded());
        });
    }

    /** Wakes everyone who waits for the key. */
    public void signal(K key) {
        Waiting woken = waiting.remove(key);
        if (woken != null) {
            woken.news().tryComplete();
        }
    }

    private Waiting join(K key) {
        return waiting.merge(key, new Waiting(Promise.promise(), 1), (there, fresh) -> there.with(1));
    }

    private void leave(K key, Promise<Void> news) {
        waiting.computeIfPresent(key, (same, there) -> {
            if (there.news() != news) {
                return there;
            }
            return there.count() == 1 ? null : there.with(-1);
        });
    }

    /** How many wait now. */
    public int size() {
        return waiters.get();
    }
}
