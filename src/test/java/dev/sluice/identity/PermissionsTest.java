package dev.sluice.identity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.IpRange;
import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PermissionsTest {
    private static final StoreId OWN = new StoreId("own");
    private static final StoreId OTHER = new StoreId("other");

    /** What each permission must include, all the way down; a name that is not here includes nothing. */
    private static final Map<String, String> INCLUDED = Map.ofEntries(
            Map.entry(
                    "server.canmodifyserversettings",
                    "server.canuseinternallightningnode"
                            + " server.cancreatelightninginvoiceinternalnode server.canviewlightninginvoiceinternalnode"
                            + " server.canmanageusers server.cancreateuser"),
            Map.entry(
                    "server.canuseinternallightningnode",
                    "server.cancreatelightninginvoiceinternalnode server.canviewlightninginvoiceinternalnode"),
            Map.entry("server.canmanageusers", "server.cancreateuser"),
            Map.entry(
                    "store.canviewstoresettings",
                    "store.canviewinvoices store.canviewpaymentrequests"
                            + " store.canviewreports store.canviewpullpayments store.canviewpayouts"),
            Map.entry(
                    "store.canmodifyinvoices",
                    "store.canviewinvoices store.cancreateinvoice"
                            + " store.cancreatelightninginvoice store.canviewlightninginvoice"),
            Map.entry("store.canmodifypaymentrequests", "store.canviewpaymentrequests"),
            Map.entry(
                    "store.canmanagepullpayments",
                    "store.cancreatepullpayments"
                            + " store.cancreatenonapprovedpullpayments store.canviewpullpayments "
                            + "store.canarchivepullpayments"),
            Map.entry(
                    "store.cancreatepullpayments", "store.cancreatenonapprovedpullpayments store.canviewpullpayments"),
            Map.entry("store.cancreatenonapprovedpullpayments", "store.canviewpullpayments"),
            Map.entry("store.canmanagepayouts", "store.canviewpayouts"),
            Map.entry("store.canuselightningnode", "store.canviewlightninginvoice store.cancreatelightninginvoice"),
            Map.entry(
                    "store.canmanagewallets",
                    "store.canmanagewalletsettings store.canmanagewallettransactions"
                            + " store.cancreatetransactions store.cansigntransactions store.canbroadcasttransactions"
                            + " store.cancanceltransactions store.canviewwallet"),
            Map.entry("store.canmanagewalletsettings", "store.canviewwallet"),
            Map.entry(
                    "store.canmanagewallettransactions",
                    "store.cancreatetransactions store.cansigntransactions"
                            + " store.canbroadcasttransactions store.cancanceltransactions store.canviewwallet"),
            Map.entry("store.cancreatetransactions", "store.canviewwallet"),
            Map.entry("store.cansigntransactions", "store.canviewwallet"),
            Map.entry("store.canbroadcasttransactions", "store.canviewwallet"),
            Map.entry("store.cancanceltransactions", "store.canviewwallet"),
            Map.entry(
                    "store.canmodifyofferings",
                    "store.canviewofferings store.canmanagesubscribers store.cancreditsubscribers"),
            Map.entry("user.canmodifyprofile", "user.canviewprofile"),
            Map.entry("user.canmanagenotificationsforuser", "user.canviewnotificationsforuser"));

    private static Caller caller(boolean admin, StoreRole role, String... scopes) {
        return new Caller(
                new UserId("u"),
                "akid_1",
                Arrays.stream(scopes)
                        .map(text -> Scope.parse(text).orElseThrow())
                        .toList(),
                admin,
                role == null ? Map.of() : Map.of(OWN, role));
    }

    @Test
    void everyCellOfTheTreeIsAsGreenfieldHasIt() {
        Set<String> stores = new TreeSet<>();
        Permissions.all().keySet().stream()
                .filter(name -> name.startsWith("btcpay.store."))
                .forEach(stores::add);
        for (String held : Permissions.all().keySet()) {
            for (String wanted : Permissions.all().keySet()) {
                boolean expected = held.equals(wanted)
                        || held.equals("unrestricted")
                        || (held.equals("btcpay.store.canmodifystoresettings") && stores.contains(wanted))
                        || List.of(INCLUDED.getOrDefault(held.replace("btcpay.", ""), "")
                                        .split(" "))
                                .contains(wanted.replace("btcpay.", ""));
                assertThat(Permissions.includes(held, wanted))
                        .as("%s includes %s", held, wanted)
                        .isEqualTo(expected);
            }
        }
        assertThat(Permissions.all()).hasSize(46);
    }

    @Test
    void unknownPermissionsHoldAndAreNothing() {
        assertThat(Permissions.includes("unrestricted", "btcpay.store.canprintmoney"))
                .isFalse();
        assertThat(Permissions.includes("btcpay.store.canprintmoney", "btcpay.store.canprintmoney"))
                .isFalse();
        assertThat(caller(true, StoreRole.OWNER, "unrestricted").allows("btcpay.store.canprintmoney", OWN))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "unrestricted, true",
        "btcpay.store.canviewinvoices, true",
        "btcpay.store.canviewinvoices:, true",
        "btcpay.store.canviewinvoices:abc, true",
        "btcpay.store.canviewinvoices:a/b, false",
        "btcpay.store.canviewinvoices:a:b, false",
        "btcpay.server.canmanageusers:abc, false",
        "unrestricted:abc, false",
        "btcpay.user.canviewprofile:abc, false",
        "BTCPAY.STORE.CANVIEWINVOICES, false",
        "'', false"
    })
    void scopesAreParsedStrictly(String text, boolean valid) {
        assertThat(Scope.parse(text).isPresent()).isEqualTo(valid);
    }

    @Test
    void scopedKeyReachesItsStoreOnly() {
        Caller narrow = caller(false, StoreRole.OWNER, "btcpay.store.canviewinvoices:own");
        assertThat(narrow.allows("btcpay.store.canviewinvoices", OWN)).isTrue();
        assertThat(narrow.allows("btcpay.store.canviewinvoices", OTHER)).isFalse();
        assertThat(narrow.allows("btcpay.store.canviewstoresettings", OWN)).isFalse();
        assertThat(narrow.storesAllowing("btcpay.store.canviewinvoices")).containsExactly(OWN);
        assertThat(caller(false, StoreRole.OWNER, "btcpay.store.canviewinvoices:other")
                        .storesAllowing("btcpay.store.canviewinvoices"))
                .isEmpty();
    }

    @Test
    void trailingColonNeedsAnUnscopedKey() {
        String unscoped = "btcpay.store.canmodifystoresettings:";
        assertThat(caller(false, null, "btcpay.store.canmodifystoresettings").allows(unscoped, null))
                .isTrue();
        assertThat(caller(false, null, "unrestricted").allows(unscoped, null)).isTrue();
        assertThat(caller(false, StoreRole.OWNER, "btcpay.store.canmodifystoresettings:own")
                        .allows(unscoped, null))
                .isFalse();
        assertThat(caller(false, null, "btcpay.store.canviewstoresettings").allows(unscoped, null))
                .isFalse();
    }

    @Test
    void keyNeverDoesMoreThanItsUser() {
        Caller employee = caller(false, StoreRole.EMPLOYEE, "unrestricted");
        assertThat(employee.allows("btcpay.store.cancreateinvoice", OWN)).isTrue();
        assertThat(employee.allows("btcpay.store.canviewstoresettings", OWN)).isFalse();
        assertThat(employee.allows("btcpay.store.canmanagepayouts", OWN)).isFalse();
        assertThat(employee.allows("btcpay.server.canviewusers", null)).isFalse();
        assertThat(caller(true, null, "btcpay.user.canviewprofile").allows("btcpay.server.canviewusers", null))
                .isFalse();
    }

    @Test
    void administratorSeesTheSettingsOfForeignStoresAndNothingElse() {
        Caller admin = caller(true, null, "unrestricted");
        for (String permission : Permissions.all().keySet()) {
            if (permission.startsWith("btcpay.store.")) {
                assertThat(admin.allows(permission, OTHER))
                        .as(permission)
                        .isEqualTo(permission.equals("btcpay.store.canviewstoresettings"));
            }
        }
        assertThat(admin.storesAllowing("btcpay.store.canviewstoresettings")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.1, true",
        "10.0.0.0/8, 11.0.0.1, false",
        "192.0.2.7, 192.0.2.7, true",
        "192.0.2.7, 192.0.2.8, false",
        "192.0.2.128/25, 192.0.2.127, false",
        "0.0.0.0/0, 203.0.113.9, true",
        "0.0.0.0/0, 2001:db8::1, false",
        "2001:db8::/33, 2001:db8:7fff::1, true",
        "2001:db8::/33, 2001:db8:8000::1, false",
        "10.0.0.0/8, ::ffff:10.1.1.1, true",
        "10.0.0.0/8, nonsense, false"
    })
    void addressBlocksContainWhatTheySay(String block, String address, boolean inside) {
        assertThat(IpRange.parse(block).orElseThrow().contains(address)).isEqualTo(inside);
    }

    @ParameterizedTest
    @CsvSource({"10.0.0.0/33", "10.0.0/8", "localhost", "10.0.0.0/-1", "10.0.0.0/", "''", "2001:db8::/129"})
    void malformedAddressBlocksAreRefused(String block) {
        assertThat(IpRange.parse(block)).isEmpty();
    }
}
