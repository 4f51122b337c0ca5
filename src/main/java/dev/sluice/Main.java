package dev.sluice;

import dev.sluice.ops.Cli;
import java.util.Locale;

/** Entry point. */
public final class Main {
    private Main() {}

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        // What libraries write is read by programs; people's languages come with their requests.
        Locale.setDefault(Locale.ROOT);
        System.exit(Cli.run(new Deployment(), args));
    }
}
