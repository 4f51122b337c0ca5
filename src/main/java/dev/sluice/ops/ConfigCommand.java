package dev.sluice.ops;

import dev.sluice.config.ConfigLoader.Loaded;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Looks at the configuration without starting anything. */
@Command(name = "config", description = "Look at the configuration.", mixinStandardHelpOptions = true)
final class ConfigCommand {
    @ParentCommand
    private @Nullable Cli cli;

    @Command(
            description = "Show every value and where it came from; secrets are masked.",
            mixinStandardHelpOptions = true)
    int print() {
        Cli parent = Objects.requireNonNull(cli);
        Loaded loaded = parent.load();
        loaded.effective().forEach(e -> parent.out().println(e.key() + ": " + e.value() + "  # " + e.origin()));
        loaded.warnings().forEach(warning -> parent.out().println("# warning: " + warning));
        return Cli.OK;
    }

    @Command(description = "Check every value.", mixinStandardHelpOptions = true)
    int check() {
        Cli parent = Objects.requireNonNull(cli);
        Loaded loaded = parent.load();
        loaded.warnings().forEach(warning -> parent.out().println("warning: " + warning));
        parent.out().println("ok");
        return Cli.OK;
    }
}
