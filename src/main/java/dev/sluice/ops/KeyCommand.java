package dev.sluice.ops;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** API keys. */
@Command(name = "apikey", description = "Manage API keys.", mixinStandardHelpOptions = true)
final class KeyCommand {
    @ParentCommand
    private @Nullable Cli cli;

    @Command(
            description = "Make a key; its secret is printed this once, alone on the last line.",
            mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "<user id or email>") String user,
            @Option(names = "--label", defaultValue = "", description = "What it is for.") String label,
            @Option(
                            names = "--permission",
                            required = true,
                            paramLabel = "<btcpay.*[:storeId]>",
                            description = "What it may do; may be repeated.")
                    List<String> permissions) {
        Cli parent = Objects.requireNonNull(cli);
        return parent.on(foundation -> {
            KeyAdmin.NewKey made = parent.program()
                    .keys(foundation)
                    .create(user, label, permissions)
                    .await();
            parent.out().println(line(made.key()));
            parent.out().println(made.secret().value());
            return Cli.OK;
        });
    }

    @Command(description = "List a user's keys.", mixinStandardHelpOptions = true)
    int list(@Parameters(paramLabel = "<user id or email>") String user) {
        Cli parent = Objects.requireNonNull(cli);
        return parent.on(foundation -> {
            parent.program()
                    .keys(foundation)
                    .list(user)
                    .await()
                    .forEach(key -> parent.out().println(line(key)));
            return Cli.OK;
        });
    }

    @Command(description = "Revoke a key by its id.", mixinStandardHelpOptions = true)
    int revoke(
            @Parameters(index = "0", paramLabel = "<user id or email>") String user,
            @Parameters(index = "1", paramLabel = "<key id>") String key) {
        Cli parent = Objects.requireNonNull(cli);
        return parent.on(foundation -> {
            parent.program().keys(foundation).revoke(user, key).await();
            return Cli.OK;
        });
    }

    private static String line(KeyAdmin.Key key) {
        return key.id() + " " + String.join(",", key.permissions()) + " " + key.label();
    }
}
