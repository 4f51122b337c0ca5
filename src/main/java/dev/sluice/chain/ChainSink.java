package dev.sluice.chain;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Set;

/**
 * Gives chain facts their meaning, inside the transaction that moves the watcher's own tip. Meaning is given to
 * subjects: those that addresses were reserved for, as named to {@link ChainService#reserve}. A subject whose
 * consequences cannot be written is set aside, and brought in line with its outputs once they can.
 */
public interface ChainSink {
    /** The kind under which subjects are kept in {@code set_aside}; nothing may be concluded about them meanwhile. */
    String SET_ASIDE = "chain";

    /**
     * Applies a step to every subject it concerns but those in {@code aside}. The effect must be the same however often
     * a step is repeated. Failing rolls the whole step back: where the database is the cause the watcher tries it
     * again, where it is what was to be written the step is done without its subjects and each is brought by itself.
     */
    Future<Void> apply(SqlConnection tx, ChainUpdate update, Set<String> aside);

    /**
     * The subjects that {@link #apply} would touch: those the changes pay and those for whom the tip alone counts.
     * Reads no more than their names, so that it works where applying does not.
     */
    Future<Set<String>> concerned(SqlConnection tx, ChainUpdate update);

    /**
     * Brings one subject in line with its outputs as they stand, whatever steps it missed; {@code standing} has all of
     * them. Doing it again changes nothing.
     */
    Future<Void> bring(SqlConnection tx, String subject, ChainUpdate standing);

    /** Called after a transaction that gave something a meaning has committed. */
    void committed();
}
