package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.kernel.Clock;
import fr.acinq.bitcoin.OutPoint;
import fr.acinq.bitcoin.Transaction;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedChainTest extends ChainSourceContract {
    private static Vertx vertx;
    private static SimulatedChain chain;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        vertx = Vertx.vertx();
        chain = await(SimulatedChain.open(vertx, Clock.system(), 7, null));
    }

    @AfterAll
    static void close() {
        await(vertx.close());
    }

    @Override
    ChainSource source() {
        return chain;
    }

    @Override
    String pay(String address, long sat) {
        return await(chain.payTo(address, sat));
    }

    @Override
    void mine(int blocks) {
        await(chain.mine(blocks));
    }

    @Override
    void reorg(int depth) {
        await(chain.reorg(depth, Fate.RETURNED));
    }

    @Test
    void nextStartFindsChainAndMempoolEvenAfterATornWrite() throws IOException {
        Path journal = folder.resolve("chain.journal");
        SimulatedChain first = await(SimulatedChain.open(vertx, Clock.system(), 7, journal));
        await(first.payTo(ADDRESS, 1_000));
        await(first.mine(2));
        await(first.reorg(1, Fate.RETURNED));
        String waiting = await(first.payTo(ADDRESS, 2_000));
        ChainSource.Status before = await(first.status());
        Files.writeString(journal, "B 0000", StandardOpenOption.APPEND);
        SimulatedChain second = await(SimulatedChain.open(vertx, Clock.system(), 8, journal));
        assertThat(await(second.status())).isEqualTo(before);
        assertThat(await(second.mempool())).containsExactly(waiting);
        assertThat(await(second.block(before.tipHash()))).isEqualTo(await(first.block(before.tipHash())));
    }

    /** Blocks and coins are drawn by chance; drawn again, a payment would spend what an earlier one has spent. */
    @Test
    void paymentsOfEachStartHaveCoinsOfTheirOwn() {
        Path journal = folder.resolve("chain.journal");
        Set<OutPoint> spent = new HashSet<>();
        for (int start = 0; start < 4; start++) {
            SimulatedChain again = await(SimulatedChain.open(vertx, Clock.system(), 7, journal));
            for (int i = 0; i < 3; i++) {
                spent.addAll(coins(again, await(again.payTo(ADDRESS, 1_000 + i))));
            }
            await(again.mine(1));
            await(SimulatedChain.open(vertx, Clock.system(), 7, journal)); // a start that does nothing
        }
        assertThat(spent).hasSize(12);
    }

    @Test
    void journalThatCountsNoStartsGoesOnWithOtherCoins() throws IOException {
        Path journal = folder.resolve("chain.journal");
        SimulatedChain first = await(SimulatedChain.open(vertx, Clock.system(), 7, journal));
        List<OutPoint> spent = coins(first, await(first.payTo(ADDRESS, 1_000)));
        await(first.mine(1));
        String lines = Files.readString(journal);
        assertThat(lines).startsWith("S 0\n");
        Files.writeString(journal, lines.substring(4));
        SimulatedChain second = await(SimulatedChain.open(vertx, Clock.system(), 7, journal));
        assertThat(coins(second, await(second.payTo(ADDRESS, 1_000)))).doesNotContainAnyElementsOf(spent);
    }

    @Test
    void sameSeedAndActsGiveTheSameTransactions() {
        List<String> paid = new ArrayList<>();
        for (String name : List.of("one", "other")) {
            for (int start = 0; start < 2; start++) {
                SimulatedChain again = await(SimulatedChain.open(vertx, Clock.system(), 7, folder.resolve(name)));
                paid.add(await(again.payTo(ADDRESS, 1_000)));
            }
        }
        assertThat(paid.subList(2, 4)).isEqualTo(paid.subList(0, 2));
    }

    private static List<OutPoint> coins(SimulatedChain chain, String txid) {
        return Transaction.read(await(chain.mempoolTransaction(txid)).getBytes()).txIn.stream()
                .map(in -> in.outPoint)
                .toList();
    }
}
