package dev.sluice;

/** Entry point. */
public final class Main {
    private Main() {}

    /** Runs the command line. */
    public static void main(String[] args) {
        throw new UnsupportedOperationException();
    }
}
