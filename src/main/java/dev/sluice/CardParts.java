package dev.sluice;

import dev.sluice.card.CardFeature;
import dev.sluice.card.Payouts;
import dev.sluice.card.Seal;
import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Fence;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.Outgoing;
import dev.sluice.lightning.PaymentMachine;
import dev.sluice.ops.Foundation;
import dev.sluice.rate.RateService;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cards as configured: with the key that their issuer keys are sealed with. */
final class CardParts {
    private static final Logger log = LoggerFactory.getLogger(CardParts.class);

    /** In the data folder, where none is named. */
    private static final String FILE = "card-master.key";

    private CardParts() {}

    static Future<CardFeature> start(
            Foundation f,
            Ledger ledger,
            StoreService stores,
            RateService rates,
            InvoiceService invoices,
            LightningParts lightning,
            Fence fence) {
        CardFeature.Base base = new CardFeature.Base(f.vertx(), f.db(), f.events(), ledger, f.clock(), f.entropy());
        AtomicReference<CardFeature> opened = new AtomicReference<>();
        PaymentMachine machine = new PaymentMachine(new PaymentMachine.Parts(
                f.db(),
                f.clock(),
                f.entropy(),
                node -> node.equals(NodeId.OPERATOR) ? lightning.payer() : Optional.empty(),
                node -> lightning.nodes().unavailableReason(node),
                node -> fence,
                (tx, payment) ->
                        Objects.requireNonNull(opened.get()).paymentSink().apply(tx, payment),
                PaymentMachine.GRACE));
        Payouts payouts = new NodePayouts(machine, lightning, f.config().network());
        return f.vertx()
                .executeBlocking(() -> seal(f))
                .compose(seal -> CardFeature.open(
                        base, seal, new CardFeature.Others(stores, rates, invoices, lightning.nodes(), payouts)))
                .compose(cards -> {
                    opened.set(cards);
                    return f.vertx().deployVerticle(machine).map(id -> {
                        cards.start();
                        f.shutdown().started("cards", cards::stop);
                        f.shutdown().started("payments", () -> f.vertx().undeploy(id));
                        return cards;
                    });
                });
    }

    /** Pays over the operator's node, where it has a credential that may. */
    private record NodePayouts(PaymentMachine machine, LightningParts lightning, SluiceConfig.Network bitcoin)
            implements Payouts {
        @Override
        public boolean isAvailable() {
            return lightning.payer().isPresent();
        }

        @Override
        public String network() {
            return switch (bitcoin) {
                case MAINNET -> "bc";
                case TESTNET -> "tb";
                case SIGNET -> "tbs";
                case REGTEST -> "bcrt";
            };
        }

        @Override
        public Future<Outgoing> intend(SqlConnection tx, Outgoing.Order order) {
            return machine.intend(tx, order);
        }

        @Override
        public void drive(PaymentHash hash) {
            machine.drive(hash);
        }
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
            log.info("card.masterkey.made file={} (keep a copy: without it no card works)", file);
        } catch (FileAlreadyExistsException another) {
            log.debug("card.masterkey.exists file={}", file);
        }
    }
}
