package dev.sluice.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Lets requests wait for news about something ({@code ?wait=30}). Shared by all event loops, bounded in all and for
 * each caller: where too many wait, {@link #look} answers at once with what there is.
 *
 * <pre>{@code
 * changes.look(id, Changes.wait(call), call.longPoll(), () -> view(id), seen -> isKnown(seen)).map(...)
 * }</pre>
 *
 * @param <K> what is waited for
 */
public final class Changes<K> {
    /** Longest wait: below the 60 s after which proxies give up. */
    private static final long WAIT_SECONDS_MAX = 30;

    static final long WAIT_MS_MAX = 1_000 * WAIT_SECONDS_MAX;

    private final ConcurrentHashMap<K, Waiting> waiting = new ConcurrentHashMap<>();
    private final Shares waiters;

    /** @param ofOneMax how many of {@code waitersMax} one caller may have waiting */
    public Changes(int waitersMax, int ofOneMax) {
        this.waiters = new Shares(waitersMax, ofOneMax);
    }

    private record Waiting(Promise<Void> news, int count) {
        Waiting with(int change) {
            return new Waiting(news, count + change);
        }
    }

    /** How long a call wants to wait: {@code ?wait=} in whole seconds, capped at 30; zero for none or nonsense. */
    public static Duration wait(Call call) {
        return wait(call.query("wait"));
    }

    /** Likewise by the parameter itself. */
    public static Duration wait(Optional<String> asked) {
        Optional<String> seconds = asked.filter(text -> text.matches("[0-9]{1,6}"));
        return Duration.ofSeconds(
                Math.min(WAIT_SECONDS_MAX, seconds.map(Long::parseLong).orElse(0L)));
    }

    /**
     * What {@code look} finds; where that is {@code known} to the caller, what it finds when {@link #signal} was called
     * for the key or {@code wait} has passed.
     */
    public <V> Future<V> look(K key, Duration wait, LongPoll poll, Supplier<Future<V>> look, Predicate<V> known) {
        if (wait.isZero() || !waiters.enter(poll.caller())) {
            return look.get();
        }
        Promise<Void> news = join(key).news(); // before the first look: what changes after it is heard
        return Future.succeededFuture()
                .compose(begin -> look.get())
                .compose(seen -> known.test(seen)
                        ? rest(poll, news, wait).compose(over -> look.get())
                        : Future.succeededFuture(seen))
                .onComplete(done -> {
                    leave(key, news);
                    waiters.leave(poll.caller());
                });
    }

    private static Future<Void> rest(LongPoll poll, Promise<Void> news, Duration wait) {
        poll.rests();
        return news.future().timeout(wait.toMillis(), TimeUnit.MILLISECONDS).otherwiseEmpty();
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
        return waiters.size();
    }
}
