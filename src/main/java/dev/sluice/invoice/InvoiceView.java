package dev.sluice.invoice;

import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.store.Rail;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Invoices as the API and the checkout show them: Greenfield's fields, money as decimal strings, times in Unix
 * seconds.
 */
final class InvoiceView {
    /** Methods that the invoice does not offer, in its checkout options: id to reason. */
    static final String LEFT_OUT = "leftOutPaymentMethods";

    private InvoiceView() {}

    /** An invoice with what belongs to it. */
    record Whole(Invoice invoice, List<Prompt> prompts, List<Payment> payments) {
        Whole {
            prompts = List.copyOf(prompts);
            payments = List.copyOf(payments);
        }

        /** The invoice with its rows, and what stands for the methods that it does not offer. */
        static Whole of(Invoice invoice, List<Prompt> rows, List<Payment> payments) {
            List<Prompt> all = new ArrayList<>(rows);
            for (Map.Entry<String, Object> left : invoice.checkout().getJsonObject(LEFT_OUT, new JsonObject())) {
                all.add(Prompt.leftOut(
                        invoice, Rail.of(left.getKey()), left.getValue().toString()));
            }
            return new Whole(invoice, all, payments);
        }

        /** The prompt of a rail that is shown: the newest. */
        Optional<Prompt> prompt(Rail rail) {
            return prompts.stream().filter(p -> p.rail() == rail).max(Comparator.comparingInt(Prompt::generation));
        }
    }

    /** {@code InvoiceData} of Greenfield. */
    static JsonObject invoice(Invoice invoice, String publicUrl) {
        JsonArray markable = new JsonArray();
        InvoiceMachine.markable(invoice.state()).forEach(s -> markable.add(s.apiName()));
        return new JsonObject()
                .put("id", invoice.id().value())
                .put("storeId", invoice.store().value())
                .put("amount", amount(invoice))
                .put("paidAmount", paidAmount(invoice))
                .put("currency", invoice.rate().currency().code())
                .put("type", invoice.kind().apiName())
                .put("checkoutLink", publicUrl + "/i/" + invoice.id())
                .put("createdTime", invoice.createdAt().getEpochSecond())
                .put("expirationTime", invoice.expiresAt().getEpochSecond())
                .put("monitoringExpiration", invoice.monitorUntil().getEpochSecond())
                .put("status", invoice.state().status().apiName())
                .put("additionalStatus", invoice.state().additional().apiName())
                .put("availableStatusesForManualMarking", markable)
                .put("archived", invoice.archived())
                .put("metadata", invoice.metadata())
                .put("checkout", invoice.checkout())
                .put("receipt", receipt(invoice.receipt()))
                .put("version", invoice.version());
    }

    /** What the invoice says of its receipt; null leaves it to the store. */
    private static JsonObject receipt(JsonObject wishes) {
        JsonObject out = new JsonObject();
        List.of("enabled", "showQR", "showPayments").forEach(name -> out.put(name, wishes.getValue(name)));
        return out;
    }

    /** The list of {@code InvoicePaymentMethodDataModel}. */
    static JsonArray paymentMethods(Whole whole, boolean onlyAccounted, long feeRateSatPerKvb) {
        JsonArray out = new JsonArray();
        for (Rail rail : Rail.values()) {
            whole.prompt(rail)
                    .filter(p -> p.state() != Prompt.State.CLOSED
                            || p.isLeftOut()
                            || hasPayments(whole, rail)
                            || !isOpen(whole.invoice()))
                    .ifPresent(p -> out.add(method(whole, p, onlyAccounted, feeRateSatPerKvb)));
        }
        if (hasPayments(whole, Rail.CARD)) {
            out.add(byCard(whole));
        }
        return out;
    }

    /** What cards paid; there is nothing to pay to, so the entry appears with the first payment. */
    private static JsonObject byCard(Whole whole) {
        List<Payment> paid =
                whole.payments().stream().filter(p -> p.rail() == Rail.CARD).toList();
        JsonArray payments = new JsonArray();
        paid.forEach(p -> payments.add(payment(p)));
        Invoice invoice = whole.invoice();
        return new JsonObject()
                .put("paymentMethodId", Rail.CARD.methodId())
                .put("currency", "BTC")
                .putNull("destination")
                .putNull("paymentLink")
                .put("rate", plain(invoice.rate().perBtc()))
                .put("paymentMethodPaid", btc(paid(paid).value()))
                .put("totalPaid", btc(paid(whole.payments()).value()))
                .put("due", btc(invoice.remaining().value()))
                .put("amount", btc(invoice.due() == null ? 0 : invoice.due().value()))
                .put("paymentMethodFee", btc(0))
                .put("activated", false)
                .put("payments", payments)
                .put("additionalData", new JsonObject());
    }

