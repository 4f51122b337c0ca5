package dev.sluice.ui;

import dev.sluice.invoice.AdditionalStatus;
import dev.sluice.invoice.Checkout;
import dev.sluice.invoice.InvoiceStatus;
import dev.sluice.store.Rail;
import dev.sluice.store.Receipt;
import dev.sluice.store.StoreSettings;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What the checkout template shows.
 *
 * @param chosen the rail whose QR is shown, or empty for the unified one
 * @param address of this page's invoice, as it is reached from outside
 * @param now by our clock: that of a buyer's phone may be hours off
 * @param simulated whether every page must say that no real money moves
 */
public record CheckoutModel(
        Checkout invoice,
        Texts texts,
        Optional<Rail> chosen,
        StoreSettings store,
        String address,
        Instant now,
        boolean simulated,
        String style,
        Optional<String> brandStyle,
        String script) {
    /** In place of a rail in the page's path: the code of all, also where the invoice prefers one. */
    private static final String UNIFIED = "any";

    /** The rail of the page's path; without one that which the invoice prefers, while it can be paid. */
    static Optional<Rail> chosen(Optional<String> path, Checkout invoice) {
        return path.isPresent()
                ? path.flatMap(Rail::find)
                : invoice.defaultRail()
                        .filter(rail -> invoice.options().stream()
                                .anyMatch(o -> o.rail() == rail && o.link().isPresent()));
    }

    public String t(String key) {
        return texts.get(key);
    }

    public String title() {
        return store.htmlTitle().orElseGet(() -> texts.get("title").replace("{0}", store.name()));
    }

    public String lang() {
        return texts.language();
    }

    public boolean isOpen() {
        return invoice.state().status() == InvoiceStatus.NEW;
    }

    public boolean isFinal() {
        return switch (invoice.state().status()) {
            case NEW, PROCESSING -> false;
            case EXPIRED, INVALID, SETTLED -> true;
        };
    }

    public boolean isPaid() {
        return invoice.state().status() == InvoiceStatus.SETTLED;
    }

    /** Class of the page, for colours. */
    public String statusClass() {
        return invoice.state().status().name().toLowerCase(Locale.ROOT);
    }

    /** Given up by the store before anybody paid. */
    private boolean isCancelled() {
        return invoice.state().status() == InvoiceStatus.INVALID
                && invoice.state().additional() == AdditionalStatus.MARKED
                && invoice.payments().isEmpty();
    }

    public String headline() {
        return switch (invoice.state().status()) {
            case NEW -> t("state.waiting");
            case PROCESSING -> t("state.processing");
            case SETTLED -> t("state.settled");
            case EXPIRED -> t("state.expired");
            case INVALID -> t(isCancelled() ? "state.cancelled" : "state.invalid");
        };
    }

    /** A sentence more about the state; empty where the headline says it all. */
    public String explanation() {
        AdditionalStatus additional = invoice.state().additional();
        return switch (invoice.state().status()) {
            case NEW -> additional == AdditionalStatus.PAID_PARTIAL ? t("state.partial") : "";
            case PROCESSING -> additional == AdditionalStatus.PAID_OVER ? t("state.over") : "";
            case SETTLED -> additional == AdditionalStatus.PAID_OVER ? t("state.over") : t("state.settled.text");
            case EXPIRED -> expired(additional);
            case INVALID -> t(isCancelled() ? "state.cancelled.text" : "state.invalid.text");
        };
    }

    private String expired(AdditionalStatus additional) {
        return switch (additional) {
            case PAID_LATE -> t("state.expired.late");
            case PAID_PARTIAL -> t("state.expired.partial");
            case NONE, MARKED, INVALID, PAID_OVER -> t("state.expired.text");
        };
    }

    public String railName(Rail rail) {
        return switch (rail) {
            case LIGHTNING -> t("pay.lightning");
            case CHAIN -> t("pay.chain");
            case CARD -> t("pay.card");
        };
    }

    /** What is left to pay on a rail, with its unit. */
    public String due(Checkout.Option option) {
        return option.rail() == Rail.LIGHTNING && store.lightningAmountInSatoshi()
                ? new BigDecimal(option.dueBtc()).movePointRight(8).toPlainString() + " sat"
                : option.dueBtc() + " BTC";
    }

    /**
     * What is left to pay by what the page shows. The code for all rails asks for the amount on chain, which is the
     * higher one where a fee is added or a part of a satoshi is due.
     */
    public String due() {
        List<Checkout.Option> payable =
                shown().stream().filter(o -> o.link().isPresent()).toList();
        return (payable.isEmpty() ? shown() : payable)
                .stream()
                        .max(Comparator.comparing(o -> o.rail() == Rail.CHAIN))
                        .map(this::due)
                        .orElse(invoice.dueBtc() + " BTC");
    }

    /** Why a rail cannot be paid on. What a node said is English: elsewhere the page says no more than that. */
    public String reason(Checkout.Option option) {
        boolean english = lang().equals(Texts.LANGUAGES.getFirst());
        return option.bound()
                .map(bound -> t(bound.least() ? "pay.from" : "pay.up_to").replace("{0}", bound.amount()))
                .or(() -> option.reason().filter(said -> english))
                .orElse(t("pay.unavailable"));
    }

    /** What the script says of a payer's card, by its key. */
    public String cardTexts() {
        return texts.json("tap.", "decline.");
    }

    /** Where the buyer goes from a page that shows nothing more to do. */
    public Optional<String> shop() {
        return invoice.redirectUrl().or(() -> store.website().map(invoice::filled));
    }

    /** Where the buyer asks for help, as a mail address too. */
    public Optional<String> support() {
        return store.supportUrl().map(invoice::filled);
    }

    public String railField(Rail rail) {
        return rail == Rail.LIGHTNING ? t("pay.bolt11") : t("pay.address");
    }

    /** What the buyer's transaction should pay, where it pays that way and the store wants it shown. */
    public Optional<String> fee(Checkout.Option option) {
        return option.rail() == Rail.CHAIN && store.showRecommendedFee()
                ? Optional.of(t("pay.fee") + ": " + invoice.feeRate() + " sat/vB")
                : Optional.empty();
    }

    public String pathOf(Optional<Rail> rail) {
        return "/i/" + invoice.id() + "/" + rail.map(Rail::methodId).orElse(UNIFIED) + "?lang=" + lang();
    }

    /** The chosen rail, or all; also one that cannot be paid now, which says why. */
    public List<Checkout.Option> shown() {
        return invoice.options().stream()
                .filter(o -> chosen.isEmpty() || chosen.get() == o.rail())
                .toList();
    }

    public boolean hasChoice() {
        return invoice.options().stream().filter(o -> o.link().isPresent()).count() > 1;
    }

    /** The URI behind the QR code and the wallet button. */
    public Optional<String> link() {
        return chosen.isEmpty()
                ? invoice.link()
                : shown().stream().flatMap(o -> o.link().stream()).findFirst();
    }

    public String qr() {
        return link().map(uri -> QrSvg.of(forScanner(uri), t("pay.qr"))).orElse("");
    }

    public Receipt receipt() {
        return store.receipt().with(invoice.receipt());
    }

    /** What is not paid has none, nor what a store gives none for. */
    public boolean hasReceipt() {
        return isPaid() && receipt().enabled();
    }

    /** The receipt's own address, to be taken along. */
    public String receiptQr() {
        return QrSvg.of(address + "/receipt", t("receipt.keep"));
    }

    public String expires() {
        return Texts.time(invoice.expiresAt());
    }

    public String created() {
        return Texts.time(invoice.createdAt());
    }

    public String paymentState(Checkout.Received payment) {
        return t("payment." + payment.status().name().toLowerCase(Locale.ROOT));
    }

    /** Upper case only what is bech32, which makes the code coarser; keys and base58 addresses stay as they are. */
    static String forScanner(String uri) {
        int colon = uri.indexOf(':');
        int query = uri.indexOf('?');
        String path = uri.substring(colon + 1, query < 0 ? uri.length() : query);
        String rest = query < 0 ? "" : uri.substring(query);
        int lightning = rest.indexOf("lightning=");
        if (lightning >= 0) {
            int from = lightning + "lightning=".length();
            rest = rest.substring(0, from) + rest.substring(from).toUpperCase(Locale.ROOT);
        }
        boolean bech32 = path.matches("(bc|tb|bcrt)1[a-z0-9]+") || path.startsWith("ln");
        return uri.substring(0, colon + 1) + (bech32 ? path.toUpperCase(Locale.ROOT) : path) + rest;
    }
}
