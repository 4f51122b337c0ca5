package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.sqlclient.Tuple;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A simulated chain of three blocks and a watcher that has read it, anew for each test. */
final class World implements BeforeEachCallback, AfterEachCallback {
    /** Somebody else's address. */
    static final String ELSEWHERE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    /** What each payment of {@link #pay} pays. */
    static final long SAT = 50_000;

    SimulatedChain sim;
    ChainFixture fixture;
    private final TestDatabase database;
    /** How far the miners' clock is ahead of ours. */
    private volatile Duration ahead = Duration.ZERO;

    World(TestDatabase database) {
        this.database = database;
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        ahead = Duration.ZERO;
        sim = await(SimulatedChain.open(database.vertx(), this::minersTime, 1, null));
        await(sim.hints(100, 0));
        await(sim.mine(3));
        follow(sim);
    }

    private void follow(ChainSource source) {
        for (String table : List.of("chain_block", "chain_output", "chain_input", "chain_conflict", "set_aside")) {
            await(database.db().write("delete from " + table, Tuple.tuple()));
        }
        fixture = new ChainFixture(database, source);
        await(database.db().write("delete from kept", Tuple.tuple()));
        fixture.look();
    }

    /** Follows another chain, of which nothing was read before. */
    void followInstead(ChainSource source) {
        fixture.stop();
        follow(source);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        fixture.stop();
    }

    private Instant minersTime() {
        return Clock.system().now().plus(ahead);
    }

    /** Miners date their next blocks otherwise. */
    void minersAhead(Duration by) {
        ahead = by;
    }

    /** A payment to a new address; its txid. */
    String pay() {
        return await(sim.payTo(fixture.reserve().address(), SAT));
    }

    /** What is kept after another look is the truth. */
    void agree() {
        fixture.look();
        assertThat(fixture.kept()).isEqualTo(fixture.truth());
    }
}
