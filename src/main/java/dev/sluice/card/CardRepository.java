package dev.sluice.card;

import dev.sluice.db.Columns;
import dev.sluice.db.Db;
import dev.sluice.kernel.CardId;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Rows of {@code card} and {@code card_link}. */
final class CardRepository {
    private static final String BY_TAGS = "select *, ctid, xmin from card where tag = any($1)";
    private static final String BY_EXTERNAL_NAME = "select * from card where external_name = $1";
    private static final String BY_HANDLE = "select * from card where handle = $1";
    private static final String FIND = "select * from card where id = $1";
    private static final String BY_PULL_PAYMENT =
            "select id from card where (id = $2 or key_extra = $2) and store_id = $1 order by id limit 100";
    private static final String STORE_OF_PULL_PAYMENT =
            "select store_id from card where id = $1 or key_extra = $1 order by id limit 1";
    private static final String LOCK = "select * from card where id = any($1) order by id for update";
    private static final String LIST = """
            select * from card where store_id = $1 and ($2::text is null or programme_id = $2)
              and ($3::text is null or state = $3) and ($4::text is null or id < $4)
            order by created_at desc, id desc limit $5
            """;

    private static final String ADD = """
            insert into card (id, store_id, programme_id, state, holder, label, handle, expires_at, version, created_at)
            select *, 1, $9::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
              $6::text[], $7::text[], $8::timestamptz[])
            """;

    private static final String SAVE = """
            update card set issuer_id = $2, key_version = $3, next_version = $4, key_extra = $5, state = $6,
              holder = $7, label = $8, pin_hash = $9, pin_tries = $10, tap_max = $11, day_max = $12, week_max = $13,
              month_max = $14, expires_at = $15, replaced_by = $16, version = $17, own_keys = $18
            where id = $1 and version = $17 - 1
            """;

    private static final String LOCK_EXPIRED = """
            select * from card where expires_at <= $1 and state in ('Issued', 'Active', 'Frozen')
            order by expires_at limit $2 for update skip locked
            """;

    private static final String NEXT_VERSION = """
            insert into card_chip as k (tag, version) values ($1, $2 + 1)
            on conflict (tag) do update set version = greatest(k.version, $2) + 1 returning version
            """;
    private static final String BIND =
            "update card set tag = $2, external_name = null, counter = -1, tap_open = false where id = $1";
    private static final String RESTART = "update card set counter = $2, tap_open = true, tapped_at = $3 where id = $1";
    private static final String RELEASE =
            "update card set tag = null, version = version + 1 where tag = any($1) and id <> $2";
    private static final String BY_TAGS_LOCKED = "select * from card where tag = any($1) order by id for update";

    /** A try is taken before the PIN is looked at, and only for a tap that could pay. */
    private static final String TAKE_TRY = """
            update card set pin_tries = pin_tries - 1
            where id = $1 and pin_tries > 0 and pin_hash is not null and (next_version = $2
              or key_version = $2 and (counter < $3 or counter = $3 and tap_open))
            returning pin_hash, pin_tries
            """;

    private static final String GIVE_TRIES_BACK = """
            update card set pin_tries = least(pin_tries + $3, $4) where id = $1 and pin_hash = $2
            """;

    private static final String ADD_LINK = """
            insert into card_link (token_hash, card_id, purpose, made_by, expires_at) values ($1, $2, $3, $4, $5)
            """;
    private static final String USE_LINK = """
            update card_link set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
            returning card_id, purpose, made_by
            """;

    private final Db db;

    CardRepository(Db db) {
        this.db = db;
    }

    /** A card and where its row lay when it was read. */
    record Found(Card card, TapRepository.Place place) {}

    /** Cards by their tags, one map for all that asked; tags are hexadecimal digits. */
    Future<List<Map<String, Found>>> byTags(List<List<String>> asked) {
        Object[] tags = asked.stream()
                .flatMap(List::stream)
                .distinct()
                .map(CardRepository::bytes)
                .toArray(Buffer[]::new);
        return db.read(BY_TAGS, (Object) tags).map(rows -> {
            Map<String, Found> found = new HashMap<>();
            rows.forEach(row -> found.put(
                    HexFormat.of().formatHex(row.getBuffer("tag").getBytes()),
                    new Found(CardRows.card(row), TapRepository.Place.of(row))));
            return asked.stream().map(each -> found).toList();
        });
    }

