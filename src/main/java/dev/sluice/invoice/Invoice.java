package dev.sluice.invoice;

import dev.sluice.kernel.InvoiceId;
import dev.sluice.kernel.Money;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Rate;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.SpeedPolicy;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An invoice as it stands in the database.
 *
 * @param amount the price, or null for a top-up that nobody has paid yet
 * @param due the price at the locked rate, rounded up to a millisatoshi; null likewise
 * @param tolerancePpm share of the price that may be missing, in millionths
 * @param chainFee what an on-chain payment adds to the price for being spent later
 * @param paid accounted payments less their fees
 * @param version grows with every change
 */
public record Invoice(
        InvoiceId id,
        StoreId store,
        Kind kind,
        @Nullable Money amount,
        @Nullable Msat due,
        Rate rate,
        int tolerancePpm,
        SpeedPolicy speedPolicy,
        Msat chainFee,
        FeeMode feeMode,
        InvoiceState state,
        long version,
        Instant createdAt,
        Instant expiresAt,
        Instant monitorUntil,
        Msat paid,
        boolean archived,
        JsonObject metadata,
        JsonObject checkout,
        JsonObject receipt) {
    private static final long PPM = 1_000_000;
    private static final String SUBJECT = "invoice:";

    /** Greenfield's invoice types. */
    public enum Kind {
        STANDARD("Standard"),
        TOP_UP("TopUp");

        private final String apiName;

        Kind(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }
    }

    /** When the payer bears the cost of spending an on-chain payment (BTCPay's {@code networkFeeMode}). */
    public enum FeeMode {
        MULTIPLE_PAYMENTS_ONLY("MultiplePaymentsOnly"),
        ALWAYS("Always"),
        NEVER("Never");

        private final String apiName;

        FeeMode(String apiName) {
            this.apiName = apiName;
        }

        public String apiName() {
            return apiName;
        }

        static FeeMode of(String apiName) {
            return switch (apiName) {
                case "Always" -> ALWAYS;
                case "Never" -> NEVER;
                default -> MULTIPLE_PAYMENTS_ONLY;
            };
        }

        /** Whether the next on-chain payment carries the fee. */
        boolean applies(boolean paidBefore) {
            return switch (this) {
                case ALWAYS -> true;
                case NEVER -> false;
                case MULTIPLE_PAYMENTS_ONLY -> paidBefore;
            };
        }
    }

    /** What its ledger transfers, its events and the addresses reserved for it name it by. */
    static String subject(InvoiceId id) {
        return SUBJECT + id;
    }

    static boolean isSubject(String text) {
        return text.startsWith(SUBJECT);
    }

    /** The id of the invoice a subject names. */
    static InvoiceId idOf(String subject) {
        return new InvoiceId(subject.substring(SUBJECT.length()));
    }

    /** The smallest sum that counts as paid in full. */
    static Msat minimum(Msat due, int tolerancePpm) {
        // 2.1e18 times a million needs 128 bits: split into whole millions and rest, both exact.
        long missing = due.value() / PPM * tolerancePpm + due.value() % PPM * tolerancePpm / PPM;
        return new Msat(due.value() - missing);
    }

    /**
     * How far a sum covers the price. On-chain amounts come in whole satoshi, so less than one satoshi above the price
     * is not an over-payment.
     */
    Cover cover(Msat sum) {
        if (due == null) {
            return sum.value() == 0 ? Cover.NONE : Cover.FULL;
        }
        if (sum.value() == 0 && due.value() > 0) {
            return Cover.NONE; // whatever is tolerated
        }
        if (sum.value() >= due.value() + Msat.PER_SAT) {
            return Cover.OVER;
        }
        if (sum.compareTo(minimum(due, tolerancePpm)) >= 0) {
            return Cover.FULL;
        }
        return Cover.PARTIAL;
    }

    /** What is still to be paid, without fees. */
    Msat remaining() {
        return due == null ? Msat.ZERO : due.minusOrZero(paid);
    }

    /** What the next on-chain payment adds for being spent later. */
    Msat nextChainFee() {
        return feeMode.applies(paid.value() > 0) ? chainFee : Msat.ZERO;
    }

    Invoice withState(InvoiceState next) {
        return new Invoice(
                id,
                store,
                kind,
                amount,
                due,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                next,
                version,
                createdAt,
                expiresAt,
                monitorUntil,
                paid,
                archived,
                metadata,
                checkout,
                receipt);
    }

    Invoice withPaid(Msat sum) {
        return new Invoice(
                id,
                store,
                kind,
                amount,
                due,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                state,
                version,
                createdAt,
                expiresAt,
                monitorUntil,
                sum,
                archived,
                metadata,
                checkout,
                receipt);
    }

    Invoice withAmount(@Nullable Money price, @Nullable Msat msat) {
        return new Invoice(
                id,
                store,
                kind,
                price,
                msat,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                state,
                version,
                createdAt,
                expiresAt,
                monitorUntil,
                paid,
                archived,
                metadata,
                checkout,
                receipt);
    }

    Invoice withVersion(long next) {
        return new Invoice(
                id,
                store,
                kind,
                amount,
                due,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                state,
                next,
                createdAt,
                expiresAt,
                monitorUntil,
                paid,
                archived,
                metadata,
                checkout,
                receipt);
    }

    Invoice withMetadata(JsonObject document) {
        return new Invoice(
                id,
                store,
                kind,
                amount,
                due,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                state,
                version,
                createdAt,
                expiresAt,
                monitorUntil,
                paid,
                archived,
                document,
                checkout,
                receipt);
    }

    Invoice withArchived(boolean hidden) {
        return new Invoice(
                id,
                store,
                kind,
                amount,
                due,
                rate,
                tolerancePpm,
                speedPolicy,
                chainFee,
                feeMode,
                state,
                version,
                createdAt,
                expiresAt,
                monitorUntil,
                paid,
                hidden,
                metadata,
                checkout,
                receipt);
    }
}
