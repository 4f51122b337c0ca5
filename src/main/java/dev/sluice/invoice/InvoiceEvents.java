package dev.sluice.invoice;

import dev.sluice.eventlog.Event;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is announced of an invoice: BTCPay's webhook kinds and fields, and the amounts its receivers miss there. */
final class InvoiceEvents {
    static final String CREATED = "InvoiceCreated";
    static final String RECEIVED_PAYMENT = "InvoiceReceivedPayment";
    static final String PAYMENT_SETTLED = "InvoicePaymentSettled";
    static final String PROCESSING = "InvoiceProcessing";
    static final String SETTLED = "InvoiceSettled";
    static final String EXPIRED = "InvoiceExpired";
    static final String EXPIRED_PAID_PARTIAL = "InvoiceExpiredPaidPartial";
    static final String PAID_AFTER_EXPIRATION = "InvoicePaidAfterExpiration";
    static final String INVALID = "InvoiceInvalid";
    /** Ours: a payment fell back from a block, or was double-spent. */
    static final String PAYMENT_UNCONFIRMED = "InvoicePaymentUnconfirmed";

    static final String PAYMENT_INVALID = "InvoicePaymentInvalid";
    /** Internal: something else changed; listeners of the invoice look again. */
    static final String CHANGED = "invoice.changed";

    private InvoiceEvents() {}

    static Event of(Instant at, String kind, Invoice invoice, JsonObject extra) {
        JsonObject body = new JsonObject()
                .put("invoiceId", invoice.id().value())
                .put("metadata", invoice.metadata())
                .put("amount", InvoiceView.amount(invoice))
                .put("currency", invoice.rate().currency().code())
                .put("status", invoice.state().status().apiName())
                .put("additionalStatus", invoice.state().additional().apiName())
                .mergeIn(extra);
        return new Event(at, kind, invoice.store(), Invoice.subject(invoice.id()), invoice.version(), body);
    }

    static Event ofPayment(Instant at, String kind, Invoice invoice, Payment payment) {
        JsonObject extra = new JsonObject()
                .put("afterExpiration", payment.late())
                .put("paymentMethodId", payment.rail().methodId())
                .put("payment", InvoiceView.payment(payment));
        return of(at, kind, invoice, extra);
    }

    /** The events of a step from one state to another; {@code after} carries the new state. */
    static List<Event> ofStep(Instant at, InvoiceState from, Invoice after) {
        List<Event> events = new ArrayList<>();
        InvoiceState to = after.state();
        boolean moved = from.status() != to.status();
        boolean over = to.additional() == AdditionalStatus.PAID_OVER;
        boolean late = to.additional() == AdditionalStatus.PAID_LATE && from.additional() != AdditionalStatus.PAID_LATE;
        switch (to.status()) {
            case PROCESSING -> {
                if (moved) {
                    events.add(of(at, PROCESSING, after, new JsonObject().put("overPaid", over)));
                }
            }
            case SETTLED -> settled(at, from, after, over, moved, events);
            case EXPIRED -> expired(at, after, moved, late, events);
            case INVALID -> {
                if (moved) {
                    events.add(of(at, INVALID, after, new JsonObject().put("manuallyMarked", to.isMarked())));
                } else if (late) {
                    events.add(of(at, PAID_AFTER_EXPIRATION, after, new JsonObject()));
                }
            }
            case NEW -> {
                // falling back to New is told by the payment's own event
            }
        }
        return events;
    }

    private static void settled(
            Instant at, InvoiceState from, Invoice after, boolean over, boolean moved, List<Event> events) {
        if (!moved) {
            return;
        }
        boolean marked = after.state().isMarked();
        if (from.status() == InvoiceStatus.NEW && !marked) {
            Invoice between = after.withState(
                    new InvoiceState(InvoiceStatus.PROCESSING, after.state().additional()));
            events.add(of(at, PROCESSING, between, new JsonObject().put("overPaid", over)));
        }
        events.add(of(
                at,
                SETTLED,
                after,
                new JsonObject().put("manuallyMarked", marked).put("overPaid", over)));
    }

    private static void expired(Instant at, Invoice after, boolean moved, boolean late, List<Event> events) {
        boolean partial = after.state().additional() == AdditionalStatus.PAID_PARTIAL;
        if (moved) {
            events.add(of(at, EXPIRED, after, new JsonObject().put("partiallyPaid", partial)));
            if (partial) {
                events.add(of(at, EXPIRED_PAID_PARTIAL, after, new JsonObject()));
            }
        } else if (late) {
            events.add(of(at, PAID_AFTER_EXPIRATION, after, new JsonObject()));
        }
    }
}
