package dev.sluice.lightning;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.lightning.LightningNode.NodeInfo;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides at each connect whether a node may be followed: a new one is registered as it is found; one that answers with
 * another key, or has forgotten what we credited, was replaced or restored and needs a person.
 */
final class NodeAdmission {
    private static final Logger log = LoggerFactory.getLogger(NodeAdmission.class);

    private final Db db;
    private final LightningRepository repository;
    private final Fence fence;
    private final NodeId id;
    private final LightningNode node;
    private final SettleWriter writer;

    NodeAdmission(
            Db db, LightningRepository repository, Fence fence, NodeId id, LightningNode node, SettleWriter writer) {
        this.db = db;
        this.repository = repository;
        this.fence = fence;
        this.id = id;
        this.node = node;
        this.writer = writer;
    }

    /** Checks that this is the node we know, with the books we know; its settle cursor. */
    Future<Long> admit(NodeInfo info) {
        return repository.find(id).compose(known -> {
            if (known.isEmpty()) {
                return newestSettle()
                        .compose(baseline -> register(info, baseline))
                        .map(0L);
            }
            writer.since(known.get().baseline());
            if (!known.get().pubkey().equals(info.pubkey())) {
                return reconcile("the node answers with another identity");
            }
            PaymentHash newest = known.get().settledHash();
            return newest == null ? Future.succeededFuture(0L) : remembered(newest, known.get());
        });
    }

    private Future<Void> register(NodeInfo info, long baseline) {
        log.info("lightning.node.registered node={} pubkey={} settles={}", id, info.pubkey(), baseline);
        return db.tx(tx -> fence.check(tx).compose(held -> repository.register(tx, id, info.pubkey(), baseline)))
                .onSuccess(known -> writer.since(baseline));
    }

    /** The highest settle index in the node's books. */
    private Future<Long> newestSettle() {
        AtomicLong newest = new AtomicLong();
        return InvoicePages.each(node, 0, page -> {
                    page.invoices().forEach(it -> newest.accumulateAndGet(it.settleIndex(), Math::max));
                    return Future.succeededFuture();
                })
                .map(read -> newest.get());
    }

    private Future<Long> remembered(PaymentHash newest, LightningRepository.KnownNode known) {
        return node.lookup(newest)
                .compose(found -> found != null && found.settleIndex() >= known.settledIndex()
                        ? Future.succeededFuture(known.cursor())
                        : reconcile("the node has forgotten a payment we credited: it was restored from a backup"));
    }

    private static <T> Future<T> reconcile(String why) {
        return Future.failedFuture(
                new Failure.Conflict("lightning-reconcile", "Lightning is stopped for reconciliation: " + why)
                        .exception());
    }
}
