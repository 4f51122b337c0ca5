package dev.sluice.card;

import dev.sluice.kernel.CardId;
import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.StoreId;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a terminal asked of a card and what came of it. Amounts other than the price are in the asset's smallest unit.
 *
 * @param reason why it was declined; null where it was not
 * @param units the price for the card, what the exchange costs included
 * @param spread what the exchange costs
 * @param asked the price alone, likewise, where more is reserved for the way of the money; null otherwise
 * @param captured what went to the store
 * @param refunded what of it went back to the card
 * @param counted what it uses of the card's limits
 * @param until when an authorisation ends that is not captured
 */
public record Charge(
        String id,
        CardId card,
        StoreId store,
        String terminal,
        int keyVersion,
        int counter,
        Status status,
        @Nullable Decline reason,
        Money price,
        String asset,
        long units,
        long spread,
        @Nullable Long asked,
        long captured,
        long refunded,
        long counted,
        @Nullable InvoiceId invoice,
        @Nullable Instant until,
        long version,
        Instant at) {
    /** Where a charge stands. */
    public enum Status {
        /** The amount is reserved. */
        AUTHORIZED("Authorized"),
        CAPTURED("Captured"),
        /** The reservation was released. */
        VOIDED("Voided"),
        DECLINED("Declined");

        private final String apiName;

        Status(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }

        static Status of(String apiName) {
            return switch (apiName) {
                case "Authorized" -> AUTHORIZED;
                case "Captured" -> CAPTURED;
                case "Voided" -> VOIDED;
                case "Declined" -> DECLINED;
                default -> throw new IllegalArgumentException("unknown status " + apiName);
            };
        }
    }

    /** Stands for a terminal where a wallet asked. */
    static final String LNURL = "lnurl";

    private static final String SUBJECT = "charge:";

    public boolean isApproved() {
        return status != Status.DECLINED;
    }

    /** The fact that the ledger knows it by: a tap pays once. */
    static String transferId(CardId card, int keyVersion, int counter) {
        return "tap:" + card + ":" + keyVersion + ":" + counter;
    }

    String transferId() {
        return transferId(card, keyVersion, counter);
    }

    /** What its ledger transfers, its events and its payment over Lightning name it by. */
    static String subject(String id) {
        return SUBJECT + id;
    }

    String subject() {
        return subject(id);
    }

    static boolean isSubject(String text) {
        return text.startsWith(SUBJECT);
    }

    /** The id of the charge a subject names. */
    static String idOf(String subject) {
        if (!isSubject(subject)) {
            throw new IllegalArgumentException(subject + " names no charge");
        }
        return subject.substring(SUBJECT.length());
    }

    /** Whether it was made a moment ago and nothing of it was given back: then its answer may be told again. */
    boolean stands(Instant now) {
        return (status == Status.AUTHORIZED || status == Status.CAPTURED)
                && refunded == 0
                && now.isBefore(at.plus(ChargeRules.TAP_LIFETIME));
    }

    /** Whether it was the same request: a terminal that heard no answer asks again. */
    boolean isSame(ChargeAsk ask) {
        return terminal.equals(ask.terminal().id())
                && price.equals(ask.price())
                && (until == null) == ask.capture()
                && java.util.Objects.equals(invoice, ask.invoice());
    }
}
