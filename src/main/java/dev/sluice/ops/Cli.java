package dev.sluice.ops;

import dev.sluice.config.ConfigException;
import dev.sluice.config.ConfigLoader;
import dev.sluice.config.ConfigLoader.Loaded;
import dev.sluice.config.SluiceConfig;
import dev.sluice.db.DbConfig;
import dev.sluice.db.Lease;
import dev.sluice.db.Migrations;
import dev.sluice.eventlog.EventOrder;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.ledger.LedgerVerifier;
import dev.sluice.ledger.LedgerVerifier.Report;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The command line. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 the books do not add up. */
@Command(
        name = "sluice",
        description = "A payment gateway for bitcoin and Lightning. Without a command it serves.",
        mixinStandardHelpOptions = true,
        versionProvider = Cli.Version.class,
        subcommands = {ConfigCommand.class, LedgerCommand.class, UserCommand.class, KeyCommand.class, CardCommand.class
        })
public final class Cli implements Callable<Integer> {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int DRIFT = 3;

    /** For one short transaction. */
    private static final Duration TURN_TERM = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(Cli.class);

    private final Program program;
    private final Map<String, String> environment;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--config",
            paramLabel = "<file>",
            scope = ScopeType.INHERIT,
            description = "Settings in YAML; SLUICE_CONFIG otherwise.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "<key=value>",
            scope = ScopeType.INHERIT,
            description = "One setting; wins over file and environment.")
    private List<String> settings = List.of();

    public Cli(Program program, Map<String, String> environment) {
        this.program = program;
        this.environment = Map.copyOf(environment);
    }

    /** Runs one command; its exit code. */
    public static int run(
            Program program, Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
        Cli cli = new Cli(program, environment);
        CommandLine line = new CommandLine(cli);
        line.setOut(out);
        line.setErr(err);
        line.setExecutionExceptionHandler((failure, command, parsed) -> cli.explain(failure, err));
        return line.execute(args);
    }

    /** As {@link #run}, on the process's own streams. */
    public static int run(Program program, String... args) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        return run(program, System.getenv(), out, err, args);
    }

    /** Says something to the person at the terminal; for what is neither a log event nor a command's answer. */
    public static void say(String text) {
        new PrintWriter(System.out, true, StandardCharsets.UTF_8).println(text);
    }

    private int explain(Exception failure, PrintWriter err) {
        switch (failure) {
            case ConfigException config -> {
                config.problems().forEach(problem -> err.println("error: " + problem));
                return USAGE;
            }
            case FailureException expected ->
                err.println("error: " + expected.failure().message() + where(expected.failure()));
            case ParameterException usage -> throw usage;
            default -> {
                err.println("error: " + reason(failure));
                log.debug("command.failed", failure);
            }
        }
        return FAILED;
    }

    /** Whoever is at the terminal may know where the database should be; callers of the API do not hear it. */
    private String where(Failure failure) {
        if (!failure.code().equals("database-unavailable")) {
            return "";
        }
        SluiceConfig.Database database = load().config().database();
        boolean external = database.mode() == SluiceConfig.Database.Mode.EXTERNAL;
        return " at " + (external ? database.host() + ":" + database.port() : "127.0.0.1:" + database.embeddedPort());
    }

    /** What is at the bottom of a failure, with where it happened as far as one of its wrappings tells. */
    private static String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        if (cause == null) {
            return switch (failure) {
                case NoSuchFileException none -> "there is no file " + none.getMessage();
                case AccessDeniedException denied -> "no access to " + denied.getMessage();
                case FileAlreadyExistsException there ->
                    there.getMessage() + " is there already, and is something else";
                case FileSystemException other -> "cannot use " + other.getMessage();
                case UnknownHostException unknown -> "unknown host " + unknown.getMessage();
                default -> failure.getMessage() == null ? failure.toString() : failure.getMessage();
            };
        }
        String reason = reason(cause);
        String wrapped = failure.getMessage();
        return wrapped != null && wrapped.startsWith(reason) ? wrapped : reason;
    }

    @Override
    public Integer call() {
        return serve();
    }

    /** Starts the gateway and returns when it has been stopped. */
    @Command(description = "Start the gateway (the default).", mixinStandardHelpOptions = true)
    int serve() {
        Loaded loaded = load();
        Logs.configure(loaded.config().logging());
        loaded.warnings().forEach(warning -> log.warn("config.warning {}", warning));
        Shutdown shutdown = Foundation.shutdown(loaded);
        shutdown.beforeExit();
        Foundation foundation = Foundation.forServer(loaded, shutdown);
        try {
            program.start(foundation).await();
        } catch (Throwable failure) {
            shutdown.stop();
            throw failure;
        }
        log.info(
                "ready url={} network={}",
                loaded.config().publicUrl(),
                loaded.config().network());
        shutdown.awaitStopped();
        return OK;
    }

    /** Brings the schema up to date, or says what would be done. */
    @Command(description = "Bring the database's schema up to date.", mixinStandardHelpOptions = true)
    int migrate(
            @Option(names = "--plan", description = "Only list what would be applied.") boolean plan,
            @Option(
                            names = "--after-restore",
                            description = "Also put new events after those of a dump from another database server.")
                    boolean restored)
            throws IOException {
        if (plan && restored) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "--plan and --after-restore exclude each other");
        }
        applyMigrations(plan);
        return restored ? on(this::startEpoch) : OK;
    }

    private void applyMigrations(boolean plan) throws IOException {
        Loaded loaded = load();
        Shutdown shutdown = Foundation.shutdown(loaded);
        try {
            DbConfig database = Foundation.database(loaded.config(), shutdown, false);
            List<String> pending = Migrations.pending(database);
            pending.forEach(out()::println);
            if (!plan) {
                Migrations.migrate(database);
            }
            out().println(pending.size() + (plan ? " to apply" : " applied"));
        } finally {
            shutdown.stop();
        }
    }

    private int startEpoch(Foundation foundation) {
        Lease turn = foundation
                .leases()
                .acquire(Foundation.TURN, TURN_TERM, () -> {})
                .await()
                .orElseThrow(() -> new Failure.Conflict(
                                "gateway-running", "Stop every gateway of this database, wait 10 s and try again")
                        .exception());
        try {
            EventOrder.startEpoch(foundation.db(), turn).await();
        } finally {
            turn.release().await();
        }
        out().println("new events follow all known ones");
        return OK;
    }

    Loaded load() {
        String named = environment.get("SLUICE_CONFIG");
        Path chosen = file != null || named == null || named.isBlank() ? file : Path.of(named);
        return ConfigLoader.load(chosen, environment, settings);
    }

    /** Runs one command on an open database and closes it. */
    int on(Function<Foundation, Integer> command) {
        Foundation foundation = Foundation.forCommand(load());
        try {
            return command.apply(foundation);
        } finally {
            foundation.shutdown().stop();
        }
    }

    int verifyLedger() {
        return on(foundation -> {
            Report report = new LedgerVerifier(foundation.db()).verify().await();
            report.drifts().forEach(d -> out().println("drift " + d.check() + " " + d.subject() + ": " + d.detail()));
            out().println(report.accounts() + " accounts, " + report.transfers() + " transfers, "
                    + report.drifts().size() + " drifts");
            return report.sound() ? OK : DRIFT;
        });
    }

    Program program() {
        return program;
    }

    PrintWriter out() {
        return Objects.requireNonNull(spec).commandLine().getOut();
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Cli.class.getPackage().getImplementationVersion();
            return new String[] {"sluice " + (version == null ? "(from classes)" : version)};
        }
    }
}