    private static JsonObject method(Whole whole, Prompt prompt, boolean onlyAccounted, long feeRateSatPerKvb) {
        Invoice invoice = whole.invoice();
        Rail rail = prompt.rail();
        Msat railPaid =
                paid(whole.payments().stream().filter(p -> p.rail() == rail).toList());
        JsonArray payments = new JsonArray();
        whole.payments().stream()
                .filter(p -> p.rail() == rail && (p.isAccounted() || !onlyAccounted))
                .forEach(p -> payments.add(payment(p)));
        JsonObject out = new JsonObject()
                .put("paymentMethodId", rail.methodId())
                .put("currency", "BTC")
                .put("destination", prompt.destination())
                .put("paymentLink", paymentLink(whole, rail))
                .put("rate", plain(invoice.rate().perBtc()))
                .put("paymentMethodPaid", btc(railPaid.value()))
                .put("totalPaid", btc(paid(whole.payments()).value()))
                .put("due", btc(due(whole, rail)))
                .put(
                        "amount",
                        btc(rounded(invoice.due() == null ? 0 : invoice.due().value(), rail)))
                .put(
                        "paymentMethodFee",
                        btc(rail == Rail.CHAIN ? invoice.nextChainFee().value() : 0))
                .put("activated", prompt.isActive())
                .put("payments", payments);
        if (prompt.reason() != null && !prompt.isActive()) {
            out.put("unavailableReason", prompt.reason());
        }
        return out.put("additionalData", additionalData(prompt, invoice, feeRateSatPerKvb));
    }

    private static JsonObject additionalData(Prompt prompt, Invoice invoice, long feeRateSatPerKvb) {
        return switch (prompt.rail()) {
            case CHAIN ->
                new JsonObject()
                        .put("keyPath", prompt.keyPath())
                        .put("payjoinEnabled", false)
                        .putNull("accountDerivation")
                        .put("recommendedFeeRate", plain(BigDecimal.valueOf(feeRateSatPerKvb, 3)))
                        .put(
                                "paymentMethodFeeRate",
                                plain(BigDecimal.valueOf(invoice.chainFee().satFloor(), 2)));
            case LIGHTNING ->
                new JsonObject()
                        .put(
                                "paymentHash",
                                prompt.paymentHash() == null
                                        ? null
                                        : prompt.paymentHash().hex());
            case CARD -> throw prompt.rail().isNotSetUp();
        };
    }

    /** {@code Payment} of Greenfield. */
    static JsonObject payment(Payment payment) {
        return new JsonObject()
                .put("id", payment.id())
                .put("receivedDate", payment.receivedAt().getEpochSecond())
                .put("value", btc(payment.value().value()))
                .put("fee", btc(payment.fee().value()))
                .put("status", payment.status().apiName())
                .put("destination", payment.destination());
    }

    /** What the checkout page and pollers read; the same for everyone, so that it can be cached. */
    static JsonObject status(Whole whole) {
        Invoice invoice = whole.invoice();
        JsonArray rails = new JsonArray();
        for (Rail rail : Rail.values()) {
            whole.prompt(rail)
                    .filter(p -> p.state() != Prompt.State.CLOSED || p.isLeftOut())
                    .ifPresent(p -> rails.add(new JsonObject()
                            .put("paymentMethodId", rail.methodId())
                            .put("destination", p.isActive() ? p.destination() : null)
                            .put("paymentLink", p.isActive() ? paymentLink(whole, rail) : null)
                            .put("due", btc(due(whole, rail)))
                            .put("activated", p.isActive())
                            .put("lazy", p.state() == Prompt.State.LAZY)
                            .put("unavailableReason", p.isActive() ? null : p.reason())));
        }
        return new JsonObject()
                .put("invoiceId", invoice.id().value())
                .put("status", invoice.state().status().apiName())
                .put("additionalStatus", invoice.state().additional().apiName())
                .put("version", invoice.version())
                .put("amount", amount(invoice))
                .put("currency", invoice.rate().currency().code())
                .put("paid", btc(invoice.paid().value()))
                .put("settled", btc(settled(whole.payments()).value()))
                .put("due", btc(invoice.remaining().value()))
                .put("expirationTime", invoice.expiresAt().getEpochSecond())
                .put("paymentLink", unifiedLink(whole))
                .put("paymentMethods", rails);
    }

