package dev.sluice.ops;

import dev.sluice.card.CardFile;
import dev.sluice.card.CardImport;
import dev.sluice.card.CardIssuers;
import dev.sluice.card.ImportedCard;
import dev.sluice.card.Seal;
import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.card.ntag424.Uid;
import dev.sluice.card.ntag424.VirtualCard;
import dev.sluice.config.SluiceConfig;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** Cards without hardware. */
@Command(name = "card", description = "Cards.", mixinStandardHelpOptions = true)
final class CardCommand {
    private static final int TAPS_MAX = 100_000;
    private static final int PASSPHRASE_MIN = SluiceConfig.Cards.PASSPHRASE_MIN;

    @ParentCommand
    private @Nullable Cli cli;

    @Spec
    private @Nullable CommandSpec spec;

    /** Prints the links that a card of these keys would show. */
    @Command(
            name = "virtual",
            description = "Tap a card in software: prints a link for each tap.",
            mixinStandardHelpOptions = true)
    int virtual(
            @Option(
                            names = "--issuer-key-file",
                            paramLabel = "<file>",
                            required = true,
                            description = "Holds the issuer's key: 32 hexadecimal digits.")
                    Path keyFile,
            @Option(
                            names = "--uid",
                            paramLabel = "<hex>",
                            required = true,
                            description = "The card's UID: 14 hexadecimal digits.")
                    String uid,
            @Option(names = "--key-version", defaultValue = "1", description = "How often it was programmed.")
                    int version,
            @Option(names = "--pull-payment", description = "Of a card that BTCPay Server issued.") @Nullable
                    String pullPayment,
            @Option(names = "--counter", defaultValue = "1", description = "Of the first tap.") int counter,
            @Option(names = "--taps", defaultValue = "1", description = "How many.") int taps,
            @Option(
                            names = "--link",
                            defaultValue = "lnurlw://localhost/boltcard",
                            description = "What the card was programmed with.")
                    String link)
            throws IOException {
        if (taps < 1 || taps > TAPS_MAX) {
            throw usage("--taps is from 1 to " + TAPS_MAX);
        }
        VirtualCard card = card(keyFile, uid, version, Optional.ofNullable(pullPayment), counter);
        String glue = link.contains("?") ? "&" : "?";
        for (int i = 0; i < taps; i++) {
            Tap tap = card.tap();
            out(link + glue + "p=" + tap.p().toUpperCase(Locale.ROOT) + "&c="
                    + tap.c().toUpperCase(Locale.ROOT));
        }
        return Cli.OK;
    }

    /** Takes cards of other issuers over. */
    @Command(
            name = "import",
            description = {
                "Take over cards of BTCPay Server, boltcard or LNbits.",
                "The file has lines with a header, or is a JSON list (docs/CARDS.md)."
            },
            mixinStandardHelpOptions = true)
    int take(
            @Option(names = "--programme", required = true, description = "Whose terms they get.") String programme,
            @Option(names = "--file", paramLabel = "<csv|json>", required = true) Path file,
            @Option(
                            names = "--issuer-key-file",
                            paramLabel = "<file>",
                            description = "Of BTCPay Server: holds its issuer key, 32 hexadecimal digits.")
                    @Nullable
                    Path keyFile,
            @Option(names = "--apply", description = "Import; without it nothing is written.") boolean apply)
            throws IOException {
        List<CardFile.Line> lines = read(file);
        Optional<AesKey> key = keyFile == null ? Optional.empty() : Optional.of(key(keyFile));
        lines.stream()
                .filter(line -> line.card().isEmpty())
                .forEach(line -> out("line " + line.number() + ": " + line.problem()));
        List<ImportedCard> cards =
                lines.stream().flatMap(line -> line.card().stream()).toList();
        if (cards.size() < lines.size()) {
            out("nothing was imported: " + (lines.size() - cards.size()) + " lines cannot be read");
            return Cli.USAGE;
        }
        return Objects.requireNonNull(cli).on(f -> {
            Seal seal = MasterKey.open(f).await();
            CardImport.Report report = new CardImport(f.db(), f.events(), f.clock(), f.entropy())
                    .run(programme, key, cards, seal, apply)
                    .await();
            report.problems()
                    .forEach(problem -> out("line " + lines.get(problem.at()).number() + ": " + problem.why()));
            if (!report.problems().isEmpty()) {
                out("nothing was imported: " + report.problems().size() + " cards cannot be taken");
                return Cli.USAGE;
            }
            out((apply ? "imported " : "would import ") + report.fresh() + " cards with " + report.total() + ", "
                    + report.corrected() + (apply ? " corrected, " : " to correct, ") + report.known()
                    + " are here already");
            if (apply && report.fresh() > 0) {
                out("restart the gateway: it reads issuer keys when it starts");
            }
            return Cli.OK;
        });
    }

