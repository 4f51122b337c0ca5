package dev.sluice.kernel;

/** A value that must not reach a log: it prints as {@code ***}. */
public record Secret(String value) {
    /** As a file holds it: without a byte order mark and blanks around it, which editors leave. */
    public static Secret written(String text) {
        return new Secret((text.startsWith("\uFEFF") ? text.substring(1) : text).strip());
    }

    @Override
    public String toString() {
        return "***";
    }
}
