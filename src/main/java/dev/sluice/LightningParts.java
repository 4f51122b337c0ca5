package dev.sluice;

import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Fence;
import dev.sluice.egress.AddressGuard;
import dev.sluice.egress.EgressRules;
import dev.sluice.egress.HostResolver;
import dev.sluice.kernel.Failure;
import dev.sluice.lightning.ConnectionString;
import dev.sluice.lightning.LightningNode;
import dev.sluice.lightning.LightningNodes;
import dev.sluice.lightning.NodeId;
import dev.sluice.lightning.SettleSink;
import dev.sluice.lightning.lnd.LndChannels;
import dev.sluice.lightning.lnd.LndNode;
import dev.sluice.lightning.sim.SimulatedLightning;
import dev.sluice.lightning.sim.SimulatedNetwork;
import dev.sluice.ops.Foundation;
import io.vertx.core.Future;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Lightning as configured: the operator's node, and the way to nodes of stores. */
final class LightningParts {
    private static final long SIMULATION_SEED = 1;

    private final LightningNodes nodes;
    private final boolean operatorNode;
    private final Optional<LightningNode> payer;
    private final Optional<SimulatedLightning> customer;

    private LightningParts(
            LightningNodes nodes,
            boolean operatorNode,
            Optional<LightningNode> payer,
            Optional<SimulatedLightning> customer) {
        this.nodes = nodes;
        this.operatorNode = operatorNode;
        this.payer = payer;
        this.customer = customer;
    }

    /** The operator's node, reached with what may spend; empty where nothing may. */
    Optional<LightningNode> payer() {
        return payer;
    }

    LightningNodes nodes() {
        return nodes;
    }

    /** Whether stores can use the operator's node. */
    boolean hasOperatorNode() {
        return operatorNode;
    }

    /** The simulated buyer. */
    Optional<SimulatedLightning> customer() {
        return customer;
    }

    static Future<LightningParts> start(Foundation f, SettleSink sink, Fence fence) {
        SluiceConfig.Lightning config = f.config().lightning();
        LndChannels channels = new LndChannels();
        String network = f.config().network().name().toLowerCase(Locale.ROOT);
        LightningNodes nodes = new LightningNodes(
                f.vertx(), f.db(), f.clock(), f.entropy(), sink, node -> fence, stores(f, channels, network));
        f.shutdown().started("lightning nodes", () -> nodes.close().onComplete(closed -> channels.close()));
        return switch (config.mode()) {
            case NONE -> Future.succeededFuture(new LightningParts(nodes, false, Optional.empty(), Optional.empty()));
            case SIMULATED -> simulated(f, nodes);
            case LND ->
                open(f, channels, network, config.invoiceMacaroonFile().orElseThrow())
                        .compose(node -> attach(nodes, node))
                        .compose(attached -> payer(f, channels, network))
                        .map(payer -> new LightningParts(nodes, true, payer, Optional.empty()));
        };
    }

    /** Opens nodes that store owners name: only where the operator lets them connect to. */
    private static Function<ConnectionString.Lnd, Future<LightningNode>> stores(
            Foundation f, LndChannels channels, String network) {
        boolean anywhere = f.config().lightning().allowPrivateAddresses();
        AddressGuard guard = new AddressGuard(anywhere ? EgressRules.LOCAL : EgressRules.STRICT);
        HostResolver names = HostResolver.system(f.vertx());
        LndChannels guarded = channels.to(guard::allows);
        return target -> names.resolve(target.host())
                .recover(unknown -> Future.failedFuture(
                        new Failure.Rejected("lightning-host-unknown", "The node's host has no address").exception()))
                .map(addresses -> guard.choose(target.host(), addresses))
                .compose(reachable -> LndNode.open(f.vertx(), guarded, target, network));
    }

    private static Future<LightningParts> simulated(Foundation f, LightningNodes nodes) {
        Path folder = f.config().dataFolder();
        return f.vertx()
                .executeBlocking(() -> {
                    Files.createDirectories(folder);
                    SimulatedNetwork network = new SimulatedNetwork(f.vertx(), f.clock(), SIMULATION_SEED, folder);
                    network.node("gateway"); // reads its journal
                    network.node("customer");
                    return network;
                })
                .compose(network -> {
                    f.shutdown().started("simulated lightning", () -> {
                        network.close();
                        return Future.succeededFuture();
                    });
                    LightningNode gateway = network.node("gateway");
                    return attach(nodes, gateway)
                            .map(attached -> new LightningParts(
                                    nodes, true, Optional.of(gateway), Optional.of(network.node("customer"))));
                });
    }

    private static Future<Void> attach(LightningNodes nodes, LightningNode node) {
        return nodes.attach(NodeId.OPERATOR, node);
    }

    /** The same node with the other credential, so that nothing else in the process can spend. */
    private static Future<Optional<LightningNode>> payer(Foundation f, LndChannels channels, String network) {
        Optional<Path> macaroon = f.config().lightning().spendMacaroonFile();
        return macaroon.isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : open(f, channels, network, macaroon.get()).map(node -> {
                    f.shutdown().started("payer", () -> {
                        node.close();
                        return Future.succeededFuture();
                    });
                    return Optional.of(node);
                });
    }

    private static Future<LightningNode> open(Foundation f, LndChannels channels, String network, Path macaroon) {
        SluiceConfig.Lightning config = f.config().lightning();
        String connection = "type=lnd-grpc;server=https://" + config.lndGrpcUrl()
                + ";certfilepath=" + config.tlsCertFile().orElseThrow()
                + ";macaroonfilepath=" + macaroon;
        return LndNode.open(f.vertx(), channels, ConnectionString.parse(connection), network)
                .map(node -> node);
    }
}
