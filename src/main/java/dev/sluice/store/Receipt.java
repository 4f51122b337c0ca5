package dev.sluice.store;

import io.vertx.core.json.JsonObject;

/**
 * What the receipt of a paid invoice shows ({@code ReceiptOptions} of Greenfield).
 *
 * @param enabled whether there is one
 * @param showQr a code of its own address, to take it along
 * @param showPayments each payment, with its name on the chain or in the node
 */
public record Receipt(boolean enabled, boolean showQr, boolean showPayments) {
    static final Receipt WHOLE = new Receipt(true, true, true);

    /** What a store or an invoice says of it; what it leaves open stays. */
    public Receipt with(JsonObject said) {
        return new Receipt(
                said.getBoolean("enabled", enabled),
                said.getBoolean("showQR", showQr),
                said.getBoolean("showPayments", showPayments));
    }
}
