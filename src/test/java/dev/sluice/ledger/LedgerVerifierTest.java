package dev.sluice.ledger;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Db;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.TestDatabase;
import dev.sluice.ledger.Account.Kind;
import dev.sluice.ledger.LedgerVerifier.Drift;
import dev.sluice.ledger.LedgerVerifier.Report;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Corrupts books as only a superuser can and looks whether it is seen. */
class LedgerVerifierTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static DbPools superuser;

    private final LedgerVerifier verifier = new LedgerVerifier(DATABASE.db());

    @BeforeAll
    static void dropTheSafetyNets() {
        DbConfig own = DATABASE.config();
        superuser = DbPools.open(
                DATABASE.vertx(), new DbConfig(own.host(), own.port(), own.database(), "postgres", own.password(), 2));
        corrupt("alter table account drop constraint account_never_negative");
        corrupt("drop index transfer_resolution");
    }

    @AfterAll
    static void close() {
        await(superuser.close());
    }

    private static void corrupt(String sql) {
        await(superuser.db().write(sql, Tuple.tuple()));
    }

    @BeforeEach
    void soundBooks() {
        corrupt("truncate account, transfer");
        Account source = new Account("source", "BTC", Kind.ASSET, false);
        Account card = new Account("card", "BTC", Kind.LIABILITY, true);
        Account shop = new Account("shop", "BTC", Kind.LIABILITY, true);
        Account dollars = new Account("dollars", "USD", Kind.ASSET, false);
        Account owed = new Account("owed", "USD", Kind.LIABILITY, false);
        apply(Transfer.single("fund", source, card, 1_000, "test", "test"));
        apply(
                Transfer.single("usd", dollars, owed, 5, "test", "test"),
                Transfer.pending("open", card, shop, 10, "test", "test"),
                Transfer.pending("posted", card, shop, 100, "test", "test"),
                Transfer.pending("voided", card, shop, 200, "test", "test"));
        apply(Transfer.post("post", "posted", 70, "test", "test"), Transfer.voiding("void", "voided", "test", "test"));
    }

    private static void apply(Transfer... transfers) {
        List<Outcome> outcomes = await(DATABASE.db().tx(tx -> new Ledger().apply(tx, List.of(transfers))));
        assertThat(outcomes).containsOnly(Outcome.CREATED);
    }

    @Test
    void soundBooksHaveNoDrift() {
        Report report = await(verifier.verify());
        assertThat(report.drifts()).isEmpty();
        assertThat(report.sound()).isTrue();
        assertThat(report.accounts()).isEqualTo(5);
        assertThat(report.transfers()).isEqualTo(7);
        assertThat(await(verifier.quick()).sound()).isTrue();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', textBlock = """
            unbalanced  | BTC    | update account set credits_posted = credits_posted + 1 where code = 'shop'
            unbalanced  | USD    | update account set debits_pending = 3 where code = 'owed'
            balance     | shop   | update account set credits_posted = credits_posted + 1 where code = 'shop'
            balance     | card   | update account set debits_pending = 0 where code = 'card'
            balance     | owed   | delete from transfer where id = 'usd'
            balance     | card   | update transfer set amount = amount + 1 where id = 'fund'
            balance     | shop   | delete from transfer where id = 'post'
            negative    | card   | update account set debits_posted = 5000 where code = 'card'
            reservation | post   | update transfer set pending_of = 'nothing' where id = 'post'
            reservation | post   | update transfer set pending_of = 'fund' where id = 'post'
            reservation | post   | update transfer set amount = 101 where id = 'post'
            reservation | void   | update transfer set debit = credit, credit = debit where id = 'void'
            double-end  | posted | update transfer set pending_of = 'posted' where id = 'void'
            accounts    | fund   | update transfer set debit = -1 where id = 'fund'
            accounts    | fund   | update transfer set credit = -2 where id = 'fund'
            accounts    | usd    | update transfer set debit = (select min(id) from account) where id = 'usd'
            """)
    void eachDriftIsReported(String check, String subject, String corruption) {
        corrupt(corruption);
        Report report = await(verifier.verify());
        assertThat(report.sound()).isFalse();
        assertThat(report.drifts())
                .anyMatch(d -> d.check().equals(check) && d.subject().equals(subject));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "unbalanced, update account set credits_posted = credits_posted + 1 where code = 'shop'",
        "negative, update account set debits_posted = 5000 where code = 'card'",
        "balance, update transfer set amount = amount + 1 where id = 'fund'"
    })
    void quickCheckSeesDriftOfTotalsAndOfItsSlice(String check, String corruption) {
        corrupt(corruption);
        assertThat(await(verifier.quick()).drifts()).anyMatch(d -> d.check().equals(check));
    }

    @Test
    void quickChecksVisitEveryAccountInTurn() {
        List<Transfer> many = new ArrayList<>();
        Account source = new Account("source", "BTC", Kind.ASSET, false);
        for (int i = 0; i < 120; i++) {
            many.add(Transfer.single(
                    "t" + i, source, new Account("a" + i, "BTC", Kind.LIABILITY, false), 1, "test", "test"));
        }
        apply(many.toArray(Transfer[]::new));
        corrupt("update transfer set amount = 2 where id = 't99'"); // a99: accounts open in the order of their codes
        List<Boolean> sound = new ArrayList<>();
        for (int run = 0; run < 6; run++) {
            sound.add(await(verifier.quick()).sound());
        }
        // 125 accounts in slices of 50; the first holds the source, the third the last one; then from the start again.
        assertThat(sound).containsExactly(false, true, false, false, true, false);
    }

    @Test
    void driftOfTotalsIsToldUntilTheyAreFoundSoundAgain() {
        corrupt("update account set credits_posted = credits_posted + 1 where code = 'shop'");
        assertThat(await(verifier.quick()).drifts()).anyMatch(d -> d.check().equals("unbalanced"));
        assertThat(await(verifier.quick()).drifts()).anyMatch(d -> d.check().equals("unbalanced"));
    }

    @Test
    void proofThatTakesLongIsNotBegunTwice() {
        Promise<Void> locked = Promise.promise();
        Promise<Void> release = Promise.promise();
        Future<Void> lock = superuser
                .db()
                .tx(tx -> Db.run(tx, "lock table account in access exclusive mode", Tuple.tuple())
                        .compose(held -> {
                            locked.complete();
                            return release.future();
                        }));
        await(locked.future());
        Future<Report> first = verifier.quick();
        assertThat(verifier.quick()).isSameAs(first);
        release.complete();
        await(lock);
        assertThat(await(first).sound()).isTrue();
        assertThat(await(verifier.quick()).sound()).isTrue();
        assertThat(verifier.quick()).isNotSameAs(first);
    }

    @Test
    void accountsWithManyTransfersAreLeftToTheFullProof() {
        corrupt("update account set credits_posted = credits_posted + 1 where code = 'shop'"); // five transfers
        corrupt("update transfer set amount = amount + 1 where id = 'usd'");
        LedgerVerifier hasty = new LedgerVerifier(DATABASE.db(), 3);
        assertThat(balances(await(hasty.quick()))).containsExactly("dollars", "owed");
        assertThat(balances(await(new LedgerVerifier(DATABASE.db(), 6).quick())))
                .containsExactlyInAnyOrder("shop", "dollars", "owed");
        assertThat(balances(await(hasty.verify()))).containsExactlyInAnyOrder("shop", "dollars", "owed");
    }

    @Test
    void quickCheckCountsThousandsOfTransfersOfAnAccount() {
        Account source = new Account("source", "BTC", Kind.ASSET, false);
        Account shop = new Account("shop", "BTC", Kind.LIABILITY, true);
        apply(IntStream.range(0, 10_100)
                .mapToObj(i -> Transfer.single("t" + i, source, shop, 1, "test", "test"))
                .toArray(Transfer[]::new));
        assertThat(await(new LedgerVerifier(DATABASE.db()).quick()).drifts()).isEmpty();
        corrupt("update transfer set amount = 2 where id = 't10099'");
        assertThat(balances(await(new LedgerVerifier(DATABASE.db()).quick()))).containsExactly("source", "shop");
    }

    private static List<String> balances(Report report) {
        return report.drifts().stream()
                .filter(d -> d.check().equals("balance"))
                .map(Drift::subject)
                .toList();
    }

    @Test
    void randomBatchesAlwaysVerify() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int batch = 0; batch < 20; batch++) {
            List<Transfer> transfers = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                transfers.add(random(random));
            }
            await(DATABASE.db().tx(tx -> new Ledger().apply(tx, transfers)));
        }
        assertThat(await(verifier.verify()).drifts()).as("seed %d", seed).isEmpty();
    }

    private static Transfer random(Random random) {
        Account from = new Account("r" + random.nextInt(4), "BTC", Kind.LIABILITY, random.nextInt(4) == 0);
        Account to = new Account("s" + random.nextInt(4), "BTC", Kind.LIABILITY, false);
        String id = "x" + random.nextInt(300);
        String held = "x" + random.nextInt(300);
        long amount = 1 + random.nextInt(50);
        return switch (random.nextInt(4)) {
            case 0 -> Transfer.single(id, from, to, amount, "test", "test");
            case 1 -> Transfer.pending(id, from, to, amount, "test", "test");
            case 2 -> Transfer.post("p" + id, held, amount, "test", "test");
            default -> Transfer.voiding("v" + id, held, "test", "test");
        };
    }
}
