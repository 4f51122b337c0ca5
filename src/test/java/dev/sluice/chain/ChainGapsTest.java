package dev.sluice.chain;

import static dev.sluice.chain.World.ELSEWHERE;
import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happened on the chain while nobody looked, or while the node itself did not. */
class ChainGapsTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final int BLOCKS = 3;
    private static final long READING_SECONDS_MAX = 300;

    private volatile Instant miners = Instant.now();
    private Node node;
    private SimulatedChain sim;
    private ChainFixture fixture;

    @BeforeEach
    void open() {
        for (String table : List.of(
                "chain_block",
                "chain_output",
                "chain_input",
                "chain_conflict",
                "wallet",
                "chain_address",
                "keychain")) {
            sql("delete from " + table);
        }
        sim = await(SimulatedChain.open(DATABASE.vertx(), () -> miners, 1, null));
        await(sim.hints(100, 0));
        await(sim.mine(BLOCKS));
        node = new Node(sim);
        fixture = new ChainFixture(DATABASE, node);
        sql("delete from kept");
    }

    @AfterEach
    void close() {
        fixture.stop();
    }

    private static void sql(String statement) {
        await(DATABASE.db().write(statement, Tuple.tuple()));
    }

    private Future<ReservedAddress> reserving() {
        return DATABASE.db().tx(tx -> fixture.chain.reserve(tx, fixture.wallet, "invoice:x"));
    }

    private void restart(Network network) {
        fixture.stop();
        node.network = network;
        fixture.start(network, Fence.NONE, fixture.sink);
    }

    /** As a database that handed out addresses before the node was ever read. */
    private void forgetTheChain() {
        fixture.stop();
        sql("delete from chain_block");
        sql("update keychain set mempool_read = false");
        fixture.sink.updates.clear();
    }

    @Test
    void noAddressIsHandedOutBeforeTheNodeWasReadForTheFirstTime() {
        forgetTheChain();
        await(sim.down(true));
        fixture.start(Network.REGTEST, Fence.NONE, fixture.sink);
        failure(fixture.watcher.look());
        assertThat(failure(reserving())).hasMessageContaining("chain-not-read");
        await(sim.down(false));
        fixture.look();
        String txid = await(sim.payTo(fixture.reserve().address(), SAT));
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.kept(txid)).contains("confirmed");
    }

    @Test
    void gatewayThatWasStoppedNeedsNoNodeToHandOutAddresses() {
        fixture.look();
        await(sim.down(true));
        restart(Network.REGTEST);
        await(reserving());
        failure(fixture.watcher.look());
        await(reserving());
        assertThat(fixture.chain.unavailableReason()).isPresent();
    }

    @Test
    void chainOfWhichNothingIsOursIsReadFromItsTip() {
        fixture.look();
        assertThat(fixture.sink.updates.getFirst().tipHeight()).isEqualTo(BLOCKS);
    }

    @Test
    void paymentsToAddressesOfBeforeTheFirstPassAreFound() {
        fixture.look();
        forgetTheChain();
        miners = miners.minus(Duration.ofDays(10));
        sim = await(SimulatedChain.open(DATABASE.vertx(), () -> miners, 2, null));
        node.sim = sim;
        await(sim.mine(30));
        fixture.start(Network.REGTEST, Fence.NONE, fixture.sink);
        fixture.look();
        ReservedAddress address = fixture.reserve();
        forgetTheChain();
        miners = Instant.now();
        String txid = await(sim.payTo(address.address(), SAT));
        await(sim.mine(20));
        fixture.start(Network.REGTEST, Fence.NONE, fixture.sink);
        fixture.look();
        assertThat(fixture.kept(txid)).contains("confirmed 31");
        assertThat(fixture.sink.updates.getFirst().tipHeight())
                .as("the median time of block 35 is still that of the old ones; eleven below it")
                .isEqualTo(24);
    }

    @Test
    void addressesThatWaitedTooLongAreLookedForAsFarBackAsIsBearable() {
        fixture.look();
        fixture.reserve();
        sql("update chain_address set reserved_at = reserved_at - interval '60 days' where subject is not null");
        int height = BLOCKS + Beginning.BLOCKS_MAX + 100;
        await(sim.mine(height - BLOCKS));
        String hash =
                await(Beginning.find(sim, new ChainRepository(DATABASE.db(), Clock.system()), await(sim.status())));
        assertThat(hash).isEqualTo(await(sim.hashAt(height - Beginning.BLOCKS_MAX)));
    }

    @Test
    void thousandsOfMissedBlocksAreRead() throws TimeoutException {
        int missed = 3_000;
        fixture.look();
        ReservedAddress address = fixture.reserve();
        await(sim.mine(missed - 1));
        String txid = await(sim.payTo(address.address(), SAT));
        await(sim.mine(1));
        fixture.watcher.look().await(READING_SECONDS_MAX, TimeUnit.SECONDS);
        assertThat(fixture.chain.tip().orElseThrow().height()).isEqualTo(BLOCKS + missed);
        assertThat(fixture.kept(txid)).contains("confirmed " + (BLOCKS + missed));
        await(fixture.watcher.look());
    }

    @Test
    void nodeThatKnowsOfBlocksItDoesNotHaveIsNotReadToNow() {
        fixture.look();
        await(sim.headersAhead(1));
        Instant tip = Instant.ofEpochSecond(
                await(sim.header(await(sim.status()).tipHash())).medianTime());
        Instant later = tip.plus(Duration.ofMinutes(10));
        fixture.clock = () -> later;
        fixture.look();
        assertThat(fixture.caughtUpAt()).isEqualTo(tip);
        assertThat(fixture.chain.unavailableReason()).isEmpty();
        await(sim.headersAhead(0));
        fixture.look();
        assertThat(fixture.caughtUpAt()).isEqualTo(later);
    }

    @Test
    void nodeWhoseTipIsOldIsReadToThatTipAndNotToNow() {
        fixture.look();
        Instant tip = Instant.ofEpochSecond(
                await(sim.header(await(sim.status()).tipHash())).time());
        fixture.clock = () -> tip.plus(Duration.ofMinutes(59));
        restart(Network.SIGNET);
        fixture.look();
        assertThat(fixture.caughtUpAt()).isEqualTo(tip.plus(Duration.ofMinutes(59)));
        fixture.clock = () -> tip.plus(Duration.ofMinutes(61));
        fixture.look();
        assertThat(fixture.caughtUpAt()).isEqualTo(tip);
        assertThat(fixture.chain.unavailableReason()).isEmpty();
        restart(Network.REGTEST);
        fixture.look();
        assertThat(fixture.caughtUpAt())
                .as("blocks on demand are late for nothing")
                .isAfter(tip);
    }

    @Test
    void rivalThatIsMinedBeforeTheMempoolIsListedStaysEvidence() {
        fixture.look();
        String txid = await(sim.payTo(fixture.reserve().address(), SAT));
        fixture.look();
        String rival = await(sim.replace(txid, ELSEWHERE, SAT));
        fixture.look();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " conflicted " + rival + " null");
        fixture.sink.updates.clear();
        node.minesFirst = true;
        fixture.look();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " conflicted " + rival + " " + (BLOCKS + 1));
        assertThat(fixture.sink.updates.stream()
                        .flatMap(update -> update.changes().stream())
                        .map(OutputChange::state))
                .as("it was never called possible again")
                .isNotEmpty()
                .allMatch(state -> state instanceof OutputChange.State.Conflicted);
    }

    /** The simulated node, which may say that it is on another network and be overtaken by a block. */
    private static final class Node implements ChainSource {
        private volatile SimulatedChain sim;
        private volatile Network network = Network.REGTEST;
        private volatile boolean minesFirst;

        Node(SimulatedChain sim) {
            this.sim = sim;
        }

        @Override
        public Future<Status> status() {
            return sim.status()
                    .map(said -> new Status(
                            network.id(),
                            said.height(),
                            said.tipHash(),
                            said.synced(),
                            said.headers(),
                            network.genesisHash()));
        }

        @Override
        public Future<String> hashAt(int height) {
            return sim.hashAt(height);
        }

        @Override
        public Future<Header> header(String hash) {
            return sim.header(hash);
        }

        @Override
        public Future<Buffer> block(String hash) {
            return sim.block(hash);
        }

        @Override
        public Future<List<String>> mempool() {
            boolean mines = minesFirst;
            minesFirst = false;
            return mines ? sim.mine(1).compose(mined -> sim.mempool()) : sim.mempool();
        }

        @Override
        public Future<Buffer> mempoolTransaction(String txid) {
            return sim.mempoolTransaction(txid);
        }

        @Override
        public Future<String> broadcast(Buffer transaction) {
            return sim.broadcast(transaction);
        }

        @Override
        public Future<Long> feeRateSatPerKvb(int blocks) {
            return sim.feeRateSatPerKvb(blocks);
        }

        @Override
        public void onHint(Runnable hint) {
            sim.onHint(hint);
        }

        @Override
        public void close() {
            sim.close();
        }
    }
}
