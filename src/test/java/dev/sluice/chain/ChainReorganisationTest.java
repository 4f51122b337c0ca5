package dev.sluice.chain;

import static dev.sluice.chain.World.ELSEWHERE;
import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Branches that win over others: in every form, and by chance. */
class ChainReorganisationTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    static Stream<Arguments> matrix() {
        List<Arguments> cases = new ArrayList<>();
        for (int depth = 1; depth <= 6; depth++) {
            for (int confirmations : new int[] {0, 1, 2, 6}) {
                for (String fate : List.of(
                        "REMINED",
                        "DELAYED",
                        "RETURNED",
                        "DROPPED",
                        "DOUBLE_SPENT",
                        "REPLACED_LESS",
                        "REPLACED_MORE")) {
                    cases.add(Arguments.of(depth, confirmations, fate));
                }
            }
        }
        return cases.stream();
    }

    @ParameterizedTest
    @MethodSource("matrix")
    void reorganisation(int depth, int confirmations, String fate) {
        ReservedAddress address = world.fixture.reserve();
        await(world.sim.mineEmpty(6));
        String txid = await(world.sim.payTo(address.address(), SAT));
        world.fixture.look();
        if (confirmations > 0) {
            await(world.sim.mine(confirmations));
            world.fixture.look();
        }
        String before = world.fixture.kept(txid);
        boolean affected = confirmations > 0 && depth >= confirmations;
        boolean replaced = fate.startsWith("REPLACED");
        await(world.sim.reorg(depth, replaced ? Fate.RETURNED : Fate.valueOf(fate)));
        String successor = null;
        if (replaced && (affected || confirmations == 0)) {
            successor = await(world.sim.replace(txid, address.address(), fate.endsWith("LESS") ? SAT - 1 : SAT + 1));
            await(world.sim.mine(1));
        }
        world.agree();
        String after = world.fixture.kept(txid);
        if (successor != null) {
            assertThat(after).startsWith(SAT + " conflicted " + successor);
            assertThat(world.fixture.kept(successor)).contains(" confirmed ");
        } else if (!affected) {
            assertThat(after).isEqualTo(before);
        } else {
            int height = 9 + 1;
            switch (fate) {
                case "REMINED" ->
                    assertThat(after)
                            .startsWith(SAT + " confirmed " + height + " ")
                            .isNotEqualTo(before);
                case "DELAYED" -> assertThat(after).startsWith(SAT + " confirmed " + (height + confirmations) + " ");
                case "DOUBLE_SPENT" ->
                    assertThat(after).contains(" conflicted ").endsWith(" " + (height + confirmations));
                default -> assertThat(after).isEqualTo(SAT + " unconfirmed");
            }
        }
    }

    @Test
    void conflictOfABranchIsUndoneWithTheBranch() {
        String txid = world.pay();
        await(world.sim.mine(1));
        world.fixture.look();
        await(world.sim.reorg(1, Fate.DOUBLE_SPENT));
        world.agree();
        assertThat(world.fixture.kept(txid)).contains("conflicted");
        await(world.sim.reorg(2, Fate.DROPPED));
        world.agree();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
    }

    @Test
    void randomChainsEndInTheTruth() {
        long seed = Long.parseLong(System.getenv().getOrDefault("SLUICE_SEED", Long.toString(System.nanoTime())));
        int steps = Integer.parseInt(System.getenv().getOrDefault("SLUICE_STEPS", "150"));
        System.err.println("random chains: SLUICE_SEED=" + seed);
        Random random = new Random(seed);
        List<ReservedAddress> addresses = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            act(random, addresses);
            if (random.nextInt(3) > 0) {
                world.fixture.look();
                var truth = world.fixture.withoutThoseAside(world.fixture.truth());
                var kept = world.fixture.withoutThoseAside(world.fixture.kept());
                assertThat(truth).as("SLUICE_SEED=%d step %d", seed, step).containsAllEntriesOf(kept);
                assertThat(kept).as("SLUICE_SEED=%d step %d", seed, step).containsAllEntriesOf(truth);
            }
        }
        world.fixture.sink.poison.clear();
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(await(SetAside.count(DATABASE.db()))).isZero();
        assertThat(world.fixture.kept()).as("SLUICE_SEED=%d", seed).isEqualTo(world.fixture.truth());
    }

    private void act(Random random, List<ReservedAddress> addresses) {
        List<String> pool = await(world.sim.mempool());
        int height = await(world.sim.status()).height();
        switch (random.nextInt(11)) {
            case 0, 1, 2 -> {
                addresses.add(world.fixture.reserve());
                await(world.sim.payTo(
                        any(random, addresses).address(), 1 + random.nextInt(1_000_000), random.nextBoolean()));
            }
            case 3, 4 -> await(world.sim.mine(1 + random.nextInt(2)));
            case 5 -> await(world.sim.mineEmpty(1));
            case 6 ->
                await(world.sim.reorg(1 + random.nextInt(Math.min(6, height)), any(random, List.of(Fate.values()))));
            case 7 -> {
                if (!pool.isEmpty()) {
                    boolean us = !addresses.isEmpty() && random.nextBoolean();
                    String to = us ? any(random, addresses).address() : ELSEWHERE;
                    await(world.sim.replace(any(random, pool), to, 1 + random.nextInt(1_000_000)));
                }
            }
            case 8 -> {
                if (!pool.isEmpty()) {
                    await(world.sim.evict(any(random, pool)));
                }
            }
            case 9 -> {
                if (random.nextBoolean()) {
                    world.fixture.sink.poison.clear();
                } else {
                    world.fixture.sink.poison.add("invoice:" + random.nextInt(addresses.size() + 1));
                }
            }
            default -> {
                world.fixture.stop();
                world.fixture.start(Network.REGTEST, Fence.NONE, world.fixture.sink);
                world.fixture
                        .look(); // by itself it looks a moment after its start: with the next act or before, by chance
            }
        }
    }

    private static <T> T any(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
