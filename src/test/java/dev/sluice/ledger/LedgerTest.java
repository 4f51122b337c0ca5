package dev.sluice.ledger;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.Account.Kind;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class LedgerTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final Ledger ledger = new Ledger();
    private final Account source = new Account("source:" + System.nanoTime(), "BTC", Kind.ASSET, false);
    private final Account card = new Account("card:" + System.nanoTime(), "BTC", Kind.LIABILITY, true);
    private final Account shop = new Account("shop:" + System.nanoTime(), "BTC", Kind.LIABILITY, true);

    private List<Outcome> apply(Transfer... transfers) {
        return await(DATABASE.db().tx(tx -> ledger.apply(tx, List.of(transfers))));
    }

    private Transfer single(String id, Account debit, Account credit, long amount) {
        return Transfer.single(id + source.code(), debit, credit, amount, "test", "test");
    }

    private long[] balance(Account account) {
        Row row = await(DATABASE.db().read("select * from account where code = $1", account.code()))
                .iterator()
                .next();
        return new long[] {
            row.getLong("debits_posted"),
            row.getLong("credits_posted"),
            row.getLong("debits_pending"),
            row.getLong("credits_pending")
        };
    }

    @Test
    void transferMovesBothSidesOnce() {
        assertThat(apply(single("a", source, card, 100))).containsExactly(Outcome.CREATED);
        assertThat(apply(single("a", source, card, 100))).containsExactly(Outcome.EXISTS);
        assertThat(apply(single("a", source, card, 101))).containsExactly(Outcome.EXISTS_DIFFERENT);
        assertThat(apply(single("a", source, shop, 100))).containsExactly(Outcome.EXISTS_DIFFERENT);
        assertThat(balance(source)).containsExactly(100, 0, 0, 0);
        assertThat(balance(card)).containsExactly(0, 100, 0, 0);
    }

    @Test
    void sameIdTwiceInOneBatchIsMadeOnce() {
        assertThat(apply(single("a", source, card, 5), single("a", source, card, 5), single("a", source, card, 6)))
                .containsExactly(Outcome.CREATED, Outcome.EXISTS, Outcome.EXISTS_DIFFERENT);
        assertThat(balance(card)).containsExactly(0, 5, 0, 0);
    }

    @Test
    void guardedAccountNeverSpendsMoreThanItHas() {
        apply(single("fund", source, card, 100));
        assertThat(apply(
                        single("big", card, shop, 101),
                        single("first", card, shop, 60),
                        single("second", card, shop, 60),
                        single("third", card, shop, 40),
                        single("last", card, shop, 1)))
                .containsExactly(
                        Outcome.INSUFFICIENT,
                        Outcome.CREATED,
                        Outcome.INSUFFICIENT,
                        Outcome.CREATED,
                        Outcome.INSUFFICIENT);
        assertThat(balance(card)).containsExactly(100, 100, 0, 0);
    }

    @Test
    void creditOfTheSameBatchCanBeSpentOnceCommittedOnly() {
        assertThat(apply(single("fund", source, card, 100), single("spend", card, shop, 100)))
                .containsExactly(Outcome.CREATED, Outcome.INSUFFICIENT);
        assertThat(apply(single("spend", card, shop, 100))).containsExactly(Outcome.CREATED);
    }

    @Test
    void reservationIsPostedInPartAndReleasesTheRest() {
        apply(single("fund", source, card, 100));
        String hold = "hold" + source.code();
        assertThat(apply(Transfer.pending(hold, card, shop, 80, "test", "test")))
                .containsExactly(Outcome.CREATED);
        assertThat(balance(card)).containsExactly(0, 100, 80, 0);
        assertThat(apply(single("tooMuch", card, shop, 21))).containsExactly(Outcome.INSUFFICIENT);
        assertThat(apply(Transfer.post("over" + hold, hold, 81, "test", "test")))
                .containsExactly(Outcome.INSUFFICIENT);
        assertThat(apply(Transfer.post("post" + hold, hold, 50, "test", "test")))
                .containsExactly(Outcome.CREATED);
        assertThat(apply(Transfer.post("post" + hold, hold, 50, "test", "test")))
                .containsExactly(Outcome.EXISTS);
        assertThat(apply(Transfer.voiding("void" + hold, hold, "test", "test"))).containsExactly(Outcome.STALE);
        assertThat(balance(card)).containsExactly(50, 100, 0, 0);
        assertThat(balance(shop)).containsExactly(0, 50, 0, 0);
    }

    @Test
    void voidReleasesEverythingAndEndsTheReservation() {
        apply(single("fund", source, card, 100));
        String hold = "hold" + source.code();
        apply(Transfer.pending(hold, card, shop, 80, "test", "test"));
        assertThat(apply(
                        Transfer.voiding("void" + hold, hold, "test", "test"),
                        Transfer.post("post" + hold, hold, 80, "test", "test"),
                        Transfer.post("none" + hold, "no such", 1, "test", "test")))
                .containsExactly(Outcome.CREATED, Outcome.STALE, Outcome.STALE);
        assertThat(balance(card)).containsExactly(0, 100, 0, 0);
    }

    @Test
    void otherAssetUnderTheSameCodeIsRefused() {
        apply(single("a", source, card, 1));
        Account dollars = new Account("dollars" + source.code(), "USD", Kind.ASSET, false);
        Account cardInDollars = new Account(card.code(), "USD", Kind.LIABILITY, true);
        assertThat(apply(single("x", dollars, cardInDollars, 1))).containsExactly(Outcome.ACCOUNT_MISSING);
    }

    @Test
    void hundredParallelChargesOfSixtyPercentGiveExactlyOne() {
        apply(single("fund", source, card, 100));
        List<Future<List<Outcome>>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Transfer charge = single("charge" + i, card, shop, 60);
            all.add(DATABASE.db().tx(tx -> ledger.apply(tx, List.of(charge))));
        }
        await(Future.all(all));
        List<Outcome> outcomes = all.stream().flatMap(f -> f.result().stream()).toList();
        assertThat(Collections.frequency(outcomes, Outcome.CREATED)).isEqualTo(1);
        assertThat(Collections.frequency(outcomes, Outcome.INSUFFICIENT)).isEqualTo(99);
        assertThat(balance(card)).containsExactly(60, 100, 0, 0);
    }

    @Test
    void parallelBatchesWithTheSameIdsMakeEachOnce() {
        List<Future<List<Outcome>>> all = new ArrayList<>();
        for (int round = 0; round < 16; round++) {
            List<Transfer> batch = new ArrayList<>(IntStream.range(0, 50)
                    .mapToObj(i -> single("id" + i, source, card, i + 1))
                    .toList());
            Collections.shuffle(batch, new java.util.Random(round));
            all.add(DATABASE.db().tx(tx -> ledger.apply(tx, batch)));
        }
        await(Future.all(all));
        long created = all.stream()
                .flatMap(f -> f.result().stream())
                .filter(o -> o == Outcome.CREATED)
                .count();
        assertThat(created).isEqualTo(50);
        assertThat(balance(card)[1]).isEqualTo(50 * 51 / 2);
    }

    @Test
    void rolledBackBatchLeavesNothing() {
        Future<Object> rolledBack = DATABASE.db()
                .tx(tx -> ledger.apply(tx, List.of(single("a", source, card, 100)))
                        .compose(outcomes -> Future.failedFuture(new IllegalStateException("no"))));
        TestDatabase.failure(rolledBack);
        assertThat(apply(single("a", source, card, 100))).containsExactly(Outcome.CREATED);
        assertThat(balance(card)).containsExactly(0, 100, 0, 0);
    }

    @Test
    void historyCannotBeChanged() {
        apply(single("a", source, card, 100));
        for (String sql : List.of("update transfer set amount = 1", "delete from transfer", "truncate transfer")) {
            assertThat(TestDatabase.failure(DATABASE.db().write(sql, Tuple.tuple())))
                    .hasMessageContaining("permission denied");
        }
    }

    @Test
    void malformedTransfersCannotBeMade() {
        assertThatThrownBy(() -> single("a", source, card, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> single("a", source, card, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Transfer.post("p", null, 1, "test", "test"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void writerCoalescesAndAnswersEachCaller() {
        Db db = DATABASE.db();
        LedgerWriter writer = new LedgerWriter(DATABASE.vertx(), db, ledger, 1);
        List<Future<List<Outcome>>> all = IntStream.range(0, 500)
                .mapToObj(i -> writer.submit(List.of(single("w" + i, source, card, 1))))
                .toList();
        await(Future.all(all));
        assertThat(all).allSatisfy(f -> assertThat(f.result()).containsExactly(Outcome.CREATED));
        assertThat(balance(card)[1]).isEqualTo(500);
    }
}
