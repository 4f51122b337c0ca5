package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.store.Rail;
import io.vertx.sqlclient.Tuple;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a book sends together is written together, also where a part of it fails while another has more to send. */
class BookTogetherTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);

    /** The accounts exist and the ledger does not know it yet: it sends three statements, one after another. */
    @RepeatedTest(5)
    void nothingOfTheLedgerOutlivesAPaymentThatIsRefused() throws InterruptedException {
        Invoice first = fixture.create("USD", "10");
        fixture.settle(first, InvoiceFixture.DUE_SAT * 1_000);
        Invoice invoice = fixture.create("USD", "10");
        PaymentHash hash = fixture.prompt(invoice, Rail.LIGHTNING).paymentHash();
        Tuple taken = Tuple.of(hash.hex(), first.id().value());
        await(DATABASE.db().write("update payment set id = $1 where invoice_id = $2", taken));
        assertThatThrownBy(() -> fixture.settle(invoice, InvoiceFixture.DUE_SAT * 1_000))
                .hasMessageContaining("a payment belongs to another invoice");
        for (int looks = 0; looks < 5; looks++) {
            assertThat(await(DATABASE.db().read("select 1 from transfer where id = $1", "ln:" + hash.hex())))
                    .isEmpty();
            Thread.sleep(20); // what was sent too late would come now
        }
    }
}
