package dev.sluice.chain;

import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.BlockHeader;
import fr.acinq.bitcoin.ByteVector;
import fr.acinq.bitcoin.MerkleTree;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Satoshi;
import fr.acinq.bitcoin.ScriptWitness;
import fr.acinq.bitcoin.Transaction;
import fr.acinq.bitcoin.TxHash;
import fr.acinq.bitcoin.TxIn;
import fr.acinq.bitcoin.TxOut;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Blocks that consensus allows, or once allowed, and that nobody expects. */
class OddBlocksTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    static Stream<Duration> clocks() {
        return Stream.of(Duration.ofHours(-2), Duration.ofHours(2));
    }

    /** A miner's clock may be wrong by two hours: a payment is dated by when it was seen, and counts all the same. */
    @ParameterizedTest
    @MethodSource("clocks")
    void clockOfAMinerDatesNoPaymentAndHidesNone(Duration wrong) {
        Instant before = world.fixture.caughtUpAt();
        String seen = world.pay();
        world.fixture.look();
        world.minersAhead(wrong);
        String mined = world.pay();
        await(world.sim.mine(1));
        world.agree();
        assertThat(world.fixture.kept(seen)).contains(" confirmed 4 ");
        assertThat(world.fixture.kept(mined)).contains(" confirmed 4 ");
        assertThat(world.fixture.caughtUpAt()).isAfterOrEqualTo(before);
        assertThat(world.fixture.sink.updates.stream()
                        .flatMap(update -> update.changes().stream())
                        .map(OutputChange::seenAt))
                .isNotEmpty()
                .allSatisfy(at -> assertThat(at).isBetween(before.minusSeconds(60), Instant.now()));
    }

    /**
     * Two coinbases of 2010 were the same transaction, and the later output took the place of the earlier one (BIP 30):
     * it is one output, in the block that was mined last.
     */
    @Test
    void transactionInTwoBlocksIsOneOutput() {
        HandMade chain = new HandMade();
        world.followInstead(chain);
        ReservedAddress address = world.fixture.reserve();
        Transaction coinbase = coinbase(address.script());
        String txid = coinbase.txid.toString();
        chain.mine(coinbase);
        world.agree();
        assertThat(world.fixture.kept(txid)).startsWith(SAT + " confirmed 1 ");
        chain.mine(coinbase);
        world.agree();
        assertThat(world.fixture.kept(txid)).startsWith(SAT + " confirmed 2 ");
        assertThat(world.fixture.kept()).hasSize(1);
        chain.mine(coinbase("51"));
        world.agree();
    }

    private static Transaction coinbase(String script) {
        TxIn in = new TxIn(
                new OutPoint(new TxHash(new byte[32]), 0xffffffffL),
                new ByteVector("5151"),
                0xffffffffL,
                new ScriptWitness());
        return new Transaction(
                1,
                List.of(in),
                List.of(new TxOut(new Satoshi(SAT), HexFormat.of().parseHex(script))),
                0);
    }

    /** A node with the blocks it is given. */
    private static final class HandMade implements ChainSource {
        private final List<Block> blocks = new ArrayList<>(List.of(Block.RegtestGenesisBlock));

        void mine(Transaction transaction) {
            BlockHeader header = new BlockHeader(
                    0x20000000L,
                    blocks.getLast().hash,
                    MerkleTree.computeRoot(List.of(transaction.hash.value)),
                    Instant.now().getEpochSecond(),
                    0x207fffffL,
                    0);
            blocks.add(new Block(header, List.of(transaction)));
        }

        @Override
        public Future<Status> status() {
            int height = blocks.size() - 1;
            String tip = hash(height);
            return Future.succeededFuture(
                    new Status(Network.REGTEST.id(), height, tip, true, height, Network.REGTEST.genesisHash()));
        }

        private String hash(int height) {
            return blocks.get(height).blockId.toString();
        }

        private int height(String hash) {
            return blocks.stream().map(it -> it.blockId.toString()).toList().indexOf(hash);
        }

        @Override
        public Future<@Nullable String> hashAt(int height) {
            return Future.succeededFuture(height < blocks.size() ? hash(height) : null);
        }

        @Override
        public Future<Header> header(String hash) {
            int height = height(hash);
            long time = blocks.get(height).header.time;
            String previous = height == 0 ? null : hash(height - 1);
            return Future.succeededFuture(new Header(hash, previous, height, time, time, true));
        }

        @Override
        public Future<Buffer> block(String hash) {
            return Future.succeededFuture(Buffer.buffer(Block.write(blocks.get(height(hash)))));
        }

        @Override
        public Future<List<String>> mempool() {
            return Future.succeededFuture(List.of());
        }

        @Override
        public Future<@Nullable Buffer> mempoolTransaction(String txid) {
            return Future.succeededFuture(null);
        }

        @Override
        public Future<String> broadcast(Buffer transaction) {
            return Future.failedFuture("nothing is sent here");
        }

        @Override
        public Future<@Nullable Long> feeRateSatPerKvb(int blocks) {
            return Future.succeededFuture(null);
        }

        @Override
        public void onHint(Runnable hint) {}

        @Override
        public void close() {}
    }
}