    Future<Optional<Card>> find(CardId id) {
        return db.read(FIND, id.value()).map(rows -> Columns.first(rows, CardRows::card));
    }

    Future<Optional<Card>> byHandle(String handle) {
        return db.read(BY_HANDLE, handle).map(rows -> Columns.first(rows, CardRows::card));
    }

    /** A card that was taken over with a link that names it. */
    Future<Optional<Card>> byExternalName(String name) {
        return db.read(BY_EXTERNAL_NAME, name).map(rows -> Columns.first(rows, CardRows::card));
    }

    /** Cards by the id of the pull payment that they came from, or their own. */
    Future<List<CardId>> byPullPayment(SqlClient tx, StoreId store, String id) {
        return Db.run(tx, BY_PULL_PAYMENT, Tuple.of(store.value(), id))
                .map(rows -> Columns.list(rows, row -> new CardId(row.getString("id"))));
    }

    Future<Optional<StoreId>> storeOfPullPayment(String id) {
        return db.read(STORE_OF_PULL_PAYMENT, id)
                .map(rows -> Columns.first(rows, row -> new StoreId(row.getString("store_id"))));
    }

    /** A card as the transaction sees it. */
    Future<Card> find(SqlClient tx, CardId id) {
        return Db.run(tx, FIND, Tuple.of(id.value()))
                .map(rows -> CardRows.card(rows.iterator().next()));
    }

    /** Locks cards in id order. */
    Future<List<Card>> lock(SqlClient tx, List<CardId> ids) {
        Object[] texts = ids.stream().map(CardId::value).toArray(String[]::new);
        return Db.run(tx, LOCK, Tuple.of(texts)).map(rows -> Columns.list(rows, CardRows::card));
    }

    /** Locks cards whose time is over and that do not say so yet; those that others hold are left for the next look. */
    Future<List<Card>> lockExpired(SqlClient tx, Instant now, int limit) {
        return Db.run(tx, LOCK_EXPIRED, Tuple.of(Columns.at(now), limit))
                .map(rows -> Columns.list(rows, CardRows::card));
    }

    /** The card that has a card's money now: itself, or the one that took its place; locked, as all between. */
    Future<Card> heir(SqlClient tx, CardId id) {
        return lock(tx, List.of(id))
                .map(List::getFirst)
                .compose(
                        card -> card.replacedBy() == null ? Future.succeededFuture(card) : heir(tx, card.replacedBy()));
    }

    /** Newest first, after the card with the id {@code after}. */
    Future<List<Card>> list(
            StoreId store, @Nullable String programme, @Nullable CardState state, @Nullable CardId after, int limit) {
        Tuple args = Tuple.of(
                store.value(),
                programme,
                state == null ? null : state.apiName(),
                after == null ? null : after.value(),
                limit);
        return db.write(LIST, args).map(rows -> Columns.list(rows, CardRows::card));
    }

    Future<Void> add(SqlClient tx, List<Card> cards, Instant now) {
        Tuple args = Tuple.of(
                Columns.of(cards, String.class, c -> c.id().value()),
                Columns.of(cards, String.class, c -> c.store().value()),
                Columns.of(cards, String.class, Card::programme),
                Columns.of(cards, String.class, c -> c.state().apiName()),
                Columns.of(cards, String.class, Card::holder),
                Columns.of(cards, String.class, Card::label));
        args.addValue(Columns.of(cards, String.class, Card::handle));
        args.addValue(Columns.of(cards, OffsetDateTime.class, c -> Columns.atOrNull(c.expiresAt())))
                .addValue(Columns.at(now));
        return Db.run(tx, ADD, args).mapEmpty();
    }

