package dev.sluice.invoice;

import dev.sluice.kernel.Currency;
import dev.sluice.store.Placeholders;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * An invoice as its buyer sees it: chosen field by field, so that nothing of the store leaks into a public page.
 *
 * @param amount with its currency, {@code 10.00 USD}; {@code 0} for an unpaid top-up
 * @param dueBtc what is left to pay over Lightning in bitcoin, not negative; each option has its own
 * @param rate {@code 1 BTC = 60000 USD}; empty where the price is in bitcoin
 * @param link one URI for every active rail
 * @param defaultRail the one to show first
 * @param feeRate sat/vB that a transaction should pay now, a decimal
 * @param receipt what it says of its receipt; the rest is left to the store
 */
public record Checkout(
        String id,
        String storeId,
        InvoiceState state,
        long version,
        boolean topUp,
        String amount,
        String dueBtc,
        String paidBtc,
        Optional<String> rate,
        Instant createdAt,
        Instant expiresAt,
        Optional<String> orderId,
        Optional<String> description,
        Optional<String> link,
        List<Option> options,
        List<Received> payments,
        Optional<String> redirectUrl,
        boolean redirectAutomatically,
        Optional<Rail> defaultRail,
        Optional<String> language,
        String feeRate,
        JsonObject receipt) {
    public Checkout {
        options = List.copyOf(options);
        payments = List.copyOf(payments);
    }

    /**
     * A rail to choose; {@code link} and {@code destination} are there while it can be paid, else {@code reason} may
     * be, an English sentence, and {@code bound}, where that is the invoice's amount.
     */
    public record Option(
            Rail rail,
            Optional<String> destination,
            Optional<String> link,
            String dueBtc,
            boolean lazy,
            Optional<String> reason,
            Optional<AmountBound> bound) {}

    /** A payment that arrived. */
    public record Received(Rail rail, String id, String valueBtc, Payment.Status status) {}

    static Checkout of(InvoiceView.Whole whole, long feeRateSatPerKvb) {
        Invoice invoice = whole.invoice();
        String order = InvoiceRepository.orderId(invoice.metadata());
        JsonObject wishes = invoice.checkout();
        return new Checkout(
                invoice.id().value(),
                invoice.store().value(),
                invoice.state(),
                invoice.version(),
                invoice.due() == null,
                InvoiceView.amount(invoice) + " " + invoice.rate().currency().code(),
                InvoiceView.btc(Math.max(0, InvoiceView.due(whole, Rail.LIGHTNING))),
                InvoiceView.btc(invoice.paid().value()),
                rate(invoice),
                invoice.createdAt(),
                invoice.expiresAt(),
                Optional.ofNullable(order),
                Optional.ofNullable(invoice.metadata().getValue("itemDesc")).map(Object::toString),
                Optional.ofNullable(InvoiceView.unifiedLink(whole)),
                options(whole),
                whole.payments().stream()
                        .filter(Payment::isAccounted)
                        .map(p -> new Received(
                                p.rail(), p.id(), InvoiceView.btc(p.value().value()), p.status()))
                        .toList(),
                Optional.ofNullable(wishes.getString("redirectURL"))
                        .map(url -> Placeholders.fill(
                                url,
                                invoice.id().value(),
                                encoded(order),
                                invoice.state().status().apiName())),
                wishes.getBoolean("redirectAutomatically", false),
                Optional.ofNullable(wishes.getString("defaultPaymentMethod")).flatMap(Rail::find),
                Optional.ofNullable(wishes.getString("defaultLanguage")),
                InvoiceView.plain(BigDecimal.valueOf(feeRateSatPerKvb, 3)),
                invoice.receipt());
    }

    private static Optional<String> rate(Invoice invoice) {
        Currency currency = invoice.rate().currency();
        return currency.isBitcoin()
                ? Optional.empty()
                : Optional.of("1 BTC = " + InvoiceView.plain(invoice.rate().perBtc()) + " " + currency.code());
    }

    private static List<Option> options(InvoiceView.Whole whole) {
        return List.of(Rail.LIGHTNING, Rail.CHAIN).stream()
                .flatMap(rail -> whole.prompt(rail).stream())
                .filter(prompt -> prompt.isLeftOut()
                        || prompt.state() != Prompt.State.CLOSED && prompt.state() != Prompt.State.CLOSING)
                .map(prompt -> new Option(
                        prompt.rail(),
                        Optional.ofNullable(prompt.destination()).filter(d -> prompt.isActive()),
                        Optional.ofNullable(ownLink(whole, prompt)).filter(d -> prompt.isActive()),
                        InvoiceView.btc(Math.max(0, InvoiceView.due(whole, prompt.rail()))),
                        prompt.state() == Prompt.State.LAZY,
                        Optional.ofNullable(prompt.reason()),
                        Optional.ofNullable(prompt.reason()).flatMap(AmountBound::of)))
                .toList();
    }

    /** The URI of one rail alone, for wallets that stumble over a unified one. */
    private static @org.jspecify.annotations.Nullable String ownLink(InvoiceView.Whole whole, Prompt prompt) {
        return switch (prompt.rail()) {
            case LIGHTNING -> InvoiceView.paymentLink(whole, Rail.LIGHTNING);
            case CARD -> throw prompt.rail().isNotSetUp();
            case CHAIN -> {
                long due = InvoiceView.due(whole, Rail.CHAIN);
                yield "bitcoin:" + prompt.destination() + (due > 0 ? "?amount=" + InvoiceView.btc(due) : "");
            }
        };
    }

    /** An address of the shop, with what it says of this invoice in the place of its placeholders. */
    public String filled(String url) {
        return Placeholders.fill(url, id, encoded(orderId.orElse(null)));
    }

    /** For paths and mail addresses too, where a plus is a plus. */
    private static String encoded(@org.jspecify.annotations.Nullable String text) {
        return text == null
                ? ""
                : java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8)
                        .replace("+", "%20");
    }
}
