package dev.sluice.ops;

import dev.sluice.kernel.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Accounts. A password comes from a file or is asked for: arguments can be seen by every user of the machine. */
@Command(name = "user", description = "Manage accounts.", mixinStandardHelpOptions = true)
final class UserCommand {
    @ParentCommand
    private @Nullable Cli cli;

    @Spec
    private @Nullable CommandSpec spec;

    @Command(description = "Make an account.", mixinStandardHelpOptions = true)
    int create(
            @Parameters(paramLabel = "<email>") String email,
            @Option(names = "--admin", description = "Make it an administrator of the server.") boolean admin,
            @Option(
                            names = "--password-file",
                            paramLabel = "<file>",
                            description = "Holds the password; - is standard input.")
                    @Nullable
                    Path passwordFile)
            throws IOException {
        Cli parent = Objects.requireNonNull(cli);
        Secret password = password(passwordFile);
        return parent.on(foundation -> {
            UserAdmin.User user = parent.program()
                    .users(foundation)
                    .create(email, password, admin)
                    .await();
            parent.out().println(line(user));
            return Cli.OK;
        });
    }

    @Command(name = "reset-password", description = "Set a new password.", mixinStandardHelpOptions = true)
    int resetPassword(
            @Parameters(paramLabel = "<id or email>") String user,
            @Option(
                            names = "--password-file",
                            paramLabel = "<file>",
                            description = "Holds the password; - is standard input.")
                    @Nullable
                    Path passwordFile)
            throws IOException {
        Cli parent = Objects.requireNonNull(cli);
        Secret password = password(passwordFile);
        return parent.on(foundation -> {
            parent.program().users(foundation).resetPassword(user, password).await();
            return Cli.OK;
        });
    }

    @Command(description = "List accounts.", mixinStandardHelpOptions = true)
    int list() {
        Cli parent = Objects.requireNonNull(cli);
        return parent.on(foundation -> {
            parent.program()
                    .users(foundation)
                    .list()
                    .await()
                    .forEach(user -> parent.out().println(line(user)));
            return Cli.OK;
        });
    }

    private static String line(UserAdmin.User user) {
        return user.id() + " " + user.email() + (user.admin() ? " admin" : "");
    }

    private Secret password(@Nullable Path file) throws IOException {
        if (file != null) {
            byte[] bytes = file.equals(Path.of("-")) ? System.in.readAllBytes() : Files.readAllBytes(file);
            return Secret.written(new String(bytes, StandardCharsets.UTF_8));
        }
        char[] typed = System.console() == null ? null : System.console().readPassword("Password: ");
        if (typed == null) {
            throw new CommandLine.ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "There is no terminal to ask; use --password-file");
        }
        return new Secret(new String(typed));
    }
}