    /** Rotates the issuer key. */
    @Command(
            description = {
                "List the issuer keys, or add one for new cards.",
                "Cards keep the key that they have; restart the gateway after adding."
            },
            mixinStandardHelpOptions = true)
    int issuers(@Option(names = "--add", description = "Add a key.") boolean add) {
        return Objects.requireNonNull(cli).on(f -> {
            CardIssuers issuers = new CardIssuers(f.db(), f.clock(), f.entropy());
            if (add) {
                out("added issuer " + issuers.add(MasterKey.open(f).await()).await());
            }
            for (CardIssuers.Issuer issuer : issuers.list().await()) {
                out(issuer.id() + "  " + issuer.createdAt() + "  " + (issuer.writes() ? "writes" : "reads") + "  "
                        + issuer.cards() + " cards  sealed with " + issuer.sealedWith());
            }
            return Cli.OK;
        });
    }

    /** Rotates the master key. */
    @Command(
            description = "Seal the keys of cards with another master key; then configure that and restart.",
            mixinStandardHelpOptions = true)
    int reseal(
            @Option(names = "--new-key-file", paramLabel = "<file>", description = "64 hexadecimal digits.") @Nullable
                    Path newKeyFile,
            @Option(
                            names = "--new-passphrase-file",
                            paramLabel = "<file>",
                            description = "A passphrase of 16 characters or more.")
                    @Nullable
                    Path newPassphraseFile)
            throws IOException {
        if ((newKeyFile == null) == (newPassphraseFile == null)) {
            throw usage("one of --new-key-file and --new-passphrase-file is needed");
        }
        Secret passphrase = new Secret(
                newPassphraseFile == null
                        ? ""
                        : Files.readString(newPassphraseFile).strip());
        if (newPassphraseFile != null && passphrase.value().length() < PASSPHRASE_MIN) {
            throw usage("the passphrase is shorter than " + PASSPHRASE_MIN + " characters");
        }
        Optional<Seal> key = newKeyFile == null ? Optional.empty() : Optional.of(MasterKey.read(newKeyFile));
        return Objects.requireNonNull(cli).on(f -> {
            Seal to = key.isPresent()
                    ? key.get()
                    : MasterKey.ofPassphrase(f, passphrase).await();
            int sealed = new CardImport(f.db(), f.events(), f.clock(), f.entropy())
                    .reseal(MasterKey.open(f).await(), to)
                    .await();
            out("sealed " + sealed + " keys with " + to.fingerprint());
            return Cli.OK;
        });
    }

    private List<CardFile.Line> read(Path file) throws IOException {
        try {
            return CardFile.parse(Files.readString(file));
        } catch (IllegalArgumentException malformed) {
            throw usage(malformed.getMessage());
        }
    }

    private AesKey key(Path file) throws IOException {
        try {
            return AesKey.ofHex(Files.readString(file).strip());
        } catch (IllegalArgumentException malformed) {
            throw usage(malformed.getMessage());
        }
    }

    private VirtualCard card(Path keyFile, String uid, int version, Optional<String> pullPayment, int counter)
            throws IOException {
        try {
            IssuerKey issuer = new IssuerKey(key(keyFile));
            Uid card = Uid.given(uid);
            return new VirtualCard(issuer.cardKeys(card, version, pullPayment), card, counter, Entropy.secure());
        } catch (IllegalArgumentException malformed) {
            throw usage(malformed.getMessage());
        }
    }

    private void out(String line) {
        command().commandLine().getOut().println(line);
    }

    private ParameterException usage(@Nullable String why) {
        return new ParameterException(command().commandLine(), String.valueOf(why));
    }

    private CommandSpec command() {
        return java.util.Objects.requireNonNull(spec);
    }
}
