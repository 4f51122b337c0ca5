package dev.sluice.it;

import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/** Takes settles that are no card's: there must be none. */
final class CardsAlone implements SettleSink {
    @Override
    public Future<Void> apply(SqlConnection tx, NodeId node, List<LightningNode.Settle> rest, long baseline) {
        return Future.failedFuture("only cards are paid here");
    }

    @Override
    public void committed() {}
}
