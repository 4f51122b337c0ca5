package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.OutputChange;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Account;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An invoice that nobody is to pay any more is closed, unless somebody has. */
class InvoiceCancelTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);

    private void cancel(Invoice invoice) {
        await(DATABASE.db().tx(tx -> fixture.invoices.cancel().cancel(tx, invoice.id())));
    }

    private void cannotCancel(Invoice invoice) {
        String before = fixture.state(invoice);
        assertThat(TestDatabase.failure(
                        DATABASE.db().tx(tx -> fixture.invoices.cancel().cancel(tx, invoice.id()))))
                .hasMessageContaining("A payment of the invoice was seen");
        assertThat(fixture.state(invoice)).isEqualTo(before);
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).state()).isNotEqualTo(Prompt.State.CLOSING);
    }

    @Test
    void unpaidInvoiceIsInvalidAndWithdrawnFromItsNode() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        cancel(invoice);
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/Marked");
        await(fixture.invoices.keeper().round());
        assertThat(fixture.lightning.cancelled).containsOnlyOnce(hash);
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).state()).isEqualTo(Prompt.State.CLOSED);
        assertThat(fixture.events(invoice)).containsOnlyOnce("InvoiceInvalid");
    }

    @Test
    void cancellingAgainChangesNothing() {
        Invoice invoice = fixture.create("USD", "10");
        cancel(invoice);
        long version = fixture.whole(invoice).invoice().version();
        cancel(invoice);
        assertThat(fixture.whole(invoice).invoice().version()).isEqualTo(version);
    }

    @Test
    void expiredInvoiceStaysExpired() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.now = invoice.expiresAt().plusSeconds(1);
        fixture.passTime();
        cancel(invoice);
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
    }

    /** The stream is behind: the node knows of a payment, and nobody here does. */
    @Test
    void paymentThatOnlyTheNodeKnowsIsCreditedAndKeepsTheInvoice() {
        Invoice invoice = fixture.create("USD", "10");
        long due = InvoiceFixture.DUE_SAT * 1_000;
        fixture.lightning.answer = hash -> DATABASE.db()
                .tx(tx -> fixture.feature
                        .settleSink()
                        .apply(
                                tx,
                                NodeId.OPERATOR,
                                List.of(new LightningNode.Settle(hash, new Msat(due), 1, fixture.now)),
                                0));
        await(fixture.invoices.cancel().ask(invoice.id()));
        cannotCancel(invoice);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(Account.store(fixture.store))).isEqualTo(due);
    }

    @Test
    void nodeIsAskedFirstAndItsSilenceIsNoAnswer() {
        Invoice invoice = fixture.create("USD", "10");
        await(fixture.invoices.cancel().ask(invoice.id()));
        fixture.lightning.down = true;
        assertThat(TestDatabase.failure(fixture.invoices.cancel().ask(invoice.id())))
                .hasMessageContaining("does not say whether the invoice was paid");
        Invoice unread = fixture.create("USD", "10"); // its node never had it: nothing to ask
        await(fixture.invoices.cancel().ask(unread.id()));
    }

    @Test
    void paymentThatWasSeenAndCouldNotBeWrittenCounts() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        SetAside.Fact fact = new SetAside.Fact(hash.hex(), new JsonObject());
        await(DATABASE.db()
                .tx(tx -> SetAside.put(
                        tx, SettleSink.SET_ASIDE + fixture.source, fact, new RuntimeException("x"), fixture.now)));
        cannotCancel(invoice);
        await(DATABASE.db().tx(tx -> SetAside.remove(tx, SettleSink.SET_ASIDE + fixture.source, hash.hex())));
        cancel(invoice);
    }

    @Test
    void invoiceWithAPaymentStaysAsItIs() {
        Invoice partly = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(partly, 1, 5_000, InvoiceFixture.UNCONFIRMED, false));
        cannotCancel(partly);
        Invoice seen = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(seen, 2, InvoiceFixture.DUE_SAT, InvoiceFixture.UNCONFIRMED, false));
        cannotCancel(seen);
        Invoice settled = fixture.create("USD", "10");
        fixture.settle(settled, InvoiceFixture.DUE_SAT * 1_000);
        cannotCancel(settled);
    }

    @Test
    void settledByHandItIsNotCancelled() {
        Invoice invoice = fixture.create("USD", "10");
        await(DATABASE.db().tx(tx -> fixture.invoices.service().mark(tx, invoice.id(), InvoiceStatus.SETTLED)));
        cannotCancel(invoice);
    }

    @Test
    void paymentThatWasReplacedIsNoReasonToKeepIt() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, InvoiceFixture.DUE_SAT, InvoiceFixture.UNCONFIRMED, true));
        fixture.chain(
                101,
                fixture.output(
                        invoice,
                        1,
                        InvoiceFixture.DUE_SAT,
                        new OutputChange.State.Conflicted("b".repeat(64), 101),
                        true));
        cancel(invoice);
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/Marked");
    }

    @Test
    void moneyThatWasUnderWayIsRecordedAndTold() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        cancel(invoice);
        fixture.settle(hash, InvoiceFixture.DUE_SAT * 1_000, fixture.now);
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/Marked");
        assertThat(fixture.whole(invoice).invoice().paid().value()).isEqualTo(InvoiceFixture.DUE_SAT * 1_000);
        assertThat(fixture.balance(Account.store(fixture.store))).isEqualTo(InvoiceFixture.DUE_SAT * 1_000);
        assertThat(fixture.events(invoice)).contains("InvoiceReceivedPayment").doesNotContain("InvoiceSettled");
    }
}
