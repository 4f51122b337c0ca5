package dev.sluice.ops;

import dev.sluice.card.CardIssuers;
import dev.sluice.card.Seal;
import dev.sluice.config.SluiceConfig;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key that seals the keys of cards, and from which those come that hash what requests asked for; from a file or of
 * a passphrase. Losing it is losing the keys of all cards.
 */
public final class MasterKey {
    private static final Logger log = LoggerFactory.getLogger(MasterKey.class);

    /** In the data folder, where none is named. */
    private static final String FILE = "card-master.key";

    private MasterKey() {}

    /** The key as configured: of the passphrase, else from the file, made where none is named and none is there. */
    public static Future<Seal> open(Foundation f) {
        Secret passphrase = f.config().cards().passphrase();
        return passphrase.value().isEmpty()
                ? f.vertx().executeBlocking(() -> ofFile(f.config(), f.entropy()))
                : ofPassphrase(f, passphrase);
    }

    /** Another passphrase's key for the same database. */
    static Future<Seal> ofPassphrase(Foundation f, Secret passphrase) {
        return new CardIssuers(f.db(), f.clock(), f.entropy())
                .masterSalt()
                .compose(salt -> f.vertx().executeBlocking(() -> Seal.ofPassphrase(passphrase, salt)));
    }

    static Seal ofFile(SluiceConfig config, Entropy entropy) throws IOException {
        Path named = config.cards().keyFile().orElse(null);
        Path file = named == null ? config.dataFolder().resolve(FILE) : named;
        if (named == null && (Files.notExists(file) || Files.size(file) == 0)) {
            make(file, entropy);
        }
        return read(file);
    }

    /** Reads a key; fails with {@code Rejected} where the file holds none. */
    static Seal read(Path file) throws IOException {
        try {
            return Seal.ofHex(Files.readString(file));
        } catch (IllegalArgumentException malformed) {
            throw new Failure.Rejected("card-key-file", file + " must hold 64 hexadecimal digits").exception();
        }
    }

    /** Written whole under another name first: a start that is killed leaves no half of a key. */
    private static void make(Path file, Entropy entropy) throws IOException {
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path draft = Files.createTempFile(folder, FILE, ".new"); // for its owner alone, as the key will be
        try {
            write(draft, HexFormat.of().formatHex(entropy.bytes(Seal.BYTES)) + "\n");
            if (Files.exists(file) && Files.size(file) == 0) {
                Files.delete(file); // of a version that was killed between making and writing it
            }
            Files.createLink(file, draft); // another name of what is written; of two processes one succeeds
            log.info("card.masterkey.made file={} (keep a copy: without it no card works)", file);
        } catch (FileAlreadyExistsException another) {
            log.debug("card.masterkey.exists file={}", file);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void write(Path file, String text) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
            channel.force(true); // what is sealed with it reaches the disk as well
        }
    }
}
