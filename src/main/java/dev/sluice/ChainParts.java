package dev.sluice;

import dev.sluice.chain.ChainConfig;
import dev.sluice.chain.ChainServiceLive;
import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainSource;
import dev.sluice.chain.ChainWatcher;
import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.chain.WalletId;
import dev.sluice.chain.bitcoind.BitcoindConfig;
import dev.sluice.chain.bitcoind.BitcoindSource;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.config.SluiceConfig;
import dev.sluice.db.Fence;
import dev.sluice.kernel.Secret;
import dev.sluice.ops.Foundation;
import io.vertx.core.Future;
import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The chain as configured: its source, the watcher that follows it, and the operator's wallet. */
final class ChainParts {
    private static final long SIMULATION_SEED = 1;
    private static final int FEE_TARGET_BLOCKS = 6;
    /** 500 sat a vbyte: above that nobody's node is to be believed. */
    private static final long FEE_MAX_SAT_PER_KVB = 500_000;
    /** The recovery phrase of every documentation: anyone can spend from it, so demonstrations on regtest have it. */
    private static final Secret PUBLIC_PHRASE =
            new Secret("abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about");

    private final ChainSource source;
    private final ChainServiceLive service;
    private final Network network;
    private final Optional<SimulatedChain> simulated;
    private @Nullable WalletId operatorWallet;

    private ChainParts(
            ChainSource source, ChainServiceLive service, Network network, Optional<SimulatedChain> simulated) {
        this.source = source;
        this.service = service;
        this.network = network;
        this.simulated = simulated;
    }

    ChainServiceLive service() {
        return service;
    }

    ChainSource source() {
        return source;
    }

    Network network() {
        return network;
    }

    Optional<SimulatedChain> simulated() {
        return simulated;
    }

    /** The wallet that holds money for stores, if one is set up. */
    Optional<WalletId> operatorWallet() {
        return Optional.ofNullable(operatorWallet);
    }

    static Network network(SluiceConfig config) {
        return switch (config.network()) {
            case MAINNET -> Network.MAIN;
            case TESTNET -> Network.TEST;
            case SIGNET -> Network.SIGNET;
            case REGTEST -> Network.REGTEST;
        };
    }

    /** Opens the source, starts the watcher and opens the operator's wallet; empty where no chain is configured. */
    static Future<Optional<ChainParts>> start(Foundation f, ChainSink sink, Fence fence) {
        SluiceConfig.Chain config = f.config().chain();
        return switch (config.mode()) {
            case NONE -> Future.succeededFuture(Optional.empty());
            case SIMULATED ->
                SimulatedChain.open(
                                f.vertx(),
                                f.clock(),
                                SIMULATION_SEED,
                                f.config().dataFolder().resolve("chain.journal"))
                        .compose(chain -> follow(f, chain, Optional.of(chain), sink, fence));
            case BITCOIND -> follow(f, new BitcoindSource(f.vertx(), bitcoind(config)), Optional.empty(), sink, fence);
        };
    }

    private static Future<Optional<ChainParts>> follow(
            Foundation f, ChainSource source, Optional<SimulatedChain> simulated, ChainSink sink, Fence fence) {
        Network network = network(f.config());
        ChainConfig config =
                new ChainConfig(network, f.config().chain().pollIntervalMs(), FEE_TARGET_BLOCKS, FEE_MAX_SAT_PER_KVB);
        ChainWatcher watcher = new ChainWatcher(config, source, f.db(), sink, fence, f.clock(), f.entropy());
        ChainServiceLive service = new ChainServiceLive(f.vertx(), f.db(), network, watcher);
        ChainParts parts = new ChainParts(source, service, network, simulated);
        f.shutdown().started("chain source", () -> {
            source.close();
            return Future.succeededFuture();
        });
        return f.vertx()
                .deployVerticle(watcher)
                .compose(id -> {
                    f.shutdown().started("chain watcher", () -> f.vertx().undeploy(id));
                    f.shutdown().started("address pool", service::close);
                    return parts.openOperatorWallet(f);
                })
                .map(Optional.of(parts));
    }

    private Future<Void> openOperatorWallet(Foundation f) {
        String descriptor = f.config().chain().operatorDescriptor();
        if (descriptor.isEmpty()
                && network == Network.REGTEST
                && f.config().demo().enabled()) {
            descriptor = new WalletGenerator(f.entropy())
                    .account(network, PUBLIC_PHRASE, new Secret(""), 0, ScriptType.SEGWIT)
                    .descriptor()
                    .toString();
        }
        return descriptor.isEmpty()
                ? Future.succeededFuture()
                : service.openWallet("operator", descriptor, f.config().chain().operatorStartIndex())
                        .onSuccess(id -> operatorWallet = id)
                        .mapEmpty();
    }

    private static BitcoindConfig bitcoind(SluiceConfig.Chain config) {
        URI url = URI.create(config.rpcUrl());
        boolean tls = "https".equals(url.getScheme());
        BitcoindConfig.Credentials credentials = config.cookieFile().isPresent()
                ? new BitcoindConfig.Credentials.Cookie(config.cookieFile().get())
                : new BitcoindConfig.Credentials.Password(config.rpcUser(), config.rpcPassword());
        return new BitcoindConfig(
                url.getHost(),
                url.getPort(),
                tls,
                credentials,
                Stream.of(config.zmqRawtx(), config.zmqHashblock(), config.zmqSequence())
                        .filter(endpoint -> !endpoint.isEmpty())
                        .distinct()
                        .toList());
    }
}
