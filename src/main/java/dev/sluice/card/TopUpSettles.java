package dev.sluice.card;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.LightningNode.Settle;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Credits Lightning payments onto cards, and passes on what is not one. It exists before the nodes are followed: what
 * nobody takes is booked as unclaimed.
 */
public final class TopUpSettles implements SettleSink {
    private final TopUpRepository repository;
    private final TopUpCredits credits;
    private final SettleSink next;

    public TopUpSettles(Db db, Ledger ledger, EventLog eventLog, Clock clock, SettleSink next) {
        this.repository = new TopUpRepository(db);
        this.credits = new TopUpCredits(db, ledger, eventLog, clock);
        this.next = next;
    }

    @Override
    public Future<Void> apply(SqlConnection tx, NodeId node, List<Settle> settles, long baseline) {
        if (!node.equals(NodeId.OPERATOR) || settles.isEmpty()) {
            return next.apply(tx, node, settles, baseline);
        }
        Map<PaymentHash, Settle> byHash =
                settles.stream().collect(Collectors.toMap(Settle::hash, Function.identity(), (a, b) -> a));
        return repository.of(tx, byHash.keySet()).compose(ours -> {
            Set<PaymentHash> taken =
                    ours.stream().map(TopUpRepository.TopUp::hash).collect(Collectors.toSet());
            List<Settle> rest =
                    settles.stream().filter(s -> !taken.contains(s.hash())).toList();
            Future<Void> chain = Future.succeededFuture();
            for (TopUpRepository.TopUp topUp : ours) {
                Settle settle = byHash.get(topUp.hash());
                if (!topUp.isPaid() && settle != null && settle.received().value() > 0) {
                    chain = chain.compose(done -> credits.credit(tx, topUp, settle.received(), settle.settledAt()));
                }
            }
            return chain.compose(done -> rest.isEmpty() && !ours.isEmpty()
                    ? Future.succeededFuture()
                    : next.apply(tx, node, rest, baseline));
        });
    }

    @Override
    public void committed() {
        next.committed();
    }
}
