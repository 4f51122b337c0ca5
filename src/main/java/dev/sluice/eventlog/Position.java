package dev.sluice.eventlog;

import dev.sluice.kernel.Check;

/**
 * A place in the event log: everything at or before it has been read.
 *
 * @param tx 64-bit transaction id of the writer
 * @param seq sequence number within the log
 */
public record Position(long tx, long seq) implements Comparable<Position> {
    /** Before the first event. */
    public static final Position START = new Position(0, 0);

    /** Parses {@link #toString()}; throws {@link IllegalArgumentException}. */
    public static Position parse(String text) {
        int dash = text.indexOf('-');
        Check.require(dash > 0 && text.length() <= 41, "malformed event position");
        try {
            return new Position(Long.parseLong(text.substring(0, dash)), Long.parseLong(text.substring(dash + 1)));
        } catch (NumberFormatException malformed) {
            throw new IllegalArgumentException("malformed event position", malformed);
        }
    }

    @Override
    public int compareTo(Position other) {
        int byTx = Long.compare(tx, other.tx);
        return byTx != 0 ? byTx : Long.compare(seq, other.seq);
    }

    @Override
    public String toString() {
        return tx + "-" + seq;
    }
}
