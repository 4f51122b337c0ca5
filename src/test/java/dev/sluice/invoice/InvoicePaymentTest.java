package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static dev.sluice.invoice.InvoiceFixture.UNCONFIRMED;
import static dev.sluice.invoice.InvoiceFixture.confirmed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.OutputChange.State;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Account;
import dev.sluice.lightning.NodeId;
import dev.sluice.store.PaymentMethod.Holder;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InvoicePaymentTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);
    private final Account owed = Account.store(fixture.store);

    @Test
    void lightningPaymentSettlesCreditsAndAnnouncesOnce() {
        Invoice invoice = fixture.create("USD", "10");
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).isActive()).isTrue();
        fixture.settle(invoice, DUE_SAT * 1000);
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
        assertThat(fixture.events(invoice))
                .containsExactly(
                        "InvoiceCreated",
                        "invoice.changed",
                        "InvoiceReceivedPayment",
                        "InvoicePaymentSettled",
                        "InvoiceProcessing",
                        "InvoiceSettled");
    }

    @Test
    void paidPromptIsClosedWithoutAskingTheNode() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        fixture.settle(invoice, DUE_SAT * 1000);
        await(fixture.invoices.keeper().round());
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).state()).isEqualTo(Prompt.State.CLOSED);
        assertThat(fixture.lightning.cancelled).doesNotContain(hash);
    }

    @Test
    void overpaidLightningIsCreditedInFull() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(invoice, DUE_SAT * 2000);
        assertThat(fixture.state(invoice)).isEqualTo("Settled/PaidOver");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 2000);
    }

    @Test
    void lessThanASatoshiTooMuchIsNotAnOverpayment() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(invoice, DUE_SAT * 1000 + 999);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    @Test
    void settleOfUnknownHashGoesToUnclaimedOnce() {
        PaymentHash hash = new PaymentHash(String.format("%064x", System.nanoTime()));
        long before = fixture.balance(Account.unclaimed());
        fixture.settle(hash, 777, fixture.now);
        fixture.settle(hash, 777, fixture.now);
        assertThat(fixture.balance(Account.unclaimed()) - before).isEqualTo(777);
    }

    @Test
    void unknownSettleFromBeforeTheNodeWasFirstSeenIsNotBooked() {
        fixture.baseline = 1;
        long before = fixture.balance(Account.unclaimed());
        fixture.settle(new PaymentHash(String.format("%064x", System.nanoTime())), 5_000, fixture.now);
        assertThat(fixture.balance(Account.unclaimed())).isEqualTo(before);
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(invoice, DUE_SAT * 1_000);
        assertThat(fixture.state(invoice))
                .as("ours is credited whatever its index")
                .isEqualTo("Settled");
    }

    @Test
    void hashOfAnotherNodesPromptStopsNoCreditsOfTheOperatorsNode() {
        fixture.holder = Holder.STORE;
        fixture.source = "store-node";
        Invoice theirs = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(theirs, Rail.LIGHTNING).paymentHash();
        fixture.settle(new NodeId("store-node"), hash, DUE_SAT * 1000, fixture.now);
        long before = fixture.balance(Account.unclaimed());
        fixture.settle(hash, 777, fixture.now); // the same preimage by keysend
        fixture.settle(hash, 777, fixture.now);
        assertThat(fixture.balance(Account.unclaimed()) - before).isEqualTo(777);
        assertThat(fixture.balance(Account.received(fixture.store))).isEqualTo(DUE_SAT * 1000);
        assertThat(fixture.whole(theirs).payments()).hasSize(1);
    }

    @Test
    void storeHeldMoneyIsRecordedAndNothingIsOwed() {
        fixture.holder = Holder.STORE;
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isZero();
        assertThat(fixture.balance(Account.received(fixture.store))).isEqualTo(DUE_SAT * 1000);
    }

    @Test
    void partialOnChainThenRestOnLightning() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash first = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT / 4, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("New/PaidPartial");
        await(fixture.invoices.keeper().round());
        await(fixture.invoices.keeper().round());
        Prompt second = fixture.prompt(invoice, Rail.LIGHTNING);
        assertThat(second.generation()).isEqualTo(2);
        assertThat(second.isActive()).isTrue();
        assertThat(second.amount()).isEqualTo(Msat.ofSat(DUE_SAT * 3 / 4));
        assertThat(fixture.lightning.cancelled).contains(first);
        fixture.settle(invoice, DUE_SAT * 750);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }

    @Test
    void paidInvoiceWithdrawsItsLightningPrompt() {
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        await(fixture.invoices.keeper().round());
        assertThat(fixture.lightning.cancelled).contains(hash);
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).state()).isEqualTo(Prompt.State.CLOSED);
    }

    @Test
    void toleranceCountsAsPaid() {
        fixture.settings.put("paymentTolerance", 1.5);
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(invoice, DUE_SAT * 985);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    @Test
    void topUpTakesTheFirstPaymentAsItsPrice() {
        Invoice invoice = fixture.create("USD", null);
        fixture.settle(invoice, 5_000_000);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(InvoiceView.amount(fixture.whole(invoice).invoice())).isEqualTo("2.50");
        assertThat(fixture.balance(owed)).isEqualTo(5_000_000);
    }

    @Test
    void topUpWhosePaymentWasReplacedByASmallerOneSettles() {
        Invoice invoice = fixture.create("USD", null);
        fixture.chain(100, fixture.output(invoice, 1, 20_000, UNCONFIRMED, true));
        fixture.chain(
                100,
                fixture.output(invoice, 1, 20_000, new State.Conflicted(fixture.txid(2), null), true),
                fixture.output(invoice, 2, 19_800, UNCONFIRMED, true));
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        fixture.chain(101, fixture.output(invoice, 2, 19_800, confirmed(101), false));
        fixture.now = invoice.expiresAt().plusSeconds(1);
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(InvoiceView.amount(fixture.whole(invoice).invoice())).isEqualTo("9.90");
        assertThat(fixture.balance(owed)).isEqualTo(19_800_000);
    }

    @Test
    void topUpWhosePaymentWasTakenBackTakesTheNext() {
        Invoice invoice = fixture.create("USD", null);
        fixture.chain(100, fixture.output(invoice, 1, 20_000, UNCONFIRMED, true));
        fixture.chain(100, fixture.output(invoice, 1, 20_000, new State.Conflicted("f".repeat(64), null), true));
        assertThat(fixture.state(invoice)).isEqualTo("New");
        assertThat(fixture.whole(invoice).invoice().amount()).isNull();
        fixture.chain(101, fixture.output(invoice, 3, 5_000, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(InvoiceView.amount(fixture.whole(invoice).invoice())).isEqualTo("2.50");
    }

    @Test
    void absurdPriceOfATopUpStopsNoCredits() {
        fixture.rate = new java.math.BigDecimal("1e18");
        Invoice invoice = fixture.create("USD", null);
        fixture.chain(101, fixture.output(invoice, 1, 100_000_000, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.balance(owed)).isEqualTo(dev.sluice.kernel.Msat.PER_BTC);
        assertThat(InvoiceView.amount(fixture.whole(invoice).invoice())).isEqualTo("10000000000000000.00");
    }

    @Test
    void zeroAmountSettlesAtOnceWithoutPrompts() {
        Invoice invoice = fixture.create("USD", "0");
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        assertThat(fixture.whole(invoice).prompts()).isEmpty();
        assertThat(fixture.events(invoice)).containsExactly("InvoiceCreated", "InvoiceProcessing", "InvoiceSettled");
    }

    @Test
    void downNodeIsLeftOutWithItsReasonAndJoinsLater() {
        fixture.lightning.down = true;
        Invoice invoice = fixture.create("USD", "10");
        Prompt prompt = fixture.prompt(invoice, Rail.LIGHTNING);
        assertThat(prompt.isActive()).isFalse();
        assertThat(prompt.reason()).isEqualTo("The Lightning node is down");
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
        fixture.lightning.down = false;
        fixture.now = fixture.now.plusSeconds(10);
        await(fixture.invoices.keeper().round());
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).isActive()).isTrue();
    }

    @Test
    void emptyAddressPoolLeavesTheChainOut() {
        fixture.chain.poolEmpty = true;
        Invoice invoice = fixture.create("USD", "10");
        assertThat(fixture.prompt(invoice, Rail.CHAIN).reason()).isEqualTo("No address is ready");
        fixture.chain.poolEmpty = false;
        await(fixture.invoices.service().activate(invoice.id(), Rail.CHAIN));
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
    }

    @Test
    void markingByHandMovesNoMoney() {
        Invoice invoice = fixture.create("USD", "10");
        await(DATABASE.db().tx(tx -> fixture.invoices.service().mark(tx, invoice.id(), InvoiceStatus.SETTLED)));
        assertThat(fixture.state(invoice)).isEqualTo("Settled/Marked");
        assertThat(fixture.balance(owed)).isZero();
        assertThat(TestDatabase.failure(DATABASE.db()
                        .tx(tx -> fixture.invoices.service().mark(tx, invoice.id(), InvoiceStatus.SETTLED))))
                .hasMessageContaining("cannot be marked");
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(fixture.state(invoice)).isEqualTo("Settled/Marked");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }

    @Test
    void listFindsByOrderTextStatusAndHidesArchived() {
        Invoice invoice = fixture.create(new CreateInvoice(
                dev.sluice.kernel.Currency.USD,
                new dev.sluice.kernel.Money(dev.sluice.kernel.Currency.USD, 1000),
                new JsonObject().put("orderId", "A_1%").put("buyerEmail", "Ann@Example.com"),
                CreateInvoice.Checkout.STORE_DEFAULTS,
                new JsonObject(),
                List.of("blue shirt")));
        fixture.create("USD", "11");
        assertThat(found(List.of("A_1%"), null)).containsExactly(invoice.id().value());
        assertThat(found(List.of(), "ann@example")).containsExactly(invoice.id().value());
        assertThat(found(List.of(), "BLUE SH")).containsExactly(invoice.id().value());
        assertThat(found(List.of(), "a_1%")).containsExactly(invoice.id().value());
        assertThat(found(List.of(), "a%1")).isEmpty();
        assertThat(found(List.of(), fixture.prompt(invoice, Rail.CHAIN).destination()))
                .containsExactly(invoice.id().value());
        await(DATABASE.db().tx(tx -> fixture.invoices.service().archive(tx, invoice.id(), true)));
        assertThat(found(List.of("A_1%"), null)).isEmpty();
    }

    private List<String> found(List<String> orders, String text) {
        return await(fixture.invoices
                        .service()
                        .list(new InvoiceFilter(
                                fixture.store,
                                orders,
                                List.of(),
                                Optional.ofNullable(text),
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                0,
                                50)))
                .stream()
                .map(i -> i.id().value())
                .toList();
    }
}
