package dev.sluice.ledger;

import dev.sluice.db.Batcher;
import dev.sluice.db.Db;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;

/** Coalesces transfers that need no companion rows into few commits. */
public final class LedgerWriter {
    /** Above this the database is slower than the callers for good; they are told to come back. */
    private static final int WAITING_MAX = 20_000;

    private static final int BATCH_MAX = 1_000;

    private final Batcher<List<Transfer>, List<Outcome>> batcher;

    /**
     * @param lanes batches in commit at once; one nets best, two hide the commit's wait
     */
    public LedgerWriter(Vertx vertx, Db db, Ledger ledger, int lanes) {
        this.batcher = new Batcher<>(
                vertx,
                new Batcher.Bounds(lanes, BATCH_MAX, WAITING_MAX),
                List::size,
                any -> List.of(),
                taken -> commit(db, ledger, taken));
    }

    /** Posts transfers in one commit with whatever else waits; a result for each, in order. */
    public Future<List<Outcome>> submit(List<Transfer> transfers) {
        return batcher.submit(List.copyOf(transfers));
    }

    private static Future<List<List<Outcome>>> commit(Db db, Ledger ledger, List<List<Transfer>> taken) {
        List<Transfer> batch = taken.stream().flatMap(List::stream).toList();
        return db.tx(tx -> ledger.apply(tx, batch)).map(outcomes -> {
            List<List<Outcome>> each = new ArrayList<>(taken.size());
            int from = 0;
            for (List<Transfer> one : taken) {
                each.add(outcomes.subList(from, from + one.size()));
                from += one.size();
            }
            return each;
        });
    }
}
