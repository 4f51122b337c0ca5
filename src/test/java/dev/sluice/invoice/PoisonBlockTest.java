package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainSink;
import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.store.Rail;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An invoice whose consequences cannot be written, on a real database and a simulated chain. */
class PoisonBlockTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String KIND = "chain";
    private static final long DUE_MSAT = DUE_SAT * 1_000;
    /** Where something about an invoice is written. */
    private static final String[] TABLES = {"payment", "transfer", "event"};

    private final WalletGenerator generator = new WalletGenerator(Entropy.secure());
    private SimulatedChain sim;
    private InvoiceFixture fixture;
    private FollowedChain chain;
    private Account owed;

    @BeforeEach
    void open() {
        heal();
        for (String table : List.of("chain_block", "chain_output", "chain_input", "chain_conflict", "set_aside")) {
            sql("delete from " + table);
        }
        sim = await(SimulatedChain.open(DATABASE.vertx(), this::now, 1, null));
        await(sim.hints(100, 0));
        await(sim.mine(3));
        fixture = new InvoiceFixture(DATABASE, this::follow);
        fixture.wallet = await(chain.service()
                        .openWallet(
                                "operator",
                                generator
                                        .account(
                                                Network.REGTEST,
                                                generator.mnemonic("English", 12),
                                                new Secret(""),
                                                0,
                                                ScriptType.SEGWIT)
                                        .descriptor()
                                        .toString()))
                .value();
        owed = Account.store(fixture.store);
        look();
    }

    @AfterEach
    void close() {
        stop();
        assertThat(await(new LedgerVerifier(DATABASE.db()).verify()).drifts()).isEmpty();
    }

    private Instant now() {
        return fixture == null ? Instant.parse("2026-03-01T11:59:00Z") : fixture.now;
    }

    private ChainService follow(ChainSink sink) {
        chain = FollowedChain.open(DATABASE, sim, sink, this::now);
        return chain.service();
    }

    private void stop() {
        chain.close();
    }

    private void look() {
        await(chain.watcher().look());
    }

    private void mine() {
        await(sim.mine(1));
        look();
    }

    private String pay(Invoice invoice) {
        return await(sim.payTo(fixture.prompt(invoice, Rail.CHAIN).destination(), DUE_SAT, false));
    }

    private Invoice paid() {
        Invoice invoice = fixture.create("USD", "10");
        pay(invoice);
        return invoice;
    }

    private int height() {
        return chain.service().tip().orElseThrow().height();
    }

    private List<String> setAside() {
        return await(SetAside.of(DATABASE.db(), KIND, "")).stream()
                .map(SetAside.Fact::key)
                .toList();
    }

    private static String key(Invoice invoice) {
        return "invoice:" + invoice.id();
    }

    private static String reason(Invoice invoice) {
        return await(DATABASE.db().read("select error from set_aside where kind = $1 and key = $2", KIND, key(invoice)))
                .iterator()
                .next()
                .getString("error");
    }

    private static void sql(String statement) {
        await(DATABASE.db().write(statement, Tuple.tuple()));
    }

    /** Makes the database refuse what is written about an invoice. */
    private static void poison(Invoice invoice, String table) {
        String check =
                table.equals("payment") ? "invoice_id <> '" + invoice.id() + "'" : "subject <> '" + key(invoice) + "'";
        sql("alter table " + table + " add constraint poison check (" + check + ") not valid");
    }

    private static void heal() {
        for (String table : TABLES) {
            sql("alter table " + table + " drop constraint if exists poison");
        }
        sql("drop trigger if exists trouble on payment");
    }

    private void assertCreditedOnce(Invoice invoice) {
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.events(invoice)).containsOnlyOnce("InvoiceReceivedPayment", "InvoiceSettled");
        assertThat(fixture.whole(invoice).payments()).hasSize(1).allMatch(p -> p.credited() && p.credits() == 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"payment", "transfer", "event"})
    void oneInvoicesFaultKeepsNeitherTheOthersNorLaterBlocksBack(String table) {
        Invoice first = paid();
        Invoice refused = paid();
        Invoice third = paid();
        poison(refused, table);
        mine();
        assertThat(height()).isEqualTo(4);
        assertCreditedOnce(first);
        assertCreditedOnce(third);
        assertThat(fixture.state(refused)).isEqualTo("New");
        assertThat(setAside()).containsExactly(key(refused));
        assertThat(reason(refused)).contains("poison");
        assertThat(await(SetAside.count(DATABASE.db()))).isEqualTo(1);
        Invoice later = paid();
        mine();
        assertThat(height()).isEqualTo(5);
        assertCreditedOnce(later);
        assertThat(setAside()).as("it is still impossible").containsExactly(key(refused));
        assertThat(fixture.balance(owed)).isEqualTo(3 * DUE_MSAT);
        heal();
        mine();
        assertCreditedOnce(refused);
        assertThat(setAside()).isEmpty();
        assertThat(fixture.balance(owed)).isEqualTo(4 * DUE_MSAT);
        mine();
        assertThat(fixture.balance(owed)).isEqualTo(4 * DUE_MSAT);
    }

    @ParameterizedTest
    @EnumSource(names = {"RETURNED", "DROPPED", "DOUBLE_SPENT"})
    void paymentThatLeftTheChainMeanwhileIsNotCredited(Fate fate) {
        Invoice refused = paid();
        Invoice other = paid();
        poison(refused, "payment");
        mine();
        assertThat(setAside()).containsExactly(key(refused));
        assertThat(fixture.balance(owed)).isEqualTo(DUE_MSAT);
        await(sim.reorg(1, fate));
        heal();
        look();
        assertThat(setAside()).isEmpty();
        assertThat(fixture.balance(owed)).isZero();
        assertThat(fixture.state(refused)).isEqualTo(fate == Fate.DOUBLE_SPENT ? "New" : "Processing");
        assertThat(fixture.state(other)).isEqualTo(fate == Fate.DOUBLE_SPENT ? "Invalid/Invalid" : "Processing");
        mine();
        Map<Fate, Long> owedAfter = Map.of(Fate.RETURNED, 2 * DUE_MSAT, Fate.DROPPED, 0L, Fate.DOUBLE_SPENT, 0L);
        assertThat(fixture.balance(owed)).isEqualTo(owedAfter.get(fate));
        if (fate == Fate.RETURNED) {
            assertCreditedOnce(refused);
        }
    }

    @ParameterizedTest
    @CsvSource({"REMINED,1,1", "DELAYED,1,1", "DROPPED,1,0", "DOUBLE_SPENT,1,0"})
    void creditThatCannotBeReversedIsBroughtInLineAfterwards(Fate fate, int during, int after) {
        Invoice refused = paid();
        Invoice other = paid();
        mine();
        assertThat(fixture.balance(owed)).isEqualTo(2 * DUE_MSAT);
        poison(refused, "payment");
        await(sim.reorg(1, fate));
        look();
        assertThat(setAside()).containsExactly(key(refused));
        int others = after; // what happens to the one happens to the other
        assertThat(fixture.balance(owed)).isEqualTo((during + others) * DUE_MSAT);
        heal();
        mine();
        assertThat(setAside()).isEmpty();
        assertThat(fixture.balance(owed)).isEqualTo((after + others) * DUE_MSAT);
        assertThat(fixture.state(refused)).isEqualTo(fixture.state(other));
    }

    @Test
    void invoiceThatOnlyGainsAConfirmationIsSetAsideToo() {
        fixture.settings.put("speedPolicy", "LowMediumSpeed");
        Invoice refused = paid();
        Invoice other = paid();
        mine();
        poison(refused, "transfer");
        mine();
        assertCreditedOnce(other);
        assertThat(setAside()).containsExactly(key(refused));
        mine();
        assertThat(fixture.state(refused)).isEqualTo("Processing");
        heal();
        mine();
        assertCreditedOnce(refused);
        assertThat(setAside()).isEmpty();
        assertThat(fixture.balance(owed)).isEqualTo(2 * DUE_MSAT);
    }

    @Test
    void faultInTheMempoolWaitsLikeOneInABlock() {
        Invoice refused = paid();
        Invoice other = paid();
        poison(refused, "event");
        look();
        assertThat(fixture.state(other)).isEqualTo("Processing");
        assertThat(fixture.state(refused)).isEqualTo("New");
        assertThat(setAside()).containsExactly(key(refused));
        pay(refused);
        look();
        heal();
        mine();
        assertThat(setAside()).isEmpty();
        assertCreditedOnce(other);
        assertThat(fixture.state(refused)).isEqualTo("Settled/PaidOver");
        assertThat(fixture.balance(owed)).isEqualTo(3 * DUE_MSAT);
    }

    @Test
    void whatWasSetAsideIsTriedAtTheNextStart() {
        Invoice refused = paid();
        poison(refused, "transfer");
        mine();
        assertThat(setAside()).containsExactly(key(refused));
        stop();
        heal();
        follow(fixture.feature.chainSink());
        look();
        assertCreditedOnce(refused);
        assertThat(setAside()).isEmpty();
        assertThat(fixture.balance(owed)).isEqualTo(DUE_MSAT);
    }

    @Test
    void timeDecidesNothingAboutAnInvoiceThatIsSetAside() {
        Invoice refused = paid();
        Invoice unpaid = fixture.create("USD", "10");
        poison(refused, "payment");
        mine();
        fixture.now = refused.expiresAt().plus(Duration.ofDays(2));
        look();
        fixture.passTime();
        assertThat(fixture.state(unpaid)).isEqualTo("Expired");
        assertThat(fixture.state(refused)).isEqualTo("New");
        heal();
        mine();
        assertCreditedOnce(refused);
        assertThat(fixture.whole(refused).payments().getFirst().late())
                .as("it was seen in time")
                .isFalse();
    }

    /** Conflicts, no disk, a shut-down, a missing column, a lost connection: any fact would be refused. */
    @ParameterizedTest
    @ValueSource(strings = {"40001", "53100", "57P03", "42703", "connection"})
    void troubleOfTheDatabaseSetsNothingAside(String trouble) {
        Invoice first = paid();
        Invoice second = paid();
        String act = trouble.equals("connection")
                ? "perform pg_terminate_backend(pg_backend_pid()); return new;"
                : "raise exception 'trouble' using errcode = '" + trouble + "';";
        sql("create or replace function trouble() returns trigger language plpgsql as $$ begin " + act + " end $$");
        sql("create trigger trouble before insert or update on payment for each row execute function trouble()");
        await(sim.mine(1));
        assertThat(failure(chain.watcher().look())).isNotNull();
        assertThat(setAside()).isEmpty();
        assertThat(height()).isEqualTo(3);
        assertThat(await(DATABASE.db().read("select from chain_output")).size()).isZero();
        heal();
        look();
        assertThat(height()).isEqualTo(4);
        assertCreditedOnce(first);
        assertCreditedOnce(second);
        assertThat(fixture.balance(owed)).isEqualTo(2 * DUE_MSAT);
    }
}
