package dev.sluice.store;

/** What the addresses of a shop may leave open, with BTCPay Server's names. */
public final class Placeholders {
    private Placeholders() {}

    /** An address with the ids of an invoice and its order, written as they are given; an order need not have one. */
    public static String fill(String address, String invoice, String order) {
        return address.replace("{InvoiceId}", invoice).replace("{OrderId}", order);
    }

    /** Likewise with the invoice's status, which the way back from a checkout may name. */
    public static String fill(String address, String invoice, String order, String status) {
        return fill(address, invoice, order).replace("{Status}", status);
    }
}
