package dev.sluice.chain;

import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the watcher does with subjects whose consequences the sink cannot write. */
class SubjectsSetAsideTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    private static long setAside() {
        return await(SetAside.count(DATABASE.db()));
    }

    @Test
    void subjectThatCannotBeWrittenIsSetAsideAndReadFromItsOutputsAfterwards() {
        ReservedAddress refused = world.fixture.reserve();
        world.fixture.sink.poison.add("invoice:0");
        String lost = await(world.sim.payTo(refused.address(), SAT));
        String other = world.pay();
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.kept(other)).contains("confirmed 4");
        assertThat(world.fixture.kept(lost)).isNull();
        String more = await(world.sim.payTo(refused.address(), SAT + 1));
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.chain.tip().orElseThrow().height()).isEqualTo(5);
        assertThat(world.fixture.kept(more)).isNull();
        await(world.sim.reorg(2, Fate.DELAYED));
        world.fixture.sink.poison.clear();
        world.agree();
        assertThat(world.fixture.kept(lost)).contains("confirmed 6");
        assertThat(world.fixture.kept(more)).contains("confirmed 6");
    }

    @Test
    void troubleWhileSubjectsAreBroughtByThemselvesForgetsNone() {
        world.fixture.sink.poison.add("invoice:0");
        String refused = world.pay();
        String other = world.pay();
        await(world.sim.mine(1));
        world.fixture.sink.failures = 2;
        world.fixture.look();
        assertThat(world.fixture.chain.tip().orElseThrow().height()).isEqualTo(4);
        assertThat(world.fixture.kept(other)).isNull();
        assertThat(setAside()).isEqualTo(2);
        world.fixture.look();
        assertThat(world.fixture.kept(other)).contains("confirmed 4");
        assertThat(world.fixture.kept(refused)).isNull();
        assertThat(setAside()).isEqualTo(1);
    }

    @Test
    void subjectThatSomebodyHoldsKeepsNoneBehindItWaiting() {
        world.fixture.sink.poison.add("invoice:0");
        world.fixture.sink.held.add("invoice:1");
        world.pay();
        String held = world.pay();
        String other = world.pay();
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.kept(other)).contains("confirmed 4");
        assertThat(world.fixture.kept(held)).isNull();
        world.fixture.sink.held.clear();
        world.fixture.look();
        assertThat(world.fixture.kept(held)).as("no block is waited for").contains("confirmed 4");
        assertThat(setAside()).isEqualTo(1);
    }

    @Test
    void everySubjectOfABlockCanBeSetAsideAndNoneIsForgotten() {
        int many = 120; // more than a page of what is set aside
        for (int i = 0; i < many; i++) {
            world.fixture.sink.poison.add("invoice:" + i);
            world.pay();
        }
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.kept()).isEmpty();
        assertThat(setAside()).isEqualTo(many);
        world.fixture.sink.poison.clear();
        await(world.sim.mine(1));
        world.agree();
        assertThat(world.fixture.kept()).hasSize(many);
        assertThat(setAside()).isZero();
    }
}
