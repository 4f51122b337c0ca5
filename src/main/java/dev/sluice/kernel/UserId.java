package dev.sluice.kernel;

/** The id of a user. */
public record UserId(String value) {
    public UserId {
        Ids.checked(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
