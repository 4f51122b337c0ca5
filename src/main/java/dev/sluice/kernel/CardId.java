package dev.sluice.kernel;

/** The id of a card's record; not the chip's identity, which is never shown. */
public record CardId(String value) {
    public CardId {
        Ids.checked(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
