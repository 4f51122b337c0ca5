package dev.sluice.ledger;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.Account.Kind;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Transfers that are known to be new come to what they come to otherwise, or to nothing at all. */
class LedgerNewTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final int CARDS = 12;

    private final Ledger ledger = new Ledger();
    private final String run = Long.toString(System.nanoTime(), 36);

    /** What moves money in one way; two of them have accounts of their own. */
    private final class Books {
        private final String name;
        final Account source;
        final Account open;
        final List<Account> cards;
        final List<Account> shops;

        Books(String name) {
            this.name = name + run;
            this.source = new Account("source:" + this.name, Account.BTC, Kind.ASSET, false);
            this.open = new Account("open:" + this.name, Account.BTC, Kind.LIABILITY, false);
            this.cards = accounts("card", CARDS);
            this.shops = accounts("shop", 3);
            // the last two are never opened
            this.apply(cards.subList(0, CARDS - 2).stream()
                    .map(card -> single("fund" + card.code(), source, card, 100))
                    .toList());
            await(DATABASE.db()
                    .write(
                            "insert into account (code, asset, kind, guarded) values ($1, 'USD', 'liability', true)",
                            Tuple.of(shops.getLast().code())));
        }

        private List<Account> accounts(String kind, int count) {
            return IntStream.range(0, count)
                    .mapToObj(i -> new Account(kind + i + ":" + name, Account.BTC, Kind.LIABILITY, true))
                    .toList();
        }

        Transfer single(String id, Account debit, Account credit, long amount) {
            return Transfer.single(id + name, debit, credit, amount, "test", "test");
        }

        Transfer pending(String id, Account debit, Account credit, long amount) {
            return Transfer.pending(id + name, debit, credit, amount, "test", "test");
        }

        List<Outcome> apply(List<Transfer> batch) {
            return await(DATABASE.db().tx(tx -> ledger.apply(tx, batch)));
        }

        List<Outcome> applyNew(List<Transfer> batch) {
            return await(DATABASE.db().tx(tx -> ledger.applyNew(tx, batch)));
        }

        /** All accounts and transfers without what tells the two books apart. */
        List<String> told() {
            String accounts = """
                    select format('%s %s %s %s %s', replace(code, $1, ''), debits_posted, credits_posted,
                      debits_pending, credits_pending) as line
                    from account where right(code, length($1)) = $1 order by 1
                    """;
            String transfers = """
                    select format('%s %s %s %s %s %s', replace(t.id, $1, ''), replace(d.code, $1, ''),
                      replace(c.code, $1, ''), t.amount, t.phase, t.pending_of) as line
                    from transfer t join account d on d.id = t.debit join account c on c.id = t.credit
                    where right(t.id, length($1)) = $1 order by 1
                    """;
            return Stream.of(accounts, transfers)
                    .flatMap(sql -> {
                        List<String> lines = new ArrayList<>();
                        await(DATABASE.db().read(sql, name)).forEach(row -> lines.add(row.getString("line")));
                        return lines.stream();
                    })
                    .toList();
        }
    }

    private static List<Transfer> batch(Books books, Random random, int round) {
        List<Account> debits = new ArrayList<>(books.cards);
        Collections.shuffle(debits, random);
        List<Transfer> batch = new ArrayList<>();
        for (Account debit : debits.subList(0, 1 + random.nextInt(CARDS - 1))) {
            Account credit = random.nextInt(5) == 0 ? books.open : books.shops.get(random.nextInt(books.shops.size()));
            String id = "t" + round + "-" + batch.size();
            long amount = 1 + random.nextInt(60);
            batch.add(
                    random.nextBoolean()
                            ? books.single(id, debit, credit, amount)
                            : books.pending(id, debit, credit, amount));
        }
        return batch;
    }

    /** What one way of applying a round of random transfers comes to. */
    private interface Way {
        List<Outcome> round(Books books, Random random, int round);
    }

    /** Two ways to apply the same come to the same; the outcomes that were seen. */
    private Set<Outcome> same(long seed, Way one, Way other) {
        Books its = new Books("a");
        Books others = new Books("b");
        Random random = new Random(seed);
        Random again = new Random(seed);
        Set<Outcome> seen = EnumSet.noneOf(Outcome.class);
        for (int round = 0; round < 8; round++) {
            List<Outcome> outcomes = one.round(its, random, round);
            assertThat(other.round(others, again, round)).as("seed %s", seed).isEqualTo(outcomes);
            seen.addAll(outcomes);
        }
        assertThat(others.told()).isEqualTo(its.told());
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
        return seen;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void comesToTheSameAsOneStatementForAll(long seed) {
        Way all = (books, random, round) -> books.apply(batch(books, random, round));
        Way fresh = (books, random, round) -> books.applyNew(batch(books, random, round));
        assertThat(same(seed, all, fresh)).contains(Outcome.CREATED, Outcome.INSUFFICIENT, Outcome.ACCOUNT_MISSING);
    }

    /** Debits that nothing bounds: repeats, facts told otherwise and accounts of another asset among them. */
    private static List<Transfer> free(Books books, Random random) {
        boolean repeats = random.nextBoolean();
        int first = random.nextInt(20);
        return IntStream.range(0, 1 + random.nextInt(12))
                .mapToObj(i -> repeats ? random.nextInt(20) : first + i)
                .map(fact -> books.single(
                        "f" + fact,
                        fact % 2 == 0 ? books.source : books.open,
                        fact % 3 == 0 ? books.cards.get(fact % CARDS) : books.shops.get(random.nextInt(8) / 3),
                        random.nextInt(8) == 0 ? 2 : 1))
                .toList();
    }

    /** One that spends a guarded account's balance takes the whole batch the long way. */
    @ParameterizedTest
    @MethodSource("seeds")
    void whatNothingBoundsComesToTheSameAsBesideWhatIsBounded(long seed) {
        Way alone = (books, random, round) -> books.apply(free(books, random));
        Way beside = (books, random, round) -> {
            List<Transfer> batch = new ArrayList<>(free(books, random));
            batch.add(books.single("bounded" + round, books.cards.getLast(), books.source, 1_000_000));
            List<Outcome> judged = books.apply(batch);
            assertThat(judged.getLast()).isEqualTo(Outcome.INSUFFICIENT);
            return judged.subList(0, judged.size() - 1);
        };
        assertThat(same(seed, alone, beside))
                .contains(Outcome.CREATED, Outcome.EXISTS, Outcome.EXISTS_DIFFERENT, Outcome.ACCOUNT_MISSING);
    }

    static Stream<Long> seeds() {
        return new Random().longs(4).boxed();
    }

    @Test
    void idThatExistsMovesNothing() {
        Books books = new Books("a");
        books.applyNew(List.of(
                books.single("x", books.cards.get(0), books.shops.get(0), 1),
                books.single("y", books.cards.get(1), books.shops.get(0), 1)));
        List<String> before = books.told();
        List<Transfer> again = List.of(
                books.single("z", books.cards.get(2), books.shops.get(0), 1),
                books.single("y", books.cards.get(1), books.shops.get(0), 1));
        assertThatThrownBy(() -> books.applyNew(again)).hasMessageContaining("transfer_pkey");
        assertThat(books.told()).isEqualTo(before);
        assertThat(books.apply(again)).containsExactly(Outcome.CREATED, Outcome.EXISTS);
    }

    @Test
    void whatCompetesIsJudgedInOrder() {
        Books books = new Books("a");
        Account card = books.cards.getFirst();
        Account shop = books.shops.getFirst();
        assertThat(books.applyNew(List.of(
                        books.single("big", card, shop, 101),
                        books.single("first", card, shop, 60),
                        books.single("second", card, shop, 60),
                        books.single("unguarded", books.source, shop, 7),
                        books.single("onward", shop, books.open, 67))))
                .containsExactly(
                        Outcome.INSUFFICIENT,
                        Outcome.CREATED,
                        Outcome.INSUFFICIENT,
                        Outcome.CREATED,
                        Outcome.INSUFFICIENT);
        assertThat(books.applyNew(
                        List.of(books.single("in", books.cards.get(1), card, 50), books.single("out", card, shop, 60))))
                .containsExactly(Outcome.CREATED, Outcome.INSUFFICIENT);
        assertThat(books.applyNew(List.of())).isEmpty();
    }

    @Test
    void reservationsEndAsOthersDo() {
        Books books = new Books("a");
        Account card = books.cards.getFirst();
        books.applyNew(List.of(
                books.pending("hold", card, books.shops.getFirst(), 70),
                books.pending("other", books.cards.get(1), books.shops.getFirst(), 70)));
        assertThat(books.applyNew(List.of(
                        books.single("more", card, books.shops.getFirst(), 31),
                        Transfer.post("post" + books.name, "hold" + books.name, 40, "test", "test"))))
                .containsExactly(Outcome.INSUFFICIENT, Outcome.CREATED);
        assertThat(books.told()).contains("card0: 40 100 0 0", "shop0: 0 40 0 70");
    }

    @Test
    void manyThatSpendTheSameAtOnceSpendItOnce() {
        Books books = new Books("a");
        List<Future<List<Outcome>>> all = IntStream.range(0, 20)
                .mapToObj(i -> DATABASE.db()
                        .tx(tx -> ledger.applyNew(
                                tx,
                                List.of(
                                        books.single("a" + i, books.cards.get(0), books.shops.get(i % 2), 60),
                                        books.single("b" + i, books.cards.get(1), books.shops.get(i % 2), 60)))))
                .toList();
        await(Future.all(all));
        List<Outcome> outcomes =
                all.stream().flatMap(one -> one.result().stream()).toList();
        assertThat(outcomes).filteredOn(Outcome.CREATED::equals).hasSize(2);
        assertThat(outcomes).filteredOn(Outcome.INSUFFICIENT::equals).hasSize(38);
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
    }
}
