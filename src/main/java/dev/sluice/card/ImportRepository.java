package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows of {@code card} and {@code card_chip} of cards that are taken over. */
final class ImportRepository {
    private static final String TAKE = """
            insert into card (id, store_id, programme_id, issuer_id, tag, key_version, key_extra, state, counter, label,
              own_keys, external_name, handle, version, created_at)
            select id, $1, $2, issuer, tag, key_version, key_extra, 'Active', counter, label, own_keys, external_name,
              handle, 1, $3::timestamptz
            from unnest($4::text[], $5::int[], $6::bytea[], $7::int[], $8::text[], $9::int[], $10::text[], $11::bytea[],
                $12::text[], $13::text[])
              as u(id, issuer, tag, key_version, key_extra, counter, label, own_keys, external_name, handle)
            """;

    private static final String TAKE_CHIPS =
            "insert into card_chip (tag, version) select * from unnest($1::bytea[], $2::int[])";
    private static final String KNOWN_CHIPS = "select tag from card_chip where tag = any($1)";

    /** Of a card that was taken over: nothing that it showed or did says that its keys are right. */
    private static final String UNTOUCHED = """
            tag is not null and tapped_at is null and next_version is null and state in ('Active', 'Frozen')
              and not exists (select from card_charge where card_charge.card_id = card.id)
            """;

    private static final String UNTOUCHED_OF = "select * from card where tag = any($1) and " + UNTOUCHED;
    private static final String LOCK_UNTOUCHED =
            "select * from card where id = any($1) and " + UNTOUCHED + " order by id for update";
    private static final String UNNAME = "update card set external_name = null where id = any($1)";
    private static final String CORRECT = """
            update card set key_version = u.keys, key_extra = u.extra, counter = u.count, own_keys = u.own,
              external_name = u.name, version = card.version + 1
            from unnest($1::text[], $2::int[], $3::text[], $4::int[], $5::bytea[], $6::text[])
              as u(card, keys, extra, count, own, name)
            where id = u.card returning card.*
            """;
    private static final String CORRECT_CHIPS = """
            update card_chip k set version = greatest(k.version, u.keys)
            from unnest($1::bytea[], $2::int[]) as u(tag, keys) where k.tag = u.tag
            """;

    private final Db db;

    ImportRepository(Db db) {
        this.db = db;
    }

    /** Takes cards of another issuer over as they are. */
    Future<Void> take(SqlClient tx, Programme terms, List<CardImport.Taken> cards, Instant now) {
        Tuple args = Tuple.of(terms.store().value(), terms.id(), Columns.at(now));
        args.addValue(Columns.of(cards, String.class, c -> c.id().value()))
                .addValue(Columns.of(cards, Integer.class, CardImport.Taken::issuer))
                .addValue(Columns.of(cards, Buffer.class, c -> bytes(c.tag())))
                .addValue(Columns.of(cards, Integer.class, c -> c.card().version()))
                .addValue(Columns.of(
                        cards, String.class, c -> c.card().pullPayment().orElse(null)))
                .addValue(Columns.of(cards, Integer.class, c -> c.card().counter()))
                .addValue(Columns.of(
                        cards,
                        String.class,
                        c -> c.card().label().isEmpty() ? null : c.card().label()))
                .addValue(Columns.of(cards, Buffer.class, CardImport.Taken::own))
                .addValue(Columns.of(cards, String.class, c -> c.card().name().orElse(null)))
                .addValue(Columns.of(cards, String.class, CardImport.Taken::handle));
        Tuple chips = Tuple.tuple().addValue(args.getValue(5)).addValue(args.getValue(6));
        return Db.run(tx, TAKE, args)
                .compose(taken -> Db.run(tx, TAKE_CHIPS, chips))
                .mapEmpty();
    }

    /** Which of these tags are of chips that were ever here, whatever they are now. */
    Future<Set<String>> knownChips(Collection<String> tags) {
        Object[] asked = tags.stream().map(ImportRepository::bytes).toArray(Buffer[]::new);
        return db.read(KNOWN_CHIPS, (Object) asked)
                .map(rows ->
                        Columns.list(
                                        rows,
                                        row -> HexFormat.of()
                                                .formatHex(row.getBuffer("tag").getBytes()))
                                .stream()
                                .collect(Collectors.toSet()));
    }

    /** A card that was taken over, with the name that its link has. */
    record Untouched(Card card, @Nullable String name) {}

    /** Those of these chips' cards whose keys nobody has seen, by tag. */
    Future<Map<String, Untouched>> untouched(Collection<String> tags) {
        Object[] asked = tags.stream().map(ImportRepository::bytes).toArray(Buffer[]::new);
        return db.read(UNTOUCHED_OF, (Object) asked).map(rows -> {
            Map<String, Untouched> found = new HashMap<>();
            rows.forEach(row -> found.put(
                    HexFormat.of().formatHex(row.getBuffer("tag").getBytes()),
                    new Untouched(CardRows.card(row), row.getString("external_name"))));
            return found;
        });
    }

    /** Locks those of these cards that nobody has tapped meanwhile. */
    Future<List<Card>> lockUntouched(SqlClient tx, List<CardId> ids) {
        Object[] texts = ids.stream().map(CardId::value).toArray(String[]::new);
        return Db.run(tx, LOCK_UNTOUCHED, Tuple.of(texts)).map(rows -> Columns.list(rows, CardRows::card));
    }

    /** Gives locked cards the keys and counts of their lines; the cards after it. */
    Future<List<Card>> correct(SqlClient tx, List<CardImport.Taken> cards) {
        Tuple ids = Tuple.tuple().addValue(Columns.of(cards, String.class, c -> c.id().value()));
        Tuple args = Tuple.tuple()
                .addValue(ids.getValue(0))
                .addValue(Columns.of(cards, Integer.class, c -> c.card().version()))
                .addValue(Columns.of(
                        cards, String.class, c -> c.card().pullPayment().orElse(null)))
                .addValue(Columns.of(cards, Integer.class, c -> c.card().counter()))
                .addValue(Columns.of(cards, Buffer.class, CardImport.Taken::own))
                .addValue(Columns.of(cards, String.class, c -> c.card().name().orElse(null)));
        Tuple chips = Tuple.tuple()
                .addValue(Columns.of(cards, Buffer.class, c -> bytes(c.tag())))
                .addValue(args.getValue(1));
        return Db.run(tx, UNNAME, ids) // a name may go from one to another
                .compose(unnamed -> Db.run(tx, CORRECT_CHIPS, chips))
                .compose(noted -> Db.run(tx, CORRECT, args))
                .map(rows -> Columns.list(rows, CardRows::card));
    }

    private static Buffer bytes(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex));
    }
}
