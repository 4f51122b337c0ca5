package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static dev.sluice.invoice.InvoiceFixture.UNCONFIRMED;
import static dev.sluice.invoice.InvoiceFixture.confirmed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.OutputChange;
import dev.sluice.chain.OutputChange.State;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Msat;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import dev.sluice.store.Rail;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InvoiceOnChainTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);
    private final Account owed = Account.store(fixture.store);

    @Test
    void onChainPaymentWaitsForItsConfirmation() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, true));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        assertThat(fixture.balance(owed)).isZero();
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), true));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }

    /** What is found in a block is dated by median time, about an hour back. */
    @Test
    void paymentIsNotReceivedBeforeItsInvoiceWasMade() {
        Invoice invoice = fixture.create("USD", "10");
        OutputChange mined = fixture.output(invoice, 1, DUE_SAT, confirmed(101), false);
        fixture.chain(
                101,
                new OutputChange(
                        mined.outpoint(),
                        mined.script(),
                        mined.valueSat(),
                        mined.state(),
                        false,
                        false,
                        fixture.now.minusSeconds(3_600)));
        assertThat(fixture.whole(invoice).payments().getFirst().receivedAt()).isEqualTo(invoice.createdAt());
    }

    @Test
    void slowPolicySettlesByDepthAlone() {
        fixture.settings.put("speedPolicy", "LowMediumSpeed");
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        fixture.chain(102);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }

    @Test
    void zeroConfirmationSettlesTheInvoiceButCreditsOnlyInABlock() {
        fixture.settings.put("speedPolicy", "HighSpeed");
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isZero();
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }

    @Test
    void reorganisedPaymentIsReversedAndCreditedAgain() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        assertThat(fixture.balance(owed)).isZero();
        fixture.chain(102, fixture.output(invoice, 1, DUE_SAT, confirmed(102), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
        assertThat(fixture.events(invoice)).contains("InvoicePaymentUnconfirmed");
    }

    @Test
    void reminedInAnotherBlockMovesNothing() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        int events = fixture.events(invoice).size();
        fixture.chain(103, fixture.output(invoice, 1, DUE_SAT, confirmed(102), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
        assertThat(fixture.events(invoice)).hasSize(events);
    }

    @Test
    void doubleSpendTakesTheMoneyBack() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        fixture.chain(102, fixture.output(invoice, 1, DUE_SAT, new State.Conflicted("f".repeat(64), 101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/Invalid");
        assertThat(fixture.balance(owed)).isZero();
        assertThat(fixture.whole(invoice).payments().getFirst().status()).isEqualTo(Payment.Status.INVALID);
    }

    @Test
    void settledInvoiceIsInvalidAfterADoubleSpendAlsoWhenItWaitedInBetween() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        fixture.chain(102, fixture.output(invoice, 1, DUE_SAT, new State.Conflicted("f".repeat(64), 101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/Invalid");
        assertThat(fixture.balance(owed)).isZero();
        assertThat(fixture.events(invoice)).containsOnlyOnce("InvoiceSettled", "InvoiceInvalid");
    }

    @Test
    void doubleSpendOfAPaymentThatNeverSettledTheInvoiceReopensIt() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT / 2, confirmed(101), false));
        fixture.chain(101, fixture.output(invoice, 2, DUE_SAT, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).startsWith("Processing");
        fixture.chain(102, fixture.output(invoice, 2, DUE_SAT, new State.Conflicted("f".repeat(64), 102), false));
        assertThat(fixture.state(invoice)).isEqualTo("New/PaidPartial");
        assertThat(fixture.events(invoice)).doesNotContain("InvoiceInvalid", "InvoiceSettled");
    }

    @Test
    void whatTheStoreSpentBeforeAReorgIsTheOperatorsLoss() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        Account paidOut = new Account("test:payout:" + fixture.store, "BTC", Account.Kind.LIABILITY, false);
        Transfer payout = Transfer.single("payout" + fixture.store, owed, paidOut, DUE_SAT * 600, "test", "test");
        await(DATABASE.db().tx(tx -> new Ledger().apply(tx, List.of(payout))));
        long lossBefore = fixture.balance(Account.reorgLoss());
        fixture.chain(102, fixture.output(invoice, 1, DUE_SAT, new State.Conflicted("f".repeat(64), 101), false));
        assertThat(fixture.balance(owed)).isZero();
        assertThat(fixture.balance(Account.reorgLoss()) - lossBefore).isEqualTo(-DUE_SAT * 600);
        fixture.chain(103, fixture.output(invoice, 1, DUE_SAT, confirmed(103), false));
        assertThat(fixture.balance(Account.reorgLoss()))
                .as("the loss is made good first")
                .isEqualTo(lossBefore);
        assertThat(fixture.balance(owed))
                .as("what the store spent it has not twice")
                .isEqualTo(DUE_SAT * 400);
    }

    @Test
    void replacementReplacesAndIsNotAdded() {
        fixture.settings.put("networkFeeMode", "Never");
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, true));
        fixture.chain(
                100,
                fixture.output(invoice, 2, DUE_SAT / 2, UNCONFIRMED, true),
                fixture.output(invoice, 1, DUE_SAT, new State.Conflicted(fixture.txid(2), null), true));
        assertThat(fixture.state(invoice)).isEqualTo("New/PaidPartial");
        assertThat(fixture.whole(invoice).invoice().paid()).isEqualTo(Msat.ofSat(DUE_SAT / 2));
    }

    @Test
    void toleranceOfEverythingStillWantsAConfirmedPayment() {
        fixture.settings.put("paymentTolerance", 100);
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, 600, UNCONFIRMED, true));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        fixture.chain(100, fixture.output(invoice, 1, 600, new State.Conflicted(fixture.txid(2), null), true));
        assertThat(fixture.state(invoice)).isEqualTo("New");
    }

    /** Who paid in time and raises the fee later has paid in time. */
    @Test
    void replacementAfterTheExpiryHasTheTimeOfWhatItReplaces() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, true));
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.chain(
                100,
                fixture.output(invoice, 2, DUE_SAT, UNCONFIRMED, true),
                fixture.output(invoice, 1, DUE_SAT, new State.Conflicted(fixture.txid(2), null), true));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        fixture.passTime();
        fixture.chain(101, fixture.output(invoice, 2, DUE_SAT, confirmed(101), true));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.events(invoice)).contains("InvoiceSettled").doesNotContain("InvoiceExpired");
    }

    @Test
    void secondOnChainPaymentBearsTheNetworkFee() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT / 2, UNCONFIRMED, false));
        InvoiceView.Whole whole = fixture.whole(invoice);
        assertThat(InvoiceView.due(whole, Rail.CHAIN)).isEqualTo((DUE_SAT / 2 + 1000) * 1000);
        fixture.chain(100, fixture.output(invoice, 2, DUE_SAT / 2, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).isEqualTo("New/PaidPartial");
        fixture.chain(100, fixture.output(invoice, 3, 2000, UNCONFIRMED, false));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
    }
}
