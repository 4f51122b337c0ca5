package dev.sluice.invoice;

import java.util.List;

/** A state pair. */
public record InvoiceState(InvoiceStatus status, AdditionalStatus additional) {
    static final InvoiceState NEW = new InvoiceState(InvoiceStatus.NEW, AdditionalStatus.NONE);

    /** Every pair an invoice can be in. */
    static final List<InvoiceState> ALL = List.of(
            NEW,
            new InvoiceState(InvoiceStatus.NEW, AdditionalStatus.PAID_PARTIAL),
            new InvoiceState(InvoiceStatus.PROCESSING, AdditionalStatus.NONE),
            new InvoiceState(InvoiceStatus.PROCESSING, AdditionalStatus.PAID_OVER),
            new InvoiceState(InvoiceStatus.EXPIRED, AdditionalStatus.NONE),
            new InvoiceState(InvoiceStatus.EXPIRED, AdditionalStatus.PAID_PARTIAL),
            new InvoiceState(InvoiceStatus.EXPIRED, AdditionalStatus.PAID_LATE),
            new InvoiceState(InvoiceStatus.INVALID, AdditionalStatus.NONE),
            new InvoiceState(InvoiceStatus.INVALID, AdditionalStatus.PAID_LATE),
            new InvoiceState(InvoiceStatus.INVALID, AdditionalStatus.MARKED),
            new InvoiceState(InvoiceStatus.INVALID, AdditionalStatus.INVALID),
            new InvoiceState(InvoiceStatus.SETTLED, AdditionalStatus.NONE),
            new InvoiceState(InvoiceStatus.SETTLED, AdditionalStatus.PAID_OVER),
            new InvoiceState(InvoiceStatus.SETTLED, AdditionalStatus.MARKED));

    boolean isMarked() {
        return additional == AdditionalStatus.MARKED;
    }

    @Override
    public String toString() {
        return additional == AdditionalStatus.NONE ? status.apiName() : status.apiName() + "/" + additional.apiName();
    }
}
