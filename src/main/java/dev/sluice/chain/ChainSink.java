package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Gives chain facts their meaning, inside the transaction that moves the watcher's own tip. */
public interface ChainSink {
    /**
     * Applies a step. The effect must be the same however often a step is repeated; failing rolls the whole step back
     * and the watcher tries it again.
     */
    Future<Void> apply(SqlConnection tx, ChainUpdate update);

    /** Called after the step's transaction has committed. */
    void committed();
}
