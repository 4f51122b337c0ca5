package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.lightning.LightningNode.Settle;
import io.vertx.core.Future;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Applies settles of one node, a batch a transaction and one transaction at a time: the fence, the sink and the cursor
 * commit together. Used on one context.
 */
final class SettleWriter {
    /**
     * Settles of a transaction: enough to carry LND's replay rate, few enough to commit within tens of milliseconds.
     */
    static final int BATCH_MAX = 500;
    /** Settles remembered to save the sink from repeats of the audit; it would ignore them anyway. */
    private static final int REMEMBERED_MAX = 20_000;

    private final Db db;
    private final LightningRepository repository;
    private final NodeId node;
    private final SettleSink sink;
    private final Fence fence;
    private final Set<Settle> applied = Collections.newSetFromMap(new Remembered());
    private Future<Void> last = Future.succeededFuture();

    SettleWriter(Db db, LightningRepository repository, NodeId node, SettleSink sink, Fence fence) {
        this.db = db;
        this.repository = repository;
        this.node = node;
        this.sink = sink;
        this.fence = fence;
    }

    /** Applies settles that this process has not applied yet, after everything submitted before. */
    Future<Void> submit(List<Settle> settles) {
        Future<Void> mine = last.transform(before -> write(settles));
        last = mine;
        return mine;
    }

    /** Records how far the node's books have been read. */
    Future<Void> audited(long addIndex) {
        return db.tx(tx -> fence.check(tx).compose(held -> repository.audited(tx, node, addIndex)));
    }

    private Future<Void> write(List<Settle> settles) {
        List<Settle> fresh = settles.stream()
                .distinct()
                .filter(settle -> !applied.contains(settle))
                .toList();
        Future<Void> written = Future.succeededFuture();
        for (int from = 0; from < fresh.size(); from += BATCH_MAX) {
            List<Settle> batch = List.copyOf(fresh.subList(from, Math.min(fresh.size(), from + BATCH_MAX)));
            written = written.compose(before -> commit(batch));
        }
        return written;
    }

    private Future<Void> commit(List<Settle> batch) {
        Settle newest = Collections.max(batch, Comparator.comparingLong(Settle::settleIndex));
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> sink.apply(tx, node, batch))
                        .compose(credited -> repository.advance(tx, node, newest.settleIndex(), newest.hash())))
                .onSuccess(committed -> {
                    applied.addAll(batch);
                    sink.committed();
                });
    }

    private static final class Remembered extends LinkedHashMap<Settle, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Settle, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }
}
