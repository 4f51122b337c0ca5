package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Rows of {@code card} as taps lock and move them. */
final class TapRepository {
    // An index's leaf and a row are read from anywhere in memory: where the tap's own read found the row is kept.
    private static final String LOCK_SEEN =
            "select id, ctid, xmin from card where ctid = any($1::text[]::tid[]) order by id for update";

    private static final String LOCK = "select *, ctid from card where id = any($1) order by id for update";

    private static final String MOVE = """
            update card c set counter = u.counter, tap_open = u.tap_open, tapped_at = u.tapped_at, state = u.state,
              key_version = u.key_version, next_version = u.next_version, pin_tries = u.pin_tries, version = u.version
            from unnest($1::text[], $2::int[], $3::boolean[], $4::timestamptz[], $5::text[], $6::int[], $7::int[],
              $8::smallint[], $9::bigint[], $10::text[]::tid[])
              as u(id, counter, tap_open, tapped_at, state, key_version, next_version, pin_tries, version, place)
            where c.ctid = u.place and c.id = u.id
            """;

    private TapRepository() {}

    /**
     * Where a row lay and which transaction wrote it, as PostgreSQL writes its {@code ctid} and {@code xmin}: while
     * both are the same, so is all of the row.
     */
    record Place(String ctid, String xmin) {
        static Place of(Row row) {
            return new Place(row.getString("ctid"), row.getString("xmin"));
        }
    }

    /** A card changed after its tap was read: the work is to be done again with full care. */
    static final class Changed extends RuntimeException {
        private static final long serialVersionUID = 1;

        Changed() {
            super("a card changed after its tap was read", null, false, false);
        }
    }

    /**
     * A locked card.
     *
     * @param ctid where its row lies until the transaction moves it
     */
    record Held(Card card, String ctid) {}

    /** A held card and what becomes of it. */
    record Move(Held from, Card to) {}

    /**
     * Locks the cards of taps, in id order. All in one statement: two that wait for each other's cards would be a
     * deadlock, and anybody could make one with old taps. Hopeful, and where each tap has a place, they are not read
     * again, and one that changed fails with {@link Changed}.
     */
    static Future<Map<CardId, Held>> lock(SqlClient tx, List<Shown> taps, Care care) {
        boolean seen = care == Care.HOPEFUL && taps.stream().allMatch(tap -> tap.place() != null);
        return seen ? lockSeen(tx, taps) : lock(tx, taps);
    }

    private static Future<Map<CardId, Held>> lockSeen(SqlClient tx, List<Shown> taps) {
        String[] places = Columns.of(
                taps, String.class, tap -> Objects.requireNonNull(tap.place()).ctid());
        return Db.run(tx, LOCK_SEEN, Tuple.tuple().addValue(places)).map(rows -> {
            Map<String, Place> found = new HashMap<>();
            rows.forEach(row -> found.put(row.getString("id"), Place.of(row)));
            Map<CardId, Held> held = new HashMap<>();
            for (Shown tap : taps) {
                Card card = tap.card();
                Place place = found.get(card.id().value());
                if (place == null || !place.equals(tap.place())) {
                    throw new Changed();
                }
                held.put(card.id(), new Held(card, place.ctid()));
            }
            return held;
        });
    }

    private static Future<Map<CardId, Held>> lock(SqlClient tx, List<Shown> taps) {
        String[] ids = Columns.of(taps, String.class, tap -> tap.card().id().value());
        return Db.run(tx, LOCK, Tuple.tuple().addValue(ids)).map(rows -> {
            Map<CardId, Held> held = new HashMap<>();
            rows.forEach(row -> {
                Card card = CardRows.card(row);
                held.put(card.id(), new Held(card, row.getString("ctid")));
            });
            return held;
        });
    }

    /** Writes what taps changed of cards that are held. */
    static Future<Void> move(SqlClient tx, List<Move> moves) {
        if (moves.isEmpty()) {
            return Future.succeededFuture();
        }
        List<Card> cards = moves.stream().map(Move::to).toList();
        Tuple args = Tuple.of(
                Columns.of(cards, String.class, c -> c.id().value()),
                Columns.of(cards, Integer.class, Card::counter),
                Columns.of(cards, Boolean.class, Card::tapOpen),
                Columns.of(cards, OffsetDateTime.class, c -> Columns.atOrNull(c.tappedAt())),
                Columns.of(cards, String.class, c -> c.state().apiName()),
                Columns.of(cards, Integer.class, c -> chip(c).version()));
        args.addValue(Columns.of(cards, Integer.class, c -> chip(c).next()))
                .addValue(Columns.of(cards, Short.class, c -> (short) c.pinTries()))
                .addValue(Columns.of(cards, Long.class, Card::version))
                .addValue(Columns.of(moves, String.class, move -> move.from().ctid()));
        return Db.run(tx, MOVE, args)
                .compose(rows -> rows.rowCount() == moves.size()
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a locked card is not where it lay")));
    }

    private static Card.Chip chip(Card card) {
        return Objects.requireNonNull(card.chip(), "a card that was tapped has a chip");
    }
}
