package dev.sluice.ledger;

import dev.sluice.db.Db;
import dev.sluice.kernel.Failure;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Coalesces transfers that need no companion rows: while one batch is being committed the next one gathers, without a
 * timer, so an idle system writes batches of one and a busy one large batches.
 */
public final class LedgerWriter {
    /** Above this the database is slower than the callers for good; they are told to come back. */
    private static final int WAITING_MAX = 20_000;

    private static final int BATCH_MAX = 1_000;

    private record Waiting(List<Transfer> transfers, Promise<List<Outcome>> promise) {}

    private final Db db;
    private final Ledger ledger;
    private final Context context;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int waitingTransfers;
    private int lanesBusy;
    private final int lanes;

    /**
     * @param lanes batches in commit at once; one nets best, two hide the commit's wait
     */
    public LedgerWriter(Vertx vertx, Db db, Ledger ledger, int lanes) {
        this.db = db;
        this.ledger = ledger;
        this.lanes = lanes;
        this.context = vertx.getOrCreateContext();
    }

    /** Posts transfers in one commit with whatever else waits; a result for each, in order. */
    public Future<List<Outcome>> submit(List<Transfer> transfers) {
        Promise<List<Outcome>> promise = Promise.promise();
        context.runOnContext(go -> {
            if (waitingTransfers + transfers.size() > WAITING_MAX) {
                promise.fail(new Failure.Unavailable("overloaded", "Too many transfers are waiting", 1).exception());
                return;
            }
            waitingTransfers += transfers.size();
            waiting.add(new Waiting(List.copyOf(transfers), promise));
            drain();
        });
        return promise.future();
    }

    private void drain() {
        while (lanesBusy < lanes && !waiting.isEmpty()) {
            List<Waiting> taken = take();
            lanesBusy++;
            commit(taken)
                    .onComplete(done -> context.runOnContext(go -> {
                        lanesBusy--;
                        drain();
                    }));
        }
    }

    private List<Waiting> take() {
        List<Waiting> taken = new ArrayList<>();
        int count = 0;
        while (!waiting.isEmpty()
                && (count == 0 || count + waiting.peek().transfers().size() <= BATCH_MAX)) {
            Waiting next = waiting.remove();
            count += next.transfers().size();
            taken.add(next);
        }
        waitingTransfers -= count;
        return taken;
    }

    private Future<Void> commit(List<Waiting> taken) {
        List<Transfer> batch =
                taken.stream().flatMap(w -> w.transfers().stream()).toList();
        return db.tx(tx -> ledger.apply(tx, batch))
                .onSuccess(outcomes -> {
                    int from = 0;
                    for (Waiting one : taken) {
                        int to = from + one.transfers().size();
                        one.promise().complete(outcomes.subList(from, to));
                        from = to;
                    }
                })
                .onFailure(failure -> taken.forEach(one -> one.promise().fail(failure)))
                .mapEmpty();
    }
}
