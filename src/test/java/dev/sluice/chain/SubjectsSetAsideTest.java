package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the watcher does with subjects whose consequences the sink cannot write. */
class SubjectsSetAsideTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final long SAT = 50_000;

    private SimulatedChain sim;
    private ChainFixture fixture;

    @BeforeEach
    void open() {
        for (String table : List.of("chain_block", "chain_output", "chain_input", "chain_conflict", "set_aside")) {
            await(DATABASE.db().write("delete from " + table, Tuple.tuple()));
        }
        sim = await(SimulatedChain.open(DATABASE.vertx(), Clock.system(), 1, null));
        await(sim.hints(100, 0));
        await(sim.mine(3));
        fixture = new ChainFixture(DATABASE, sim);
        await(DATABASE.db().write("delete from kept", Tuple.tuple()));
        fixture.look();
    }

    @AfterEach
    void close() {
        fixture.stop();
    }

    private String pay() {
        return await(sim.payTo(fixture.reserve().address(), SAT));
    }

    private void agree() {
        fixture.look();
        assertThat(fixture.kept()).isEqualTo(fixture.truth());
    }

    private static long setAside() {
        return await(SetAside.count(DATABASE.db()));
    }

    @Test
    void subjectThatCannotBeWrittenIsSetAsideAndReadFromItsOutputsAfterwards() {
        ReservedAddress refused = fixture.reserve();
        fixture.sink.poison.add("invoice:0");
        String lost = await(sim.payTo(refused.address(), SAT));
        String other = pay();
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.kept(other)).contains("confirmed 4");
        assertThat(fixture.kept(lost)).isNull();
        String more = await(sim.payTo(refused.address(), SAT + 1));
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.chain.tip().orElseThrow().height()).isEqualTo(5);
        assertThat(fixture.kept(more)).isNull();
        await(sim.reorg(2, Fate.DELAYED));
        fixture.sink.poison.clear();
        agree();
        assertThat(fixture.kept(lost)).contains("confirmed 6");
        assertThat(fixture.kept(more)).contains("confirmed 6");
    }

    @Test
    void troubleWhileSubjectsAreBroughtByThemselvesForgetsNone() {
        fixture.sink.poison.add("invoice:0");
        String refused = pay();
        String other = pay();
        await(sim.mine(1));
        fixture.sink.failures = 2;
        fixture.look();
        assertThat(fixture.chain.tip().orElseThrow().height()).isEqualTo(4);
        assertThat(fixture.kept(other)).isNull();
        assertThat(setAside()).isEqualTo(2);
        fixture.look();
        assertThat(fixture.kept(other)).contains("confirmed 4");
        assertThat(fixture.kept(refused)).isNull();
        assertThat(setAside()).isEqualTo(1);
    }

    @Test
    void subjectThatSomebodyHoldsKeepsNoneBehindItWaiting() {
        fixture.sink.poison.add("invoice:0");
        fixture.sink.held.add("invoice:1");
        pay();
        String held = pay();
        String other = pay();
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.kept(other)).contains("confirmed 4");
        assertThat(fixture.kept(held)).isNull();
        fixture.sink.held.clear();
        fixture.look();
        assertThat(fixture.kept(held)).as("no block is waited for").contains("confirmed 4");
        assertThat(setAside()).isEqualTo(1);
    }

    @Test
    void everySubjectOfABlockCanBeSetAsideAndNoneIsForgotten() {
        int many = 120; // more than a page of what is set aside
        for (int i = 0; i < many; i++) {
            fixture.sink.poison.add("invoice:" + i);
            pay();
        }
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.kept()).isEmpty();
        assertThat(setAside()).isEqualTo(many);
        fixture.sink.poison.clear();
        await(sim.mine(1));
        agree();
        assertThat(fixture.kept()).hasSize(many);
        assertThat(setAside()).isZero();
    }
}
