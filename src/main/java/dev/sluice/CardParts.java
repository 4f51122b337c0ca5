package dev.sluice;

import dev.sluice.card.CardFeature;
import dev.sluice.card.Seal;
import dev.sluice.kernel.Failure;
import dev.sluice.ledger.Ledger;
import dev.sluice.ops.Foundation;
import dev.sluice.rate.RateService;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cards as configured: with the key that their issuer keys are sealed with. */
final class CardParts {
    private static final Logger log = LoggerFactory.getLogger(CardParts.class);

    /** In the data folder, where none is named. */
    private static final String FILE = "cards.key";

    private CardParts() {}

    static Future<CardFeature> start(Foundation f, Ledger ledger, StoreService stores, RateService rates) {
        CardFeature.Base base = new CardFeature.Base(f.vertx(), f.db(), f.events(), ledger, f.clock(), f.entropy());
        return f.vertx()
                .executeBlocking(() -> seal(f))
                .compose(seal -> CardFeature.open(base, seal, stores, rates))
                .map(cards -> {
                    cards.start();
                    f.shutdown().started("cards", cards::stop);
                    return cards;
                });
    }

    /** Reads the key, or makes one where none is named; losing it is losing the keys of all cards. */
    private static Seal seal(Foundation f) throws IOException {
        Path named = f.config().cards().keyFile().orElse(null);
        Path file = named == null ? f.config().dataFolder().resolve(FILE) : named;
        if (named == null && !Files.exists(file)) {
            make(f, file);
        }
        try {
            return Seal.ofHex(Files.readString(file));
        } catch (IllegalArgumentException malformed) {
            throw new Failure.Rejected("card-key-file", file + " must hold 64 hexadecimal digits").exception();
        }
    }

    private static void make(Foundation f, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        String hex = HexFormat.of().formatHex(f.entropy().bytes(Seal.BYTES)) + "\n";
        Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        try (var channel = Files.newByteChannel(file, fresh, owner)) {
            channel.write(java.nio.ByteBuffer.wrap(hex.getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
            log.info("cards.key.made file={} (keep a copy: without it no card works)", file);
        } catch (FileAlreadyExistsException another) {
            log.debug("cards.key.exists file={}", file);
        }
    }
}
