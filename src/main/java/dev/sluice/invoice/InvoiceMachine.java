package dev.sluice.invoice;

import static dev.sluice.invoice.AdditionalStatus.INVALID;
import static dev.sluice.invoice.AdditionalStatus.MARKED;
import static dev.sluice.invoice.AdditionalStatus.NONE;
import static dev.sluice.invoice.AdditionalStatus.PAID_LATE;
import static dev.sluice.invoice.AdditionalStatus.PAID_OVER;
import static dev.sluice.invoice.AdditionalStatus.PAID_PARTIAL;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The transition table of invoices: pure, total, without default branches. States and meanings are those of BTCPay
 * Server; three cells go further because money is never forgotten: a settled invoice whose payment is reorganised out
 * waits again, one whose payment is double-spent becomes Invalid/Invalid, and a payment that confirms after monitoring
 * is shown as Invalid/PaidLate.
 */
final class InvoiceMachine {
    private InvoiceMachine() {}

    /**
     * The state after a trigger.
     *
     * @param cover what the accounted payments cover, confirmed or not
     * @param confirmed whether the settled payments alone cover the amount
     * @return the same state where nothing changes; empty where a mark is not allowed
     */
    static Optional<InvoiceState> next(InvoiceState from, Trigger trigger, Cover cover, boolean confirmed) {
        return switch (trigger) {
            case PAYMENTS -> Optional.of(payments(from, cover, confirmed));
            case EXPIRY -> Optional.of(expiry(from));
            case MONITORING_END -> Optional.of(monitoringEnd(from));
            case MARK_SETTLED -> markSettled(from);
            case MARK_INVALID -> markInvalid(from);
        };
    }

    /** The statuses a person may set now. */
    static List<InvoiceStatus> markable(InvoiceState from) {
        return Stream.of(markSettled(from), markInvalid(from))
                .flatMap(Optional::stream)
                .map(InvoiceState::status)
                .toList();
    }

    private static InvoiceState payments(InvoiceState from, Cover cover, boolean confirmed) {
        return switch (from.status()) {
            case NEW, PROCESSING ->
                switch (cover) {
                    case NONE -> InvoiceState.NEW;
                    case PARTIAL -> new InvoiceState(InvoiceStatus.NEW, PAID_PARTIAL);
                    case FULL, OVER -> paid(cover, confirmed);
                };
            case EXPIRED ->
                switch (cover) {
                    case NONE -> new InvoiceState(InvoiceStatus.EXPIRED, NONE);
                    case PARTIAL -> new InvoiceState(InvoiceStatus.EXPIRED, PAID_PARTIAL);
                    case FULL, OVER -> new InvoiceState(InvoiceStatus.EXPIRED, PAID_LATE);
                };
            case SETTLED -> from.isMarked() ? from : settled(cover, confirmed);
            case INVALID -> invalid(from, cover, confirmed);
        };
    }

    private static InvoiceState paid(Cover cover, boolean confirmed) {
        AdditionalStatus additional = cover == Cover.OVER ? PAID_OVER : NONE;
        return new InvoiceState(confirmed ? InvoiceStatus.SETTLED : InvoiceStatus.PROCESSING, additional);
    }

    private static InvoiceState settled(Cover cover, boolean confirmed) {
        return cover.isFull() ? paid(cover, confirmed) : new InvoiceState(InvoiceStatus.INVALID, INVALID);
    }

    private static InvoiceState invalid(InvoiceState from, Cover cover, boolean confirmed) {
        return switch (from.additional()) {
            case MARKED -> from;
            case INVALID -> cover.isFull() ? paid(cover, confirmed) : from;
            case NONE, PAID_LATE, PAID_PARTIAL, PAID_OVER ->
                new InvoiceState(InvoiceStatus.INVALID, cover.isFull() && confirmed ? PAID_LATE : NONE);
        };
    }

    private static InvoiceState expiry(InvoiceState from) {
        return switch (from.status()) {
            case NEW -> new InvoiceState(InvoiceStatus.EXPIRED, from.additional());
            case PROCESSING, EXPIRED, INVALID, SETTLED -> from;
        };
    }

    private static InvoiceState monitoringEnd(InvoiceState from) {
        return switch (from.status()) {
            case PROCESSING -> new InvoiceState(InvoiceStatus.INVALID, NONE);
            case NEW, EXPIRED, INVALID, SETTLED -> from;
        };
    }

    private static Optional<InvoiceState> markSettled(InvoiceState from) {
        return switch (from.status()) {
            case NEW, PROCESSING, EXPIRED, INVALID -> Optional.of(new InvoiceState(InvoiceStatus.SETTLED, MARKED));
            case SETTLED -> Optional.empty();
        };
    }

    private static Optional<InvoiceState> markInvalid(InvoiceState from) {
        return switch (from.status()) {
            case NEW, PROCESSING, EXPIRED -> Optional.of(new InvoiceState(InvoiceStatus.INVALID, MARKED));
            case SETTLED ->
                from.isMarked() ? Optional.of(new InvoiceState(InvoiceStatus.INVALID, MARKED)) : Optional.empty();
            case INVALID -> Optional.empty();
        };
    }
}
