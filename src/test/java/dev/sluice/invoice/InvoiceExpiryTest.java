package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static dev.sluice.invoice.InvoiceFixture.UNCONFIRMED;
import static dev.sluice.invoice.InvoiceFixture.confirmed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Account;
import dev.sluice.lightning.SettleSink;
import dev.sluice.store.Rail;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class InvoiceExpiryTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);
    private final Account owed = Account.store(fixture.store);

    @Test
    void invoiceExpiresOnlyWhenEveryRailWasReadBeyondItsExpiry() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.chain.tip = Optional.empty();
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("New");
        fixture.chain.tip = Optional.of(
                new dev.sluice.chain.ChainService.Tip(1, InvoiceFixture.GENESIS, Instant.EPOCH, fixture.now));
        fixture.lightning.down = true;
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("New");
        fixture.lightning.down = false;
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
        assertThat(fixture.events(invoice)).endsWith("InvoiceExpired");
    }

    /** The node's own answer after the moment is enough; a closed prompt is not asked for: there the stream counts. */
    @Test
    void answerOfTheNodeIsEnoughUnlessAPromptIsClosed() {
        fixture.lightning.caughtUpAt = Optional.empty();
        Invoice asked = fixture.create("USD", "10");
        Invoice closed = fixture.create("USD", "10");
        String close = "update invoice_prompt set state = 'closed' where invoice_id = $1 and rail = 'BTC-LN'";
        await(DATABASE.db().write(close, Tuple.of(closed.id().value())));
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        assertThat(fixture.state(asked)).isEqualTo("Expired");
        assertThat(fixture.state(closed)).isEqualTo("New");
        fixture.lightning.caughtUpAt = Optional.of(closed.expiresAt().minusSeconds(1));
        fixture.passTime();
        assertThat(fixture.state(closed)).isEqualTo("New");
        fixture.lightning.caughtUpAt = Optional.of(Instant.MAX);
        fixture.passTime();
        assertThat(fixture.state(closed)).isEqualTo("Expired");
    }

    /** A node that answers nobody's questions delays its own store's invoices only, and is not asked at every look. */
    @Test
    void silentNodeKeepsNoOthersWaiting() {
        Invoice theirs = fixture.create("USD", "10");
        Invoice others = fixture.create("USD", "10");
        moveToNode(theirs, "silent");
        PaymentHash silent = fixture.prompt(theirs, Rail.LIGHTNING).paymentHash();
        AtomicInteger asked = new AtomicInteger();
        fixture.lightning.answer = hash -> {
            if (!hash.equals(silent)) {
                return Future.succeededFuture();
            }
            asked.incrementAndGet();
            return Promise.<Void>promise().future();
        };
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        assertThat(fixture.state(others)).isEqualTo("Expired");
        assertThat(fixture.state(theirs)).isEqualTo("New");
        fixture.passTime();
        assertThat(asked).hasValue(1);
        fixture.lightning.answer = hash -> Future.succeededFuture();
        fixture.now = fixture.now.plusSeconds(11);
        fixture.passTime();
        assertThat(fixture.state(theirs)).isEqualTo("Expired");
    }

    private static void moveToNode(Invoice invoice, String node) {
        String sql = "update invoice_prompt set source = $2 where invoice_id = $1 and rail = 'BTC-LN'";
        await(DATABASE.db().write(sql, Tuple.of(invoice.id().value(), node)));
    }

    @Test
    void paymentMadeInTimeButReadLateIsNotLate() {
        Invoice invoice = fixture.create("USD", "10");
        Instant inTime = fixture.now.plusSeconds(60);
        fixture.now = fixture.now.plus(Duration.ofHours(5));
        fixture.settle(fixture.prompt(invoice, Rail.LIGHTNING).paymentHash(), DUE_SAT * 1000, inTime);
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    @Test
    void latePaymentsAreRecordedOnBothRails() {
        Invoice onLightning = fixture.create("USD", "10");
        Invoice onChain = fixture.create("USD", "10");
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        fixture.settle(onLightning, DUE_SAT * 1000);
        fixture.chain(100, fixture.output(onChain, 1, DUE_SAT / 2, UNCONFIRMED, false));
        assertThat(fixture.state(onLightning)).isEqualTo("Expired/PaidLate");
        assertThat(fixture.state(onChain)).isEqualTo("Expired/PaidPartial");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
        assertThat(fixture.events(onLightning))
                .contains("InvoicePaidAfterExpiration")
                .doesNotContain("InvoiceSettled");
    }

    /** We know that it was paid and cannot write it yet: time decides nothing. */
    @Test
    void invoiceWhosePaymentIsSetAsideDoesNotExpire() {
        Invoice invoice = fixture.create("USD", "10");
        Prompt prompt = fixture.prompt(invoice, Rail.LIGHTNING);
        String key = prompt.paymentHash().hex();
        String kind = SettleSink.SET_ASIDE + prompt.source();
        SetAside.Fact fact = new SetAside.Fact(key, new JsonObject());
        await(fixture.database.db().tx(tx -> SetAside.put(tx, kind, fact, new IllegalStateException(), fixture.now)));
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("New");
        await(fixture.database.db().tx(tx -> SetAside.remove(tx, kind, key)));
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Expired");
    }

    @Test
    void nodeWhoseClockRunsAheadMakesNoPaymentLate() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.settle(
                fixture.prompt(invoice, Rail.LIGHTNING).paymentHash(),
                DUE_SAT * 1000,
                fixture.now.plus(Duration.ofMinutes(20)));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    @Test
    void settledInvoiceIsNotGivenUpWhileItsBlockIsTakenOff() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
        fixture.now = fixture.now.plus(Duration.ofDays(2));
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Processing");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Settled");
    }

    @Test
    void latePaymentOfAnInvoiceNotYetExpiredExpiresItFirst() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.settle(invoice, DUE_SAT * 1000);
        assertThat(fixture.state(invoice)).isEqualTo("Expired/PaidLate");
        assertThat(fixture.events(invoice)).contains("InvoiceExpired", "InvoicePaidAfterExpiration");
    }

    @Test
    void confirmationOfALatePaymentIsNoSecondLateness() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Expired/PaidLate");
        assertThat(fixture.events(invoice)).containsOnlyOnce("InvoiceExpired", "InvoicePaidAfterExpiration");
    }

    @Test
    void unconfirmedPaymentBecomesInvalidAfterMonitoringAndIsShownLateWhenItConfirms() {
        Invoice invoice = fixture.create("USD", "10");
        fixture.chain(100, fixture.output(invoice, 1, DUE_SAT, UNCONFIRMED, false));
        fixture.now = fixture.now.plus(Duration.ofDays(2));
        fixture.passTime();
        assertThat(fixture.state(invoice)).isEqualTo("Invalid");
        fixture.chain(101, fixture.output(invoice, 1, DUE_SAT, confirmed(101), false));
        assertThat(fixture.state(invoice)).isEqualTo("Invalid/PaidLate");
        assertThat(fixture.balance(owed)).isEqualTo(DUE_SAT * 1000);
    }
}
