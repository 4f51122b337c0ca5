package dev.sluice.kernel;

/** The id of an invoice. */
public record InvoiceId(String value) {
    public InvoiceId {
        Ids.checked(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
