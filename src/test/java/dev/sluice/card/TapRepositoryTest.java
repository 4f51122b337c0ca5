package dev.sluice.card;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.it.CardShop;
import dev.sluice.it.OpenCardShop;
import dev.sluice.kernel.CardId;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A card is taken for what its tap's read found as long as its row is the same one, and not a moment longer. */
class TapRepositoryTest {
    private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

    @RegisterExtension
    static final OpenCardShop OPEN = new OpenCardShop();

    private static final TestDatabase DATABASE = OPEN.database();

    private static CardShop shop;
    private static Db db;

    @BeforeAll
    static void open() {
        shop = OPEN.shop();
        db = DATABASE.db();
    }

    /** A tap of a new card, as it is read. */
    private static Shown tap() {
        CardShop.Held card = shop.card(shop.programme(new JsonObject()), "1000");
        return tap(new CardId(card.id()));
    }

    private static Shown tap(CardId id) {
        String tag = await(db.read("select encode(tag, 'hex') as tag from card where id = $1", id.value()))
                .iterator()
                .next()
                .getString("tag");
        CardRepository.Found found = Objects.requireNonNull(await(new CardRepository(db).byTags(List.of(List.of(tag))))
                .getFirst()
                .get(tag));
        return new Shown(found.card(), null, 1, found.card().counter() + 1, found.place());
    }

    private static Future<Void> freeze(SqlClient tx, CardId card) {
        return Db.run(tx, "update card set state = 'Frozen' where id = $1", Tuple.of(card.value()))
                .mapEmpty();
    }

    private static Future<Map<CardId, TapRepository.Held>> lock(Care care, Shown... taps) {
        return db.tx(tx -> TapRepository.lock(tx, List.of(taps), care));
    }

    private static TapRepository.Move shown(TapRepository.Held held, Shown tap) {
        Card to = CardChange.of(held.card()).tapped(tap.counter(), false, NOW).done();
        return new TapRepository.Move(held, to);
    }

    private static Card stored(Shown tap) {
        return await(new CardRepository(db).find(tap.card().id())).orElseThrow();
    }

    @Test
    void cardThatNobodyChangedIsHeldAsItWasRead() {
        Shown one = tap();
        Shown other = tap();
        Map<CardId, TapRepository.Held> held = await(lock(Care.HOPEFUL, one, other));
        assertThat(held).hasSize(2);
        assertThat(held.get(one.card().id()).card()).isSameAs(one.card());
        assertThat(held.get(one.card().id()).ctid())
                .isEqualTo(Objects.requireNonNull(one.place()).ctid());
    }

    @Test
    void cardThatChangedIsReadAgainWithFullCare() {
        Shown fresh = tap();
        Shown stale = tap();
        await(db.tx(tx -> freeze(tx, stale.card().id())));
        assertThat(failure(lock(Care.HOPEFUL, fresh, stale))).isInstanceOf(TapRepository.Changed.class);
        assertThat(await(lock(Care.FULL, fresh, stale))
                        .get(stale.card().id())
                        .card()
                        .state())
                .isEqualTo(CardState.FROZEN);
    }

    @Test
    void changeThatIsTakenBackIsNone() {
        Shown tap = tap();
        failure(db.tx(tx -> freeze(tx, tap.card().id()).compose(done -> Future.failedFuture("taken back"))));
        assertThat(await(lock(Care.HOPEFUL, tap))).hasSize(1);
    }

    @Test
    void rowThatMovedToAnotherPlaceAndBackIsAnotherRow() {
        Shown tap = tap();
        await(db.tx(tx -> freeze(tx, tap.card().id())));
        Shown now = tap(tap.card().id());
        TapRepository.Place mixed = new TapRepository.Place(
                Objects.requireNonNull(now.place()).ctid(),
                Objects.requireNonNull(tap.place()).xmin());
        Shown forged = new Shown(tap.card(), null, 1, tap.counter(), mixed);
        assertThat(failure(lock(Care.HOPEFUL, forged))).isInstanceOf(TapRepository.Changed.class);
    }

    @Test
    void placeOfAnotherCardIsNotTaken() {
        Shown tap = tap();
        Shown forged = new Shown(tap.card(), null, 1, tap.counter(), tap().place());
        assertThat(failure(lock(Care.HOPEFUL, forged))).isInstanceOf(TapRepository.Changed.class);
    }

    @Test
    void tapWithoutAPlaceIsReadBehindTheLock() {
        Shown tap = tap();
        await(db.tx(tx -> freeze(tx, tap.card().id())));
        Card read = await(lock(Care.HOPEFUL, tap.moved())).get(tap.card().id()).card();
        assertThat(read.state()).isEqualTo(CardState.FROZEN);
    }

    /** Who waits for a lock gets the row as it is then, and moves that one. */
    @Test
    void lockThatWaitsHoldsWhatTheOtherLeft() {
        for (Care care : Care.values()) {
            Shown tap = tap();
            Promise<Void> go = Promise.promise();
            Promise<Void> locked = Promise.promise();
            Future<Void> first =
                    db.tx(tx -> freeze(tx, tap.card().id()).onComplete(locked).compose(frozen -> go.future()));
            await(locked.future());
            Future<Void> second = db.tx(tx -> TapRepository.lock(tx, List.of(tap), care)
                    .compose(held -> TapRepository.move(
                            tx,
                            List.of(shown(
                                    Objects.requireNonNull(held.get(tap.card().id())), tap)))));
            untilSomebodyWaits();
            go.complete();
            await(first);
            if (care == Care.HOPEFUL) {
                assertThat(failure(second)).isInstanceOf(TapRepository.Changed.class);
                assertThat(stored(tap).counter()).isEqualTo(tap.card().counter());
            } else {
                await(second);
                assertThat(stored(tap).counter()).isEqualTo(tap.counter());
            }
            assertThat(stored(tap).state()).isEqualTo(CardState.FROZEN);
        }
    }

    private static void untilSomebodyWaits() {
        TestDatabase.until(
                () -> db.read("select count(*) as n from pg_locks where not granted")
                        .map(rows -> rows.iterator().next().getLong("n")),
                waiting -> waiting > 0);
    }

    @Test
    void moveOfARowThatIsNotWhereItLayFailsTheTransaction() {
        Shown tap = tap();
        Throwable failure = failure(db.tx(tx -> TapRepository.lock(tx, List.of(tap), Care.HOPEFUL)
                .compose(held -> freeze(tx, tap.card().id())
                        .compose(frozen -> TapRepository.move(
                                tx,
                                List.of(shown(
                                        Objects.requireNonNull(
                                                held.get(tap.card().id())),
                                        tap)))))));
        assertThat(failure).hasMessage("a locked card is not where it lay");
        assertThat(stored(tap)).isEqualTo(tap.card());
    }
}
