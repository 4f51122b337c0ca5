package dev.sluice.kernel;

/** A value that must not reach a log: it prints as {@code ***}. */
public record Secret(String value) {
    @Override
    public String toString() {
        return "***";
    }
}
