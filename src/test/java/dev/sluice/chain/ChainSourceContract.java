package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import fr.acinq.bitcoin.Block;
import fr.acinq.bitcoin.Transaction;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What the watcher relies on, whatever the node. */
abstract class ChainSourceContract {
    private static final int PAYMENTS_MAX = 12;
    static final String ADDRESS = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    abstract ChainSource source();

    /** Sends a payment into the mempool; the txid. */
    abstract String pay(String address, long sat);

    abstract void mine(int blocks);

    /** Replaces the last {@code depth} blocks by {@code depth + 1} empty ones. */
    abstract void reorg(int depth);

    private ChainSource.Status status() {
        return await(source().status());
    }

    @Test
    void statusNamesTheNetworkAndTheTip() {
        mine(1);
        ChainSource.Status status = status();
        assertThat(status.chain()).isEqualTo("regtest");
        assertThat(status.genesisHash()).isEqualTo(Network.REGTEST.genesisHash());
        assertThat(status.synced()).isTrue();
        assertThat(await(source().hashAt(status.height()))).isEqualTo(status.tipHash());
        assertThat(await(source().hashAt(0))).isEqualTo(status.genesisHash());
        assertThat(await(source().hashAt(status.height() + 1))).isNull();
    }

    @Test
    void headersLeadFromTheTipToGenesis() {
        mine(3);
        ChainSource.Header header = await(source().header(status().tipHash()));
        for (int i = 0; i < 3; i++) {
            assertThat(header.active()).isTrue();
            assertThat(header.hash()).isEqualTo(await(source().hashAt(header.height())));
            ChainSource.Header below = await(source().header(header.previousHash()));
            assertThat(below.height()).isEqualTo(header.height() - 1);
            assertThat(below.medianTime()).isLessThanOrEqualTo(header.medianTime());
            header = below;
        }
        assertThat(await(source().header(Network.REGTEST.genesisHash())).previousHash())
                .isNull();
    }

    @Test
    void paymentIsInTheMempoolAndThenInTheBlock() {
        String txid = pay(ADDRESS, 12_345);
        assertThat(await(source().mempool())).contains(txid);
        Buffer pooled = await(source().mempoolTransaction(txid));
        assertThat(pooled).isNotNull();
        TransactionReader reader = new TransactionReader(pooled.getBytes(), 0);
        reader.next();
        assertThat(reader.read().txid()).isEqualTo(txid);
        assertThat(reader.atEnd()).isTrue();
        mine(1);
        assertThat(await(source().mempool())).doesNotContain(txid);
        assertThat(await(source().mempoolTransaction(txid))).isNull();
        ChainSource.Status status = status();
        byte[] block = await(source().block(status.tipHash())).getBytes();
        assertThat(Block.read(block).tx).anyMatch(tx -> tx.txid.toString().equals(txid));
        BlockReader.read(block, status.tipHash(), await(source().hashAt(status.height() - 1)), tx -> {});
    }

    @Test
    void blocksOfALeftBranchAreStillKnownButNotActive() {
        mine(2);
        ChainSource.Status before = status();
        String txid = pay(ADDRESS, 1_000);
        mine(2);
        String left = status().tipHash();
        reorg(2);
        ChainSource.Status after = status();
        assertThat(after.height()).isEqualTo(before.height() + 3);
        assertThat(await(source().hashAt(before.height()))).isEqualTo(before.tipHash());
        assertThat(await(source().header(left)).active()).isFalse();
        assertThat(await(source().mempool())).contains(txid);
        mine(1);
    }

    @Test
    void whatDoesNotExistIsToldFromWhatCannotBeAnswered() {
        assertThat(await(source().mempoolTransaction("11".repeat(32)))).isNull();
        assertThat(failure(source().header("11".repeat(32)))).isInstanceOf(FailureException.class);
        assertThat(failure(source().block("11".repeat(32)))).isInstanceOf(FailureException.class);
        assertThat(failure(source().broadcast(Buffer.buffer("nonsense"))))
                .isInstanceOfSatisfying(
                        FailureException.class,
                        refused -> assertThat(refused.failure()).isInstanceOf(Failure.Rejected.class));
    }

    @Test
    void sendingWhatIsKnownAlreadyIsSuccess() {
        String txid = pay(ADDRESS, 5_000);
        Buffer raw = await(source().mempoolTransaction(txid));
        assertThat(await(source().broadcast(raw))).isEqualTo(txid);
        assertThat(Transaction.read(raw.getBytes()).txid).hasToString(txid);
        mine(1);
    }

    @Test
    void feeRateIsAPositiveNumberOrNoAnswer() {
        Long rate = await(source().feeRateSatPerKvb(6));
        assertThat(rate == null || rate > 0).isTrue();
    }

    /** A subscriber that has just connected may miss the first: a publisher does not wait for it. */
    @Test
    void hintsComeAfterPayments() throws InterruptedException {
        CountDownLatch hinted = new CountDownLatch(1);
        source().onHint(hinted::countDown);
        boolean heard = false;
        for (int payment = 0; payment < PAYMENTS_MAX && !heard; payment++) {
            pay(ADDRESS, 5_000);
            heard = hinted.await(5, TimeUnit.SECONDS);
        }
        assertThat(heard).as("a hint").isTrue();
        mine(1);
    }
}
