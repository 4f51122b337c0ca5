package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.kernel.Clock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
}
