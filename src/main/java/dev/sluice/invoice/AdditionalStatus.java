package dev.sluice.invoice;

import java.util.Arrays;

/** Why an invoice is in its state, by Greenfield's names. */
public enum AdditionalStatus {
    NONE("None"),
    PAID_LATE("PaidLate"),
    PAID_PARTIAL("PaidPartial"),
    MARKED("Marked"),
    /** A payment that counted was double-spent. */
    INVALID("Invalid"),
    PAID_OVER("PaidOver");

    private final String apiName;

    AdditionalStatus(String apiName) {
        this.apiName = apiName;
    }

    public String apiName() {
        return apiName;
    }

    static AdditionalStatus of(String apiName) {
        return Arrays.stream(values())
                .filter(s -> s.apiName.equals(apiName))
                .findFirst()
                .orElseThrow();
    }
}
