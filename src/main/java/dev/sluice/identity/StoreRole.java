package dev.sluice.identity;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a member of a store may do there (BTCPay's default roles). */
public enum StoreRole {
    OWNER("Owner", "canmodifystoresettings"),
    MANAGER(
            "Manager",
            "canviewstoresettings",
            "canmodifyinvoices",
            "webhooks.canmodifywebhooks",
            "canmodifypaymentrequests",
            "canmanagepullpayments",
            "canmanagepayouts"),
    EMPLOYEE(
            "Employee",
            "canmodifyinvoices",
            "canmodifypaymentrequests",
            "cancreatenonapprovedpullpayments",
            "canviewpayouts",
            "canviewpullpayments"),
    GUEST("Guest", "canmodifyinvoices", "canviewpaymentrequests", "canviewpullpayments", "canviewpayouts");

    private final String apiName;
    private final List<String> permissions;

    StoreRole(String apiName, String... permissions) {
        this.apiName = apiName;
        this.permissions = Stream.of(permissions).map("btcpay.store."::concat).toList();
    }

    public String apiName() {
        return apiName;
    }

    public List<String> permissions() {
        return permissions;
    }

    public static Optional<StoreRole> find(String apiName) {
        return Arrays.stream(values())
                .filter(role -> role.apiName.equalsIgnoreCase(apiName))
                .findFirst();
    }

    boolean grants(String permission) {
        return permissions.stream().anyMatch(held -> Permissions.includes(held, permission));
    }
}
