package dev.sluice.ops;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Looks at the books. */
@Command(name = "ledger", description = "Look at the books.", mixinStandardHelpOptions = true)
final class LedgerCommand {
    @ParentCommand
    private @Nullable Cli cli;

    @Command(
            description = "Prove that the books add up; exit code 3 where they do not.",
            mixinStandardHelpOptions = true)
    int verify() {
        return Objects.requireNonNull(cli).verifyLedger();
    }
}
