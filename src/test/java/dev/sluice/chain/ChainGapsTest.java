package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
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

    /** Somebody else's address. */
    private static final String ELSEWHERE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static final long SAT = 50_000;
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

    private void restart(Network network) {
        fixture.stop();
        node.network = network;
        fixture.start(network, Fence.NONE, fixture.sink);
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
        Instant before = fixture.caughtUpAt();
        await(sim.headersAhead(1));
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("node-syncing");
        assertThat(fixture.caughtUpAt()).isEqualTo(before);
        await(sim.headersAhead(0));
        fixture.look();
        assertThat(fixture.caughtUpAt()).isAfter(before);
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
