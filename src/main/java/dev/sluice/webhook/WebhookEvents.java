package dev.sluice.webhook;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The closed list of event names. */
final class WebhookEvents {
    static final String PING = "WebhookPing";

    /** Kinds of the event log that are told to endpoints. */
    static final Set<String> DELIVERED = Set.of(
            "InvoiceCreated",
            "InvoiceReceivedPayment",
            "InvoiceProcessing",
            "InvoiceExpired",
            "InvoiceSettled",
            "InvoiceInvalid",
            "InvoicePaymentSettled",
            "InvoiceExpiredPaidPartial",
            "InvoicePaidAfterExpiration",
            "card.issued",
            "card.programmed",
            "card.keysReleased",
            "card.activated",
            "card.tapped",
            "card.charged",
            "card.authorized",
            "card.captured",
            "card.voided",
            "card.refunded",
            "card.declined",
            "card.toppedUp",
            "card.topUpReversed",
            "card.frozen",
            "card.unfrozen",
            "card.lost",
            "card.replaced",
            "card.expired",
            "card.reset",
            "card.changed",
            "card.limitNear",
            "card.cloneSuspected");

    /** Names of BTCPay that clients ask for at registration although nothing here says them yet. */
    private static final Set<String> FOREIGN = Set.of(
            "InvoiceRefund",
            "PaymentRequestCreated",
            "PaymentRequestUpdated",
            "PaymentRequestArchived",
            "PaymentRequestStatusChanged",
            "PaymentRequestCompleted",
            "PayoutCreated",
            "PayoutApproved",
            "PayoutUpdated",
            "SubscriberCreated",
            "SubscriberCredited",
            "SubscriberCharged",
            "SubscriberActivated",
            "SubscriberPhaseChanged",
            "SubscriberDisabled",
            "SubscriberNeedUpgrade",
            "PaymentReminder",
            "PlanStarted");

    /** What an endpoint may subscribe to. */
    static final Set<String> SUBSCRIBABLE =
            Stream.concat(DELIVERED.stream(), FOREIGN.stream()).collect(Collectors.toUnmodifiableSet());

    private WebhookEvents() {}
}
