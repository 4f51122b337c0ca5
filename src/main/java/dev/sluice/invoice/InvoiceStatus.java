package dev.sluice.invoice;

import java.util.Arrays;
import java.util.Optional;

/** The main state of an invoice, by Greenfield's names. */
public enum InvoiceStatus {
    NEW("New"),
    PROCESSING("Processing"),
    EXPIRED("Expired"),
    INVALID("Invalid"),
    SETTLED("Settled");

    private final String apiName;

    InvoiceStatus(String apiName) {
        this.apiName = apiName;
    }

    public String apiName() {
        return apiName;
    }

    public static Optional<InvoiceStatus> find(String apiName) {
        return Arrays.stream(values())
                .filter(s -> s.apiName.equalsIgnoreCase(apiName))
                .findFirst();
    }
}
