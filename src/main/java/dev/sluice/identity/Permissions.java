package dev.sluice.identity;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The permission tree of Greenfield 2.4.1: holding a permission is holding everything below it. */
public final class Permissions {
    public static final String UNRESTRICTED = "unrestricted";
    public static final String MODIFY_SERVER = "btcpay.server.canmodifyserversettings";
    public static final String USE_INTERNAL_NODE = "btcpay.server.canuseinternallightningnode";
    public static final String MANAGE_USERS = "btcpay.server.canmanageusers";
    public static final String CREATE_USER = "btcpay.server.cancreateuser";
    public static final String VIEW_USERS = "btcpay.server.canviewusers";
    public static final String MODIFY_PROFILE = "btcpay.user.canmodifyprofile";
    public static final String VIEW_PROFILE = "btcpay.user.canviewprofile";
    public static final String DELETE_USER = "btcpay.user.candeleteuser";
    public static final String MODIFY_STORE = "btcpay.store.canmodifystoresettings";
    public static final String VIEW_STORE = "btcpay.store.canviewstoresettings";

    /** What a permission is about, which decides how the rights of its user narrow it. */
    enum Area {
        /** Everything; never narrowed itself, but what it grants is. */
        ALL,
        /** Server administrators only. */
        SERVER,
        /** Members of the store whose role grants it. */
        STORE,
        /** The caller's own account. */
        USER
    }

    private static final Map<String, List<String>> CHILDREN = tree();
    private static final Map<String, Set<String>> INCLUDED = closure();

    private Permissions() {}

    /** Every permission by name, each with what it includes besides itself; both sorted. */
    public static Map<String, Set<String>> all() {
        return INCLUDED;
    }

    public static boolean isKnown(String permission) {
        return INCLUDED.containsKey(permission);
    }

    /** Whether {@code held} is, or includes, {@code wanted}; unknown names hold and are nothing. */
    public static boolean includes(String held, String wanted) {
        Set<String> below = INCLUDED.get(held);
        return below != null && isKnown(wanted) && (held.equals(wanted) || below.contains(wanted));
    }

    static Area area(String permission) {
        if (permission.equals(UNRESTRICTED)) {
            return Area.ALL;
        }
        if (permission.startsWith("btcpay.server.")) {
            return Area.SERVER;
        }
        return permission.startsWith("btcpay.store.") ? Area.STORE : Area.USER;
    }

    private static Map<String, List<String>> tree() {
        Map<String, List<String>> tree = new LinkedHashMap<>();
        server(tree);
        store(tree);
        node(tree, MODIFY_PROFILE, VIEW_PROFILE);
        node(tree, "btcpay.user.canmanagenotificationsforuser", "btcpay.user.canviewnotificationsforuser");
        node(tree, DELETE_USER);
        node(tree, "btcpay.impersonation.canimpersonate");
        return tree;
    }

    private static void server(Map<String, List<String>> tree) {
        node(tree, MODIFY_SERVER, USE_INTERNAL_NODE, MANAGE_USERS);
        node(
                tree,
                USE_INTERNAL_NODE,
                "btcpay.server.cancreatelightninginvoiceinternalnode",
                "btcpay.server.canviewlightninginvoiceinternalnode");
        node(tree, MANAGE_USERS, CREATE_USER);
        node(tree, VIEW_USERS);
    }

    private static void store(Map<String, List<String>> tree) {
        store(
                tree,
                "canmodifystoresettings",
                "canviewstoresettings canmodifyinvoices webhooks.canmodifywebhooks canmodifypaymentrequests"
                        + " canmanagepullpayments canmanagepayouts canuselightningnode cansendstoreemails"
                        + " canmanagewallets canmodifyofferings");
        store(
                tree,
                "canviewstoresettings",
                "canviewinvoices canviewpaymentrequests canviewreports canviewpullpayments canviewpayouts");
        store(
                tree,
                "canmodifyinvoices",
                "canviewinvoices cancreateinvoice cancreatelightninginvoice canviewlightninginvoice");
        store(tree, "canmodifypaymentrequests", "canviewpaymentrequests");
        store(tree, "canmanagepullpayments", "cancreatepullpayments canarchivepullpayments");
        store(tree, "cancreatepullpayments", "cancreatenonapprovedpullpayments");
        store(tree, "cancreatenonapprovedpullpayments", "canviewpullpayments");
        store(tree, "canmanagepayouts", "canviewpayouts");
        store(tree, "canuselightningnode", "canviewlightninginvoice cancreatelightninginvoice");
        store(tree, "canmanagewallets", "canmanagewalletsettings canmanagewallettransactions");
        store(tree, "canmanagewalletsettings", "canviewwallet");
        store(
                tree,
                "canmanagewallettransactions",
                "cancreatetransactions cansigntransactions canbroadcasttransactions cancanceltransactions"
                        + " canviewwallet");
        for (String act : List.of("cancreate", "cansign", "canbroadcast", "cancancel")) {
            store(tree, act + "transactions", "canviewwallet");
        }
        store(tree, "canmodifyofferings", "canviewofferings canmanagesubscribers cancreditsubscribers");
    }

    private static void store(Map<String, List<String>> tree, String name, String children) {
        String[] full = children.split(" ");
        for (int i = 0; i < full.length; i++) {
            full[i] = "btcpay.store." + full[i];
        }
        node(tree, "btcpay.store." + name, full);
    }

    private static void node(Map<String, List<String>> tree, String name, String... children) {
        tree.put(name, List.of(children));
    }

    private static Map<String, Set<String>> closure() {
        Map<String, Set<String>> closure = new TreeMap<>();
        CHILDREN.forEach((parent, children) -> {
            closure.put(parent, below(parent));
            children.forEach(child -> closure.putIfAbsent(child, below(child)));
        });
        closure.put(UNRESTRICTED, new TreeSet<>(closure.keySet()));
        closure.replaceAll((name, below) -> Collections.unmodifiableSet(below));
        return Collections.unmodifiableMap(closure);
    }

    private static Set<String> below(String parent) {
        Set<String> below = new TreeSet<>();
        for (String child : CHILDREN.getOrDefault(parent, List.of())) {
            below.add(child);
            below.addAll(below(child));
        }
        return below;
    }
}
