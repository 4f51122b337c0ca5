package dev.sluice.db;

import dev.sluice.kernel.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToIntFunction;

/**
 * Coalesces work: while one batch is being done the next one gathers, so an idle system does batches of one and a busy
 * one large batches. Where few wait after a batch, there is a {@link Rest} before the next. Items that share a key are
 * never under way together and keep their order.
 *
 * @param <A> what is given
 * @param <R> what comes of each
 */
public final class Batcher<A, R> {
    /**
     * How much at once.
     *
     * @param lanes batches under way at once; one nets best, two hide the commit's wait
     * @param batchMax weight of a batch; a single item may weigh more
     * @param waitingMax weight that may wait; above it the database is slower than the callers for good
     * @param eagerFrom weight from which the next batch begins at once; 1 for work that never rests
     */
    public record Bounds(int lanes, int batchMax, int waitingMax, int eagerFrom) {
        public Bounds(int lanes, int batchMax, int waitingMax) {
            this(lanes, batchMax, waitingMax, 1);
        }
    }

    private record Waiting<A, R>(A item, int weight, List<Object> keys, Promise<R> promise) {}

    private final Context context;
    private final Rest rest;
    private final Bounds bounds;
    private final ToIntFunction<A> weight;
    private final Function<A, List<Object>> keys;
    private final Function<List<A>, Future<List<R>>> work;
    private final Set<Object> busy = new HashSet<>();
    private Deque<Waiting<A, R>> waiting = new ArrayDeque<>();
    private int waitingWeight;
    private int lanesBusy;

    /**
     * @param keys what must not be under way twice; none for an item that minds nothing
     * @param work does a batch; a result for each item, in order
     */
    public Batcher(
            Vertx vertx,
            Bounds bounds,
            ToIntFunction<A> weight,
            Function<A, List<Object>> keys,
            Function<List<A>, Future<List<R>>> work) {
        this(vertx, bounds, weight, keys, work, System::nanoTime);
    }

    Batcher(
            Vertx vertx,
            Bounds bounds,
            ToIntFunction<A> weight,
            Function<A, List<Object>> keys,
            Function<List<A>, Future<List<R>>> work,
            LongSupplier nanoTime) {
        this.context = vertx.getOrCreateContext();
        this.rest = new Rest(
                (ms, what) -> vertx.setTimer(ms, over -> context.runOnContext(go -> what.run())),
                nanoTime,
                bounds.eagerFrom(),
                this::drain);
        this.bounds = bounds;
        this.weight = weight;
        this.keys = keys;
        this.work = work;
    }

    /** For items that mind nothing and weigh the same. */
    public static <A, R> Batcher<A, R> free(Vertx vertx, Bounds bounds, Function<List<A>, Future<List<R>>> work) {
        return new Batcher<>(vertx, bounds, one -> 1, one -> List.of(), work);
    }

    /** What comes of an item; {@code Unavailable} where too many wait. */
    public Future<R> submit(A item) {
        Promise<R> promise = Promise.promise();
        Waiting<A, R> entry = new Waiting<>(item, weight.applyAsInt(item), keys.apply(item), promise);
        context.runOnContext(go -> {
            if (waitingWeight + entry.weight() > bounds.waitingMax()) {
                promise.fail(new Failure.Unavailable("overloaded", "Too much is waiting", 1).exception());
                return;
            }
            waitingWeight += entry.weight();
            waiting.add(entry);
            drain();
        });
        return promise.future();
    }

    private void drain() {
        while (lanesBusy < bounds.lanes() && !waiting.isEmpty()) {
            if (rest.holds(waitingWeight)) {
                return;
            }
            List<Waiting<A, R>> taken = take();
            if (taken.isEmpty()) {
                return;
            }
            lanesBusy++;
            long began = rest.began();
            run(taken)
                    .onComplete(done -> context.runOnContext(go -> {
                        lanesBusy--;
                        rest.ended(began);
                        taken.forEach(one -> one.keys().forEach(busy::remove));
                        drain();
                    }));
        }
    }

    private List<Waiting<A, R>> take() {
        List<Waiting<A, R>> taken = new ArrayList<>();
        Deque<Waiting<A, R>> left = new ArrayDeque<>();
        Set<Object> wanted = new HashSet<>(); // by those that are left: nothing of theirs is given to a later one
        int sum = 0;
        while (!waiting.isEmpty()) {
            Waiting<A, R> next = waiting.remove();
            boolean fits = sum == 0 || sum + next.weight() <= bounds.batchMax();
            if (fits && Collections.disjoint(next.keys(), busy) && Collections.disjoint(next.keys(), wanted)) {
                busy.addAll(next.keys());
                sum += next.weight();
                taken.add(next);
            } else {
                wanted.addAll(next.keys());
                left.add(next);
            }
            if (sum >= bounds.batchMax()) {
                left.addAll(waiting);
                break;
            }
        }
        waiting = left;
        waitingWeight -= sum;
        return taken;
    }

    private Future<Void> run(List<Waiting<A, R>> taken) {
        List<A> items = taken.stream().map(Waiting::item).toList();
        return Future.succeededFuture()
                .compose(go -> work.apply(items)) // what it throws is a failure too: a lane must come back
                .onSuccess(results -> {
                    for (int i = 0; i < taken.size(); i++) {
                        taken.get(i).promise().complete(results.get(i));
                    }
                })
                .onFailure(failure -> taken.forEach(one -> one.promise().fail(failure)))
                .mapEmpty();
    }
}