    /** The URI of a rail: the on-chain one carries the Lightning invoice too (BIP 21, {@code lightning=}). */
    static @Nullable String paymentLink(Whole whole, Rail rail) {
        return switch (rail) {
            case CHAIN -> unifiedLink(whole);
            case LIGHTNING ->
                active(whole, Rail.LIGHTNING)
                        .map(p -> "lightning:" + p.destination())
                        .orElse(null);
            case CARD -> null;
        };
    }

    /** One URI for every active rail, or null where none is. */
    static @Nullable String unifiedLink(Whole whole) {
        Optional<String> address = active(whole, Rail.CHAIN).map(Prompt::destination);
        Optional<String> bolt11 = active(whole, Rail.LIGHTNING).map(Prompt::destination);
        if (address.isEmpty()) {
            return bolt11.map(b -> "lightning:" + b).orElse(null);
        }
        long due = due(whole, Rail.CHAIN);
        String amount = due > 0 ? "amount=" + btc(due) : "";
        String lightning = bolt11.map(b -> "lightning=" + b).orElse("");
        String query = amount + (amount.isEmpty() || lightning.isEmpty() ? "" : "&") + lightning;
        return "bitcoin:" + address.get() + (query.isEmpty() ? "" : "?" + query);
    }

    static String amount(Invoice invoice) {
        return invoice.amount() == null ? "0" : decimal(invoice.amount());
    }

    /** What is left to pay on a rail in msat, with the rail's fee; negative when over-paid. */
    static long due(Whole whole, Rail rail) {
        Invoice invoice = whole.invoice();
        if (invoice.due() == null) {
            return 0;
        }
        long left = invoice.due().value() - invoice.paid().value();
        if (left < 0 && left > -Msat.PER_SAT) {
            return 0; // on-chain amounts are whole satoshi: nothing is owed either way
        }
        return left <= 0 || rail == Rail.LIGHTNING
                ? left
                : rounded(left + invoice.nextChainFee().value(), rail);
    }

    static String btc(long msat) {
        return plain(BigDecimal.valueOf(msat, 11));
    }

    private static String paidAmount(Invoice invoice) {
        BigDecimal worth = invoice.rate().toCurrency(invoice.paid());
        return plain(worth.setScale(invoice.rate().currency().exponent(), RoundingMode.HALF_UP));
    }

    private static String decimal(Money money) {
        return money.currency().isBitcoin()
                ? plain(money.decimal())
                : money.decimal().toPlainString();
    }

    static String plain(BigDecimal value) {
        return value.signum() == 0 ? "0" : value.stripTrailingZeros().toPlainString();
    }

    /** On chain nothing smaller than a satoshi can be asked for. */
    private static long rounded(long msat, Rail rail) {
        return rail == Rail.CHAIN ? Math.ceilDiv(msat, Msat.PER_SAT) * Msat.PER_SAT : msat;
    }

    private static Msat paid(List<Payment> payments) {
        return sum(payments, Payment::isAccounted);
    }

    /** What is settled by the invoice's speed policy. */
    private static Msat settled(List<Payment> payments) {
        return sum(payments, payment -> payment.status() == Payment.Status.SETTLED);
    }

    private static Msat sum(List<Payment> payments, Predicate<Payment> which) {
        return payments.stream().filter(which).map(Payment::value).reduce(Msat.ZERO, Msat::plus);
    }

    private static boolean hasPayments(Whole whole, Rail rail) {
        return whole.payments().stream().anyMatch(p -> p.rail() == rail);
    }

    private static boolean isOpen(Invoice invoice) {
        return invoice.state().status() == InvoiceStatus.NEW;
    }

    private static Optional<Prompt> active(Whole whole, Rail rail) {
        return isOpen(whole.invoice()) ? whole.prompt(rail).filter(Prompt::isActive) : Optional.empty();
    }
}
