package dev.sluice.card;

/** Where a card stands. Only an active one pays. */
public enum CardState {
    /** A record without a chip. */
    BLANK("Blank"),
    /** A chip was given its first keys; nobody has seen it use them yet. */
    PROGRAMMING("Programming"),
    /** The chip has its keys; the card waits for its activation. */
    ISSUED("Issued"),
    ACTIVE("Active"),
    /** Stopped by holder or operator; can be used again. */
    FROZEN("Frozen"),
    /** Stopped for good; the balance can still be moved to another card. */
    LOST("Lost"),
    /** Another card has its balance. */
    REPLACED("Replaced"),
    EXPIRED("Expired"),
    /** The keys were handed out to wipe the chip. */
    RESETTING("Resetting"),
    /** The chip was wiped. */
    RESET("Reset");

    private final String apiName;

    CardState(String apiName) {
        this.apiName = apiName;
    }

    public String apiName() {
        return apiName;
    }

    static CardState of(String apiName) {
        for (CardState state : values()) {
            if (state.apiName.equals(apiName)) {
                return state;
            }
        }
        throw new IllegalArgumentException("unknown state " + apiName);
    }
}
