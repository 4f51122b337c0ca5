package dev.sluice.chain;

import dev.sluice.db.Db;
import dev.sluice.db.Fence;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;

/** Commits one step: our tables, the sink's effects and the tip together, under the fence. */
final class StepWriter {
    private final Db db;
    private final Fence fence;
    private final ChainSink sink;

    StepWriter(Db db, Fence fence, ChainSink sink) {
        this.db = db;
        this.fence = fence;
        this.sink = sink;
    }

    /** @param tip the tip after the step */
    Future<Void> write(ChainRepository.Block tip, Function<SqlConnection, Future<List<OutputChange>>> step) {
        Instant time = Instant.ofEpochSecond(tip.medianTime());
        return db.tx(tx -> fence.check(tx)
                        .compose(held -> step.apply(tx))
                        .compose(changes -> sink.apply(tx, new ChainUpdate(tip.height(), tip.hash(), time, changes))))
                .onSuccess(done -> sink.committed());
    }
}
