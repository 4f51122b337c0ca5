package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Msat;
import dev.sluice.store.Rail;
import dev.sluice.store.Store;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

/** What a request makes of an invoice: what it leaves out is the store's. */
final class NewInvoice {
    /** An on-chain payment is spent later by an input of about this size (BTCPay's assumption). */
    private static final long SPEND_VBYTES = 100;

    private NewInvoice() {}

    /**
     * Nothing of it is paid yet.
     *
     * @param now to the millisecond
     */
    static Invoice of(InvoiceService.Draft draft, InvoiceId id, Instant now, long feeRateSatPerKvb) {
        CreateInvoice request = draft.request();
        CreateInvoice.Checkout checkout = request.checkout();
        Store store = draft.store();
        Instant expires = now.plus(checkout.expiration().orElse(store.settings().invoiceExpiration()));
        Msat due = request.amount() == null ? null : draft.rate().toMsat(request.amount());
        int tolerance = checkout.tolerancePpm()
                .orElse(store.settings().paymentTolerance().movePointRight(4).intValue());
        return new Invoice(
                id,
                store.id(),
                request.amount() == null ? Invoice.Kind.TOP_UP : Invoice.Kind.STANDARD,
                request.amount(),
                due,
                draft.rate(),
                tolerance,
                checkout.speedPolicy().orElse(store.settings().speedPolicy()),
                Msat.ofSat(Math.ceilDiv(feeRateSatPerKvb * SPEND_VBYTES, 1_000L)),
                Invoice.FeeMode.of(store.settings().networkFeeMode()),
                InvoiceState.NEW,
                1,
                now,
                expires,
                expires.plus(checkout.monitoring().orElse(store.settings().monitoringExpiration())),
                Msat.ZERO,
                false,
                request.metadata(),
                checkout(draft, now, expires, tolerance),
                request.receipt());
    }

    private static JsonObject checkout(InvoiceService.Draft draft, Instant now, Instant expires, int tolerancePpm) {
        CreateInvoice.Checkout checkout = draft.request().checkout();
        Store store = draft.store();
        JsonArray rails = new JsonArray();
        JsonObject leftOut = new JsonObject();
        draft.offers().forEach(offer -> {
            String methodId = offer.method().rail().methodId();
            if (offer.isOpen()) {
                rails.add(methodId);
            } else {
                leftOut.put(methodId, offer.leftOut());
            }
        });
        JsonObject document = new JsonObject()
                .put(
                        "speedPolicy",
                        checkout.speedPolicy()
                                .orElse(store.settings().speedPolicy())
                                .apiName())
                .put("paymentMethods", rails)
                .put(
                        "defaultPaymentMethod",
                        checkout.defaultRail()
                                .or(store.settings()::defaultRail)
                                .map(Rail::methodId)
                                .orElse(null))
                .put(
                        "lazyPaymentMethods",
                        checkout.lazy().orElse(store.settings().lazyPaymentMethods()))
                .put("expirationMinutes", Duration.between(now, expires).toMinutes())
                .put(
                        "monitoringMinutes",
                        checkout.monitoring()
                                .orElse(store.settings().monitoringExpiration())
                                .toMinutes())
                .put("paymentTolerance", BigDecimal.valueOf(tolerancePpm, 4).stripTrailingZeros())
                .put("redirectURL", checkout.redirectUrl().orElse(null))
                .put(
                        "redirectAutomatically",
                        checkout.redirectAutomatically().orElse(store.settings().redirectAutomatically()))
                .put("defaultLanguage", checkout.language().orElse(null));
        return leftOut.isEmpty() ? document : document.put(InvoiceView.LEFT_OUT, leftOut);
    }
}
