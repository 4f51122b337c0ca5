package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.LightningNode.Settle;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies settles of one node, a batch a transaction and one transaction at a time: the fence, the sink and the cursor
 * commit together. Where one of a batch cannot be applied, each is applied alone and that one set aside. Used on one
 * context.
 */
final class SettleWriter {
    private static final Logger log = LoggerFactory.getLogger(SettleWriter.class);
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
    private final Clock clock;
    private final Map<PaymentHash, Settle> applied = new Remembered();
    private Future<Void> last = Future.succeededFuture();
    private long baseline;

    SettleWriter(Db db, LightningRepository repository, NodeId node, SettleSink sink, Fence fence, Clock clock) {
        this.db = db;
        this.repository = repository;
        this.node = node;
        this.sink = sink;
        this.fence = fence;
        this.clock = clock;
    }

    /** The newest settle of the node when it was first seen; told before the first settle is submitted. */
    void since(long settleIndex) {
        baseline = settleIndex;
    }

    /** Whether a settle of this hash was applied, or set aside, a while ago at most. */
    boolean hasApplied(PaymentHash hash) {
        return applied.containsKey(hash);
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
                .filter(settle -> !settle.equals(applied.get(settle.hash())))
                .toList();
        Future<Void> written = Future.succeededFuture();
        for (int from = 0; from < fresh.size(); from += BATCH_MAX) {
            List<Settle> batch = List.copyOf(fresh.subList(from, Math.min(fresh.size(), from + BATCH_MAX)));
            written = written.compose(before -> commit(batch));
        }
        return written;
    }

    private Future<Void> commit(List<Settle> batch) {
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> sink.apply(tx, node, batch, baseline))
                        .compose(credited -> advance(tx, batch)))
                .recover(failure -> SetAside.isFactsFault(failure) ? singly(batch) : Future.failedFuture(failure))
                .onSuccess(committed -> {
                    batch.forEach(settle -> applied.put(settle.hash(), settle));
                    sink.committed();
                });
    }

    private Future<Void> advance(SqlConnection tx, List<Settle> batch) {
        Settle newest = Collections.max(batch, Comparator.comparingLong(Settle::settleIndex));
        return repository.advance(tx, node, newest.settleIndex(), newest.hash());
    }

    /** One transaction each, which repeating does not harm; the cursor follows when all are done. */
    private Future<Void> singly(List<Settle> batch) {
        Future<Void> done = Future.succeededFuture();
        for (Settle settle : batch) {
            done = done.compose(before -> db.tx(
                            tx -> fence.check(tx).compose(held -> sink.apply(tx, node, List.of(settle), baseline))))
                    .recover(failure -> unlessFactsFault(settle, failure));
        }
        return done.compose(all -> db.tx(tx -> fence.check(tx).compose(held -> advance(tx, batch))));
    }

    private Future<Void> unlessFactsFault(Settle settle, Throwable failure) {
        return SetAside.isFactsFault(failure)
                ? db.tx(tx -> fence.check(tx).compose(held -> setAside(tx, settle, failure)))
                : Future.failedFuture(failure);
    }

    private Future<Void> setAside(SqlConnection tx, Settle settle, Throwable failure) {
        log.error("lightning.settle.set-aside node={} hash={}", node, settle.hash(), failure);
        JsonObject facts = new JsonObject()
                .put("received", settle.received().value())
                .put("settleIndex", settle.settleIndex())
                .put("settledAt", settle.settledAt().toString());
        return SetAside.put(tx, kind(), new SetAside.Fact(settle.hash().hex(), facts), failure, clock.now());
    }

    /** Tries once more what was set aside; how many were applied. */
    Future<Integer> again() {
        return again("", 0);
    }

    private Future<Integer> again(String after, int soFar) {
        return SetAside.of(db, kind(), after).compose(page -> {
            Future<Integer> applied = Future.succeededFuture(soFar);
            for (SetAside.Fact fact : page) {
                applied = applied.compose(count -> again(fact).map(done -> done ? count + 1 : count));
            }
            return page.isEmpty()
                    ? applied
                    : applied.compose(count -> again(page.getLast().key(), count));
        });
    }

    private Future<Boolean> again(SetAside.Fact fact) {
        Settle settle = new Settle(
                new PaymentHash(fact.key()),
                new Msat(fact.facts().getLong("received")),
                fact.facts().getLong("settleIndex"),
                Instant.parse(fact.facts().getString("settledAt")));
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> sink.apply(tx, node, List.of(settle), baseline))
                        .compose(credited -> SetAside.remove(tx, kind(), fact.key())))
                .onSuccess(applied -> {
                    log.info("lightning.settle.applied-after-all node={} hash={}", node, settle.hash());
                    sink.committed();
                })
                .map(true)
                .recover(failure -> unlessFactsFault(settle, failure).map(false));
    }

    private String kind() {
        return SettleSink.SET_ASIDE + node;
    }

    private static final class Remembered extends LinkedHashMap<PaymentHash, Settle> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<PaymentHash, Settle> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }
}
