package dev.sluice.it;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.db.DbPools;
import dev.sluice.db.TestDatabase;
import io.vertx.pgclient.PgConnection;
import java.util.List;

/**
 * Holds transactions at their commit, when all that they do is done and nobody has heard of it, until a test lets them
 * end one way or the other. A process that is killed meanwhile died in the middle of its commit.
 */
final class CommitGate implements AutoCloseable {
    private static final String ADD = """
            create or replace function held_at_commit() returns trigger language plpgsql as
            $$ begin perform pg_advisory_xact_lock_shared(4711); return null; end $$
            """;
    private static final String ON = """
            create constraint trigger held_at_commit after insert or update on %s deferrable initially deferred
            for each row when (%s) execute function held_at_commit()
            """;
    private static final String OF_GATE = """
            from pg_locks where locktype = 'advisory' and classid = 0 and objid = 4711
              and database = (select oid from pg_database where datname = current_database())
            """;
    private static final String HELD = "select count(distinct pid) " + OF_GATE + " and not granted";
    private static final String LEFT = "select count(*) " + OF_GATE + " and pid <> pg_backend_pid()";

    private final PgConnection own;

    private CommitGate(PgConnection own) {
        this.own = own;
    }

    /**
     * Closes the gate for what writes to a table.
     *
     * @param writes {@code table} or {@code table where condition}, of the row {@code new}
     */
    static CommitGate before(TestDatabase database, List<String> writes) {
        CommitGate gate =
                new CommitGate(await(PgConnection.connect(database.vertx(), DbPools.connecting(database.config()))));
        gate.run(ADD);
        for (String write : writes) {
            String[] parts = write.split(" where ", 2);
            gate.run(ON.formatted(parts[0], parts.length == 1 ? "true" : parts[1]));
        }
        gate.run("select pg_advisory_lock(4711)");
        return gate;
    }

    private void run(String sql) {
        await(own.query(sql).execute());
    }

    private long number(String sql) {
        return await(own.query(sql).execute()).iterator().next().getLong(0);
    }

    void awaitHeld(long count) {
        Eventually.equal("transactions at their commit", count, () -> number(HELD));
    }

    /** Ends those that wait, whose process is gone: either nothing of them happened, or all of it. */
    void end(boolean committed) {
        if (!committed) {
            run("select pg_terminate_backend(pid) " + OF_GATE + " and not granted");
            awaitHeld(0);
        }
        run("select pg_advisory_unlock(4711)");
        Eventually.equal("transactions at the gate", 0L, () -> number(LEFT));
    }

    @Override
    public void close() {
        run("drop function held_at_commit() cascade");
        await(own.close());
    }
}