    /** Writes a locked card; it must still have the version before its own. */
    Future<Void> save(SqlClient tx, Card card) {
        Card.Chip chip = card.chip();
        Tuple args = Tuple.tuple();
        args.addValue(card.id().value())
                .addValue(chip == null ? null : chip.issuer())
                .addValue(chip == null ? 0 : chip.version())
                .addValue(chip == null ? null : chip.next())
                .addValue(chip == null ? null : chip.extra())
                .addValue(card.state().apiName())
                .addValue(card.holder())
                .addValue(card.label())
                .addValue(card.pinHash())
                .addValue((short) card.pinTries())
                .addValue(card.limits().tap())
                .addValue(card.limits().day())
                .addValue(card.limits().week())
                .addValue(card.limits().month())
                .addValue(Columns.atOrNull(card.expiresAt()))
                .addValue(card.replacedBy() == null ? null : card.replacedBy().value())
                .addValue(card.version())
                .addValue(chip == null ? null : chip.own());
        return Db.run(tx, SAVE, args)
                .compose(rows -> rows.rowCount() == 1
                        ? Future.<Void>succeededFuture()
                        : Future.failedFuture(new IllegalStateException("a locked card changed its version")));
    }

    /** The cards that a chip belongs to, locked; {@code tags}: as each issuer knows it. */
    Future<List<Card>> ofChip(SqlClient tx, List<byte[]> tags) {
        return Db.run(tx, BY_TAGS_LOCKED, Tuple.tuple().addValue(buffers(tags)))
                .map(rows -> Columns.list(rows, CardRows::card));
    }

    /** A version that no keys of a chip had before, and above {@code card}, the newest that its card had. */
    Future<Integer> nextVersion(SqlClient tx, byte[] tag, int card) {
        return Db.run(tx, NEXT_VERSION, Tuple.of(Buffer.buffer(tag), card))
                .map(rows -> rows.iterator().next().getInteger("version"));
    }

    /** Gives a chip to a card, and takes it from those that had it; its count begins anew with new keys. */
    Future<Void> bind(SqlClient tx, CardId card, byte[] tag, List<byte[]> tags) {
        return Db.run(tx, RELEASE, Tuple.tuple().addValue(buffers(tags)).addValue(card.value()))
                .compose(released -> Db.run(tx, BIND, Tuple.of(card.value(), Buffer.buffer(tag))))
                .mapEmpty();
    }

    private static Buffer[] buffers(List<byte[]> tags) {
        return tags.stream().map(Buffer::buffer).toArray(Buffer[]::new);
    }

    /** The count of a chip with new keys begins with the tap that showed them. */
    Future<Void> restart(SqlClient tx, CardId card, int counter, Instant now) {
        return Db.run(tx, RESTART, Tuple.of(card.value(), counter, Columns.at(now)))
                .mapEmpty();
    }

    /** A try that was taken, with the hash to hold the PIN against. */
    record Try(String hash, int left) {}

    /** Takes one of the tries of a PIN, committed before the PIN is looked at; empty where none is left. */
    Future<Optional<Try>> takeTry(Shown tap) {
        Tuple args = Tuple.of(tap.card().id().value(), tap.keyVersion(), tap.counter());
        return db.write(TAKE_TRY, args)
                .map(rows ->
                        Columns.first(rows, row -> new Try(row.getString("pin_hash"), row.getInteger("pin_tries"))));
    }

    /** Gives tries back for a PIN that is still set. */
    Future<Void> giveTriesBack(CardId card, String pinHash, int tries) {
        return db.write(GIVE_TRIES_BACK, Tuple.of(card.value(), pinHash, tries, Card.PIN_TRIES))
                .mapEmpty();
    }

    Future<Void> addLink(SqlClient tx, byte[] tokenHash, CardId card, LinkPurpose purpose, String by, Instant until) {
        Tuple args = Tuple.of(Buffer.buffer(tokenHash), card.value(), purpose.apiName(), by, Columns.at(until));
        return Db.run(tx, ADD_LINK, args).mapEmpty();
    }

    /** A link as it was used. */
    record Link(CardId card, LinkPurpose purpose, String madeBy) {}

    /** Uses a link up; empty where it is unknown, used or too old. */
    Future<Optional<Link>> useLink(SqlClient tx, byte[] tokenHash, Instant now) {
        return Db.run(tx, USE_LINK, Tuple.of(Buffer.buffer(tokenHash), Columns.at(now)))
                .map(rows -> Columns.first(
                        rows,
                        row -> new Link(
                                new CardId(row.getString("card_id")),
                                LinkPurpose.of(row.getString("purpose")),
                                row.getString("made_by"))));
    }

    private static Buffer bytes(String hex) {
        return Buffer.buffer(HexFormat.of().parseHex(hex));
    }
}
