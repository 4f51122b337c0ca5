package dev.sluice.kernel;

/** The id of a store. */
public record StoreId(String value) {
    public StoreId {
        Ids.checked(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
