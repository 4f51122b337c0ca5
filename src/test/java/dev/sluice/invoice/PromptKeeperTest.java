package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static dev.sluice.invoice.InvoiceFixture.UNCONFIRMED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.OutputChange.State;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Msat;
import dev.sluice.store.Rail;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** When a Lightning node hears of a prompt again. */
class PromptKeeperTest {
    private static final Duration RETRY = Duration.ofSeconds(5);

    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);

    private void round() {
        await(fixture.invoices.keeper().round());
    }

    private Prompt lightning(Invoice invoice) {
        return fixture.prompt(invoice, Rail.LIGHTNING);
    }

    @Test
    void promptOfANodeThatWasDownIsActivatedWhenItAnswers() {
        fixture.lightning.down = true;
        Invoice invoice = fixture.create("USD", "10");
        assertThat(lightning(invoice).reason()).isEqualTo("The Lightning node is down");
        for (int tries = 0; tries < 2; tries++) {
            fixture.now = fixture.now.plus(RETRY);
            round();
            assertThat(lightning(invoice).isActive()).isFalse();
        }
        fixture.lightning.down = false;
        fixture.now = fixture.now.plus(RETRY);
        round();
        assertThat(lightning(invoice).isActive()).isTrue();
        assertThat(lightning(invoice).reason()).isNull();
    }

    @Test
    void invoiceThatFoundTheAddressPoolEmptyGetsItsAddressLater() {
        fixture.chain.poolEmpty = true;
        Invoice invoice = fixture.create("USD", "10");
        Invoice marked = fixture.create("USD", "10");
        assertThat(fixture.prompt(invoice, Rail.CHAIN).reason()).isEqualTo("No address is ready");
        fixture.now = fixture.now.plus(RETRY);
        round();
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isFalse();
        await(DATABASE.db().tx(tx -> fixture.invoices.service().mark(tx, marked.id(), InvoiceStatus.INVALID)));
        fixture.chain.poolEmpty = false;
        fixture.now = fixture.now.plus(RETRY);
        round();
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
        assertThat(fixture.prompt(marked, Rail.CHAIN).isActive()).isFalse();
        assertThat(fixture.chain.reserved.get()).isEqualTo(1);
    }

    @Test
    void expiredInvoiceCanBePaidLateForAnHourAndIsThenWithdrawn() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.now = invoice.expiresAt().plusSeconds(1);
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
        fixture.now = invoice.expiresAt().plus(Duration.ofMinutes(59));
        round();
        assertThat(lightning(invoice).isActive()).isTrue();
        fixture.now = invoice.expiresAt().plus(Duration.ofMinutes(61));
        round();
        assertThat(lightning(invoice).state()).isEqualTo(Prompt.State.CLOSED);
        assertThat(fixture.lightning.cancelled).contains(lightning(invoice).paymentHash());
    }

    /** Becoming active changes its invoice too, but nothing that the node must hear. */
    @Test
    void promptOfANewInvoiceRests() {
        Invoice invoice = fixture.create("USD", "10");
        assertThat(lightning(invoice).isActive()).isTrue();
        var due = await(DATABASE.db()
                .read(
                        "select look_at from invoice_prompt where invoice_id = $1 and rail = 'BTC-LN'",
                        invoice.id().value()));
        assertThat(due.iterator().next().getOffsetDateTime(0).toInstant()).isAfter(invoice.expiresAt());
    }

    @Test
    void partOnChainThatIsTakenBackIsAskedForAgain() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT / 2, UNCONFIRMED, true));
        rounds();
        assertThat(lightning(invoice).amount()).isEqualTo(Msat.ofSat(DUE_SAT / 2));
        takeBack(invoice, DUE_SAT / 2);
        assertThat(lightning(invoice).amount()).isEqualTo(Msat.ofSat(DUE_SAT));
        assertThat(lightning(invoice).isActive()).isTrue();
    }

    @Test
    void lightningIsOfferedAgainWhereThePaymentOnChainIsTakenBack() {
        Invoice invoice = fixture.create("USD", "10");
        Invoice other = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, true));
        fixture.chain(100, fixture.output(other, 2, DUE_SAT, UNCONFIRMED, true));
        rounds();
        assertThat(lightning(invoice).state()).isEqualTo(Prompt.State.CLOSED);
        takeBack(invoice, DUE_SAT);
        assertThat(lightning(invoice).isActive()).isTrue();
        assertThat(lightning(invoice).amount()).isEqualTo(Msat.ofSat(DUE_SAT));
        assertThat(lightning(other).state()).isEqualTo(Prompt.State.CLOSED);
        fixture.settle(invoice, Msat.ofSat(DUE_SAT).value());
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    private void takeBack(Invoice invoice, long sat) {
        fixture.chain(100, fixture.output(invoice, 1, sat, new State.Conflicted("f".repeat(64), null), true));
        rounds();
        assertThat(fixture.state(invoice)).isEqualTo("New");
    }

    private void rounds() {
        for (int i = 0; i < 4; i++) {
            fixture.now = fixture.now.plus(RETRY);
            round();
        }
    }

    @Test
    void withdrawalThatFailedIsTriedAgain() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.lightning.dead.add(
                new dev.sluice.lightning.NodeId(lightning(invoice).source()));
        await(DATABASE.db().tx(tx -> fixture.invoices.service().mark(tx, invoice.id(), InvoiceStatus.INVALID)));
        round();
        assertThat(lightning(invoice).state()).isEqualTo(Prompt.State.CLOSING);
        fixture.lightning.dead.clear();
        round();
        assertThat(lightning(invoice).state()).as("its turn has not come again").isEqualTo(Prompt.State.CLOSING);
        fixture.now = fixture.now.plus(RETRY);
        round();
        assertThat(lightning(invoice).state()).isEqualTo(Prompt.State.CLOSED);
    }
}
