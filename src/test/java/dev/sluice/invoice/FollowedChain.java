package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.chain.ChainConfig;
import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainServiceLive;
import dev.sluice.chain.ChainSink;
import dev.sluice.chain.ChainSource;
import dev.sluice.chain.ChainWatcher;
import dev.sluice.chain.Network;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;

/** A chain that is looked at when the test says so. */
record FollowedChain(TestDatabase database, ChainWatcher watcher, ChainService service, String deployment) {
    private static final long NEVER_MS = 60_000;

    static FollowedChain open(TestDatabase database, ChainSource source, ChainSink sink, Clock clock) {
        ChainWatcher watcher = new ChainWatcher(
                new ChainConfig(Network.REGTEST, NEVER_MS, 6, 500_000),
                source,
                database.db(),
                sink,
                Fence.NONE,
                clock,
                Entropy.secure());
        String deployment = await(database.vertx().deployVerticle(watcher));
        ChainService service = new ChainServiceLive(database.vertx(), database.db(), Network.REGTEST, watcher);
        return new FollowedChain(database, watcher, service, deployment);
    }

    void close() {
        await(database.vertx().undeploy(deployment));
    }
}
