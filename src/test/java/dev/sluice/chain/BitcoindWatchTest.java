package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.bitcoind.BitcoindSource;
import dev.sluice.chain.bitcoind.RegtestNode;
import dev.sluice.db.TestDatabase;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The main scenarios on a real node. */
@Tag("node")
class BitcoindWatchTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final long SAT = 70_000;
    private static RegtestNode node;
    private static BitcoindSource source;

    @BeforeAll
    static void start() {
        node = RegtestNode.start(DATABASE.vertx());
        source = new BitcoindSource(DATABASE.vertx(), node.config());
    }

    @AfterAll
    static void stop() {
        source.close();
        node.close();
    }

    private ChainFixture fixture;

    @BeforeEach
    void open() {
        for (String table : List.of("chain_block", "chain_output", "chain_input", "chain_conflict")) {
            await(DATABASE.db().write("delete from " + table, Tuple.tuple()));
        }
        // Addresses of the tests before are nobody's: else the watcher begins below the blocks that pay them.
        await(DATABASE.db()
                .write("update chain_address set subject = 'foreign' where subject is not null", Tuple.tuple()));
        node.mine(1);
        fixture = new ChainFixture(DATABASE, source);
        await(DATABASE.db().write("delete from kept", Tuple.tuple()));
        fixture.look();
    }

    @AfterEach
    void close() {
        fixture.stop();
    }

    private String pay() {
        return node.payTo(fixture.reserve().address(), SAT);
    }

    private int height() {
        return fixture.chain.tip().orElseThrow().height();
    }

    private void agree() {
        fixture.look();
        assertThat(fixture.kept()).isEqualTo(fixture.truth());
    }

    @Test
    void reorganisationOfThreeBlocksThatMinesThePaymentAgainMovesIt() {
        String txid = pay();
        fixture.look();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
        node.mine(3);
        agree();
        int mined = height() - 2;
        assertThat(fixture.kept(txid)).startsWith(SAT + " confirmed " + mined + " ");
        node.invalidate(3);
        node.mineOnly(2, List.of());
        node.mineOnly(2, List.of(txid));
        agree();
        assertThat(fixture.kept(txid)).startsWith(SAT + " confirmed " + (mined + 2) + " ");
    }

    @Test
    void reorganisationOfThreeBlocksThatDropsThePaymentLeavesItOpen() throws IOException {
        String txid = pay();
        node.mine(3);
        agree();
        node.invalidate(3);
        node.mineOnly(4, List.of());
        node.forgetMempool();
        agree();
        assertThat(await(source.mempool())).isEmpty();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
        await(node.call("abandontransaction", txid));
        node.halt();
        node.launch();
    }

    @Test
    void reorganisationOfThreeBlocksThatSpendsItsInputsElsewhereIsADoubleSpend() {
        String txid = pay();
        node.mine(3);
        agree();
        node.invalidate(3);
        String rival = node.doubleSpend(txid, ChainSourceContract.ADDRESS, SAT);
        node.mine(4);
        agree();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " conflicted " + rival + " " + (height() - 3));
    }

    @Test
    void replacementInTheMempoolIsFollowed() {
        ReservedAddress address = fixture.reserve();
        String first = node.payTo(address.address(), SAT);
        fixture.look();
        String second = node.doubleSpend(first, address.address(), SAT + 1);
        agree();
        assertThat(fixture.kept(first)).isEqualTo(SAT + " conflicted " + second + " null");
        assertThat(fixture.kept(second)).isEqualTo(SAT + 1 + " unconfirmed");
        node.mine(1);
        agree();
    }

    @Test
    void paymentMadeWhileWeCouldNotReachTheNodeIsFoundAfterwards() throws IOException {
        String txid = pay();
        node.mine(2);
        node.halt();
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("bitcoind-unavailable");
        Instant before = fixture.caughtUpAt();
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("bitcoind-unavailable");
        assertThat(fixture.caughtUpAt()).isEqualTo(before);
        assertThat(fixture.chain.unavailableReason()).isPresent();
        node.launch();
        agree();
        assertThat(fixture.kept(txid)).startsWith(SAT + " confirmed ");
        assertThat(fixture.caughtUpAt()).isAfter(before);
    }
}
