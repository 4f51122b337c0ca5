package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Currency;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Money;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an invoice takes from its store where the request says nothing. */
class StorePreferencesTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private final InvoiceFixture fixture = new InvoiceFixture(DATABASE);

    private static JsonObject criterion(String method, String amount, String currency, boolean above) {
        return new JsonObject()
                .put("paymentMethodId", method)
                .put("amount", amount)
                .put("currencyCode", currency)
                .put("above", above);
    }

    private void criteria(JsonObject... criteria) {
        fixture.settings.put("paymentMethodCriteria", new JsonArray(List.of(criteria)));
    }

    private static CreateInvoice request(JsonObject metadata, CreateInvoice.Checkout checkout) {
        Money price = Money.of(Currency.USD, BigDecimal.TEN);
        return new CreateInvoice(Currency.USD, price, metadata, checkout, new JsonObject(), List.of());
    }

    private String memo(JsonObject metadata) {
        Invoice invoice = fixture.create(request(metadata, CreateInvoice.Checkout.STORE_DEFAULTS));
        return fixture.lightning.memos.get(
                fixture.prompt(invoice, Rail.LIGHTNING).paymentHash());
    }

    @Test
    void redirectAndFirstMethodComeFromTheStoreUnlessTheRequestSaysSo() {
        fixture.settings.put("redirectAutomatically", true).put("defaultPaymentMethod", "BTC-LN");
        JsonObject checkout = fixture.create("USD", "10").checkout();
        assertThat(checkout.getBoolean("redirectAutomatically")).isTrue();
        assertThat(checkout.getString("defaultPaymentMethod")).isEqualTo("BTC-LN");
        CreateInvoice.Checkout none = CreateInvoice.Checkout.STORE_DEFAULTS;
        CreateInvoice.Checkout own = new CreateInvoice.Checkout(
                none.speedPolicy(),
                none.rails(),
                Optional.of(Rail.CHAIN),
                none.lazy(),
                none.expiration(),
                none.monitoring(),
                none.tolerancePpm(),
                none.redirectUrl(),
                Optional.of(false),
                none.language());
        JsonObject wished = fixture.create(request(new JsonObject(), own)).checkout();
        assertThat(wished.getBoolean("redirectAutomatically")).isFalse();
        assertThat(wished.getString("defaultPaymentMethod")).isEqualTo("BTC-CHAIN");
    }

    /** 10 USD are 20,000 SATS here; a bound itself is admitted. */
    @ParameterizedTest
    @CsvSource({
        "10, USD, true, true",
        "10.01, USD, true, false",
        "10, USD, false, true",
        "9.99, USD, false, false",
        "20000, SATS, true, true",
        "20001, SATS, true, false",
        "0.0002, BTC, false, true",
        "0.00019999, BTC, false, false"
    })
    void methodIsOfferedWhereTheAmountMeetsItsCriterion(String amount, String currency, boolean above, boolean there) {
        criteria(criterion("BTC-LN", amount, currency, above));
        Invoice invoice = fixture.create("USD", "10");
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).isActive()).isEqualTo(there);
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
        assertThat(invoice.checkout().getJsonArray("paymentMethods").contains("BTC-LN"))
                .isEqualTo(there);
    }

    @Test
    void methodLeftOutIsShownWithItsReasonAndStaysOut() {
        criteria(criterion("BTC-LN", "5", "USD", false));
        Invoice invoice = fixture.create("USD", "10");
        String reason = "Only for amounts up to 5 USD";
        InvoiceView.Whole whole = fixture.whole(invoice);
        JsonObject api = InvoiceView.paymentMethods(whole, true, 0).getJsonObject(1);
        assertThat(api.getString("paymentMethodId")).isEqualTo("BTC-LN");
        assertThat(api.getBoolean("activated")).isFalse();
        assertThat(api.getString("unavailableReason")).isEqualTo(reason);
        assertThat(InvoiceView.status(whole).getJsonArray("paymentMethods").encode())
                .contains(reason);
        Checkout.Option option = Checkout.of(whole, 1_000).options().getFirst();
        assertThat(option.rail()).isEqualTo(Rail.LIGHTNING);
        assertThat(option.lazy()).isFalse();
        assertThat(option.reason()).contains(reason);
        assertThat(option.bound()).contains(new AmountBound(false, "5 USD"));
        await(fixture.invoices.service().activate(invoice.id(), Rail.LIGHTNING));
        fixture.now = fixture.now.plus(Duration.ofMinutes(1));
        await(fixture.invoices.keeper().round());
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).isLeftOut()).isTrue();
        assertThat(fixture.lightning.added).isEmpty();
    }

    @Test
    void invoiceWithAMethodLeftOutIsPaidAndExpiresAsAnyOther() {
        criteria(criterion("BTC-CHAIN", "100", "USD", true));
        Invoice paid = fixture.create("USD", "10");
        Invoice expired = fixture.create("USD", "10");
        assertThat(fixture.chain.reserved).hasValue(0);
        fixture.settle(paid, InvoiceFixture.DUE_SAT * 1000);
        assertThat(fixture.state(paid)).isEqualTo("Settled");
        fixture.now = fixture.now.plus(Duration.ofMinutes(16));
        fixture.passTime();
        assertThat(fixture.state(expired)).isEqualTo("Expired");
    }

    @Test
    void withoutARateForTheCriterionTheMethodStays() {
        criteria(criterion("BTC-LN", "1", "EUR", false));
        assertThat(fixture.prompt(fixture.create("USD", "10"), Rail.LIGHTNING).isActive())
                .isFalse();
        fixture.silent.add(Currency.of("EUR"));
        assertThat(fixture.prompt(fixture.create("USD", "10"), Rail.LIGHTNING).isActive())
                .isTrue();
    }

    @Test
    void invoiceOfAnyAmountIsOfferedEverything() {
        criteria(criterion("BTC-LN", "5", "USD", false), criterion("BTC-CHAIN", "5", "USD", true));
        Invoice invoice = fixture.create("USD", null);
        assertThat(fixture.prompt(invoice, Rail.LIGHTNING).isActive()).isTrue();
        assertThat(fixture.prompt(invoice, Rail.CHAIN).isActive()).isTrue();
    }

    @Test
    void amountThatNoMethodTakesIsRefused() {
        criteria(criterion("BTC-LN", "5", "USD", false), criterion("BTC-CHAIN", "50", "USD", true));
        assertThatThrownBy(() -> fixture.create("USD", "10"))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        failure -> assertThat(failure.failure().code()).isEqualTo("invoice-creation-error"));
    }

    @Test
    void walletsReadWhatTheStoreWrites() {
        fixture.settings.put("lightningDescriptionTemplate", "{StoreName}: {ItemDescription} ({OrderId}) {Other}");
        JsonObject metadata =
                new JsonObject().put("itemDesc", "Tea $1 {OrderId}").put("orderId", "7");
        assertThat(memo(metadata)).isEqualTo("Shop: Tea $1 {OrderId} (7) {Other}");
        assertThat(memo(new JsonObject())).isEqualTo("Shop:  () {Other}");
        fixture.settings.put("lightningDescriptionTemplate", "{ItemDescription}");
        assertThat(memo(new JsonObject().put("orderId", "7"))).isEqualTo("Order 7");
        fixture.settings.putNull("lightningDescriptionTemplate");
        assertThat(memo(metadata)).isEqualTo("Tea $1 {OrderId}");
    }

    @Test
    void descriptionEndsWithTheLastCharacterThatFits() {
        assertThat(Memo.bounded("a".repeat(640))).isEqualTo("a".repeat(639));
        assertThat(Memo.bounded("茶".repeat(300))).isEqualTo("茶".repeat(213));
        assertThat(Memo.bounded("🍵".repeat(160))).isEqualTo("🍵".repeat(159));
    }

    @Test
    void privateChannelsAreHintedWhereTheStoreWishes() {
        fixture.create("USD", "10");
        assertThat(fixture.lightning.hinted).isEmpty();
        fixture.settings.put("lightningPrivateRouteHints", true);
        fixture.create("USD", "10");
        assertThat(fixture.lightning.hinted).hasSize(1);
    }
}
