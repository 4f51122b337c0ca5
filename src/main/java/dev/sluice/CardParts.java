package dev.sluice;

import dev.sluice.card.CardFeature;
import dev.sluice.card.Payouts;
import dev.sluice.card.RootSecret;
import dev.sluice.card.Seal;
import dev.sluice.chain.ChainService;
import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Fence;
import dev.sluice.egress.EgressClient;
import dev.sluice.http.OpenStreams;
import dev.sluice.invoice.InvoiceService;
import dev.sluice.kernel.PaymentHash;
import dev.sluice.ledger.Ledger;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.Outgoing;
import dev.sluice.lightning.PaymentMachine;
import dev.sluice.ops.Foundation;
import dev.sluice.rate.RateServiceLive;
import dev.sluice.store.StoreService;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** Cards as configured: with the key that their issuer keys are sealed with. */
final class CardParts {
    private CardParts() {}

    static Future<CardFeature> start(
            Foundation f,
            Seal seal,
            RootSecret root,
            Ledger ledger,
            StoreService stores,
            RateServiceLive rates,
            InvoiceService invoices,
            EgressClient egress,
            Optional<ChainParts> chain,
            LightningParts lightning,
            OpenStreams streams,
            Fence fence) {
        CardFeature.Base base = new CardFeature.Base(f.vertx(), f.db(), f.events(), ledger, f.clock(), f.entropy());
        AtomicReference<CardFeature> opened = new AtomicReference<>();
        PaymentMachine machine = new PaymentMachine(new PaymentMachine.Parts(
                f.db(),
                f.clock(),
                f.entropy(),
                node -> node.equals(NodeId.OPERATOR) ? lightning.payer() : Optional.empty(),
                node -> lightning.nodes().untrustedReason(node),
                node -> fence,
                (tx, payment) ->
                        Objects.requireNonNull(opened.get()).paymentSink().apply(tx, payment),
                CardFeature.ownInvoices(base, lightning.nodes()),
                PaymentMachine.GRACE));
        Payouts payouts = new NodePayouts(machine, lightning, f.config().network());
        return CardFeature.open(
                        base,
                        seal,
                        root,
                        new CardFeature.Others(
                                stores,
                                rates,
                                rates,
                                invoices,
                                lightning.nodes(),
                                payouts,
                                egress,
                                f.config().publicUrl(),
                                f.config().network() != SluiceConfig.Network.MAINNET,
                                streams,
                                chain.<ChainService>map(ChainParts::service).orElseGet(NoChain::new),
                                chain.flatMap(ChainParts::operatorWallet),
                                f.config().cards().spreadMinPpm()))
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
        public boolean isFull() {
            return machine.isFull();
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
        public Future<Optional<Outgoing>> find(PaymentHash hash) {
            return machine.find(hash);
        }

        @Override
        public void drive(PaymentHash hash) {
            machine.drive(hash);
        }
    }
}
