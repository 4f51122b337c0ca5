package dev.sluice.card;

/** Why a tap does not pay. The outward code is part of the API; it never tells a peer more than it must know. */
public enum Decline {
    /** No card of ours says so. */
    UNKNOWN_CARD("tap-not-valid"),
    /** The signature is not the card's. */
    WRONG_MAC("tap-not-valid"),
    /** A newer tap of the card was seen, or this one has paid. */
    REPLAYED("tap-not-valid"),
    /** This tap was shown too long ago. */
    STALE("tap-not-valid"),
    /** Signed with keys that were replaced meanwhile. */
    OLD_KEYS("tap-not-valid"),
    /** The card has counted to its end and must be written again. */
    WORN_OUT("card-worn-out"),
    NOT_ACTIVE("card-not-active"),
    FROZEN("card-blocked"),
    LOST("card-blocked"),
    REPLACED("card-blocked"),
    EXPIRED("card-expired"),
    RESET("card-blocked"),
    ARCHIVED("card-blocked"),
    TAP_LIMIT("limit-per-tap"),
    DAY_LIMIT("limit-daily"),
    WEEK_LIMIT("limit-weekly"),
    MONTH_LIMIT("limit-monthly"),
    VELOCITY("too-many-taps"),
    STORE_NOT_ADMITTED("merchant-not-allowed"),
    CATEGORY_NOT_ADMITTED("category-not-allowed"),
    OUT_OF_HOURS("outside-hours"),
    PIN_NEEDED("pin-required"),
    PIN_WRONG("pin-wrong"),
    PIN_LOCKED("pin-locked"),
    PIN_NOT_SET("pin-not-set"),
    INSUFFICIENT("insufficient-funds"),
    /** It was paid, has expired, or somebody paid a part of it meanwhile. */
    INVOICE_NOT_PAYABLE("invoice-not-payable");

    private final String code;

    Decline(String code) {
        this.code = code;
    }

    /** What the terminal is told. */
    public String code() {
        return code;
    }

    /** Whether the tap itself was refused: then nothing is kept but the count of it. */
    boolean isOfTap() {
        return code.equals("tap-not-valid");
    }
}
