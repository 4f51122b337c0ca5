package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a person can find an invoice by. */
class InvoiceSearchTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);
    private final Invoice invoice = fixture.create(new CreateInvoice(
            Currency.of("USD"),
            null,
            new JsonObject().put("orderId", "Order_17%").put("itemDesc", "Green coffee"),
            CreateInvoice.Checkout.STORE_DEFAULTS,
            new JsonObject(),
            List.of("Table Nine")));
    private final Invoice other = fixture.create("USD", "1");

    @Test
    void idMetadataAndTermsAreFoundInAnyCaseAndInPart() {
        assertThat(found(invoice.id().value())).containsExactly(invoice.id());
        assertThat(found("green COFF")).containsExactly(invoice.id());
        assertThat(found("table nine")).containsExactly(invoice.id());
        assertThat(found("order_17%")).containsExactly(invoice.id());
        assertThat(found("order 17")).isEmpty();
    }

    @Test
    void addressPaymentHashAndPaymentAreFoundWhole() {
        fixture.settle(other, 100_000);
        String hash = fixture.prompt(other, Rail.LIGHTNING).paymentHash().hex();
        assertThat(found(fixture.prompt(invoice, Rail.CHAIN).destination())).containsExactly(invoice.id());
        assertThat(found(fixture.prompt(invoice, Rail.LIGHTNING).destination())).containsExactly(invoice.id());
        assertThat(found(hash)).containsExactly(other.id());
        assertThat(found(hash.substring(1))).isEmpty();
        fixture.chain(100, fixture.output(invoice, 1, 5_000, InvoiceFixture.UNCONFIRMED, false));
        assertThat(found(fixture.txid(1))).containsExactly(invoice.id());
        assertThat(found(fixture.txid(1) + "-0")).containsExactly(invoice.id());
        assertThat(found(fixture.txid(1) + "-1")).isEmpty();
        assertThat(found(fixture.txid(1).substring(0, 60))).isEmpty();
    }

    @Test
    void newMetadataReplacesTheOldWordsAndKeepsTheTerms() {
        await(DATABASE.db()
                .tx(tx -> fixture.invoices
                        .service()
                        .replaceMetadata(tx, invoice.id(), new JsonObject().put("itemDesc", "Black tea"))));
        assertThat(found("coffee")).isEmpty();
        assertThat(found("black tea")).containsExactly(invoice.id());
        assertThat(found("table nine")).containsExactly(invoice.id());
    }

    private List<InvoiceId> found(String text) {
        InvoiceFilter filter = new InvoiceFilter(
                fixture.store,
                List.of(),
                List.of(),
                Optional.of(text),
                Optional.empty(),
                Optional.empty(),
                false,
                0,
                10);
        return await(fixture.invoices.service().list(filter)).stream()
                .map(Invoice::id)
                .toList();
    }
}
