package dev.sluice.lightning;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/** Gives settled invoices their meaning, inside the transaction that moves the stream's cursor. */
public interface SettleSink {
    /** The kind of facts of a node that could not be applied, before the node; their keys are payment hashes. */
    String SET_ASIDE = "settle:";

    /**
     * Credits a batch. Hashes nobody knows are recorded as unclaimed. The same settle again changes nothing.
     *
     * @param node the node that received the money
     * @param baseline the newest settle of the node when it was first seen: unknown ones up to it are older business
     */
    Future<Void> apply(SqlConnection tx, NodeId node, List<LightningNode.Settle> settles, long baseline);

    /** Called after the transaction has committed. */
    void committed();
}
