package dev.sluice.card;

/** What a link to a card's keys is for. */
enum LinkPurpose {
    /** To write a chip. */
    PROGRAM("Program"),
    /** To wipe a chip. */
    RESET("Reset");

    private final String apiName;

    LinkPurpose(String apiName) {
        this.apiName = apiName;
    }

    String apiName() {
        return apiName;
    }

    static LinkPurpose of(String apiName) {
        return apiName.equals("Program") ? PROGRAM : RESET;
    }
}
