package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.Fence;
import dev.sluice.db.SetAside;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChainWatcherTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    /** Somebody else's address. */
    private static final String ELSEWHERE = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private static final long SAT = 50_000;

    private SimulatedChain sim;
    private ChainFixture fixture;

    @BeforeEach
    void open() {
        for (String table : List.of("chain_block", "chain_output", "chain_input", "chain_conflict", "set_aside")) {
            await(DATABASE.db().write("delete from " + table, io.vertx.sqlclient.Tuple.tuple()));
        }
        sim = await(SimulatedChain.open(DATABASE.vertx(), Clock.system(), 1, null));
        await(sim.hints(100, 0));
        await(sim.mine(3));
        fixture = new ChainFixture(DATABASE, sim);
        await(DATABASE.db().write("delete from kept", io.vertx.sqlclient.Tuple.tuple()));
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

    @Test
    void paymentIsSeenInTheMempoolThenInItsBlock() {
        String txid = pay();
        fixture.look();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
        assertThat(fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isTrue();
        await(sim.mine(1));
        fixture.look();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " confirmed 4 " + await(sim.hashAt(4)));
        assertThat(fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isFalse();
        assertThat(fixture.sink.commits).isEqualTo(fixture.sink.updates.size());
    }

    @Test
    void paymentMinedBetweenTwoLooksIsFound() {
        String txid = pay();
        await(sim.mine(2));
        fixture.look();
        assertThat(fixture.kept(txid)).startsWith(SAT + " confirmed 4 ");
    }

    @Test
    void stepThatWasCommittedWithoutOurHearingIsNotRepeatedForEver() {
        String txid = pay();
        await(sim.mine(1));
        ChainWatcher other = fixture.watcher;
        fixture.start(
                dev.sluice.chain.Network.REGTEST, Fence.NONE, fixture.sink); // its commits are not heard by the first
        fixture.look();
        assertThat(failure(other.look())).hasMessageContaining("chain_block");
        await(other.look());
        assertThat(other.tip().orElseThrow().height()).isEqualTo(4);
        assertThat(fixture.kept(txid)).startsWith(SAT + " confirmed 4 ");
    }

    @Test
    void silenceOfTheNodeDecidesNothingAndNothingIsLost() {
        Instant before = fixture.caughtUpAt();
        await(sim.down(true));
        assertThat(failure(fixture.watcher.look())).isNotNull();
        String first = pay();
        await(sim.mine(1));
        String second = pay();
        assertThat(failure(fixture.watcher.look())).isNotNull();
        assertThat(fixture.chain.unavailableReason()).isPresent();
        assertThat(fixture.caughtUpAt()).isEqualTo(before);
        await(sim.down(false));
        fixture.look();
        assertThat(fixture.chain.unavailableReason()).isEmpty();
        assertThat(fixture.caughtUpAt()).isAfter(before);
        assertThat(fixture.kept(first)).contains("confirmed 4");
        assertThat(fixture.kept(second)).contains("unconfirmed");
    }

    @Test
    void syncingNodeFreezesConfirmations() {
        String txid = pay();
        fixture.look();
        await(sim.syncing(true));
        await(sim.mine(1));
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("node-syncing");
        assertThat(fixture.kept(txid)).contains("unconfirmed");
        assertThat(fixture.chain.unavailableReason()).isPresent();
    }

    @Test
    void nodeOfAnotherNetworkIsRefused() {
        fixture.stop();
        fixture.start(Network.MAIN, Fence.NONE, fixture.sink);
        await(sim.mine(1));
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("wrong-network");
        assertThat(fixture.chain.tip().orElseThrow().height()).isEqualTo(3);
        assertThat(fixture.caughtUpAt()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void nodeThatLostBlocksUnconfirmsNothing() {
        String txid = pay();
        await(sim.mine(2));
        fixture.look();
        await(sim.lose(2));
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("node-behind");
        assertThat(fixture.kept(txid)).contains("confirmed 4");
    }

    @Test
    void stepThatFailsInTheSinkIsTakenBackWholeAndTriedAgain() {
        String txid = pay();
        await(sim.mine(1));
        fixture.sink.failures = 1;
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("the sink fails");
        assertThat(fixture.kept(txid)).isNull();
        assertThat(fixture.chain.tip().orElseThrow().height()).isEqualTo(3);
        fixture.look();
        assertThat(fixture.kept(txid)).contains("confirmed 4");
    }

    @Test
    void watcherWithoutItsLeaseChangesNothing() {
        fixture.stop();
        fixture.start(
                Network.REGTEST, tx -> Future.failedFuture(new IllegalStateException("lease lost")), fixture.sink);
        String txid = pay();
        await(sim.mine(1));
        assertThat(failure(fixture.watcher.look())).hasMessageContaining("lease lost");
        assertThat(fixture.kept(txid)).isNull();
    }

    @Test
    void blocksOfADowntimeAreReadAtTheNextStart() {
        String seen = pay();
        fixture.look();
        fixture.stop();
        String rival = await(sim.replace(seen, ELSEWHERE, SAT));
        await(sim.mine(1));
        String missed = pay();
        await(sim.mine(5));
        fixture.start(Network.REGTEST, Fence.NONE, fixture.sink);
        agree();
        assertThat(fixture.kept(missed)).contains("confirmed 5");
        assertThat(fixture.kept(seen)).isEqualTo(SAT + " conflicted " + rival + " 4");
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000, 90_000})
    void replacementThatStillPaysUsTakesThePlaceOfTheFirst(long sat) {
        ReservedAddress address = fixture.reserve();
        String first = await(sim.payTo(address.address(), SAT));
        fixture.look();
        String second = await(sim.replace(first, address.address(), sat));
        agree();
        assertThat(fixture.kept(first)).isEqualTo(SAT + " conflicted " + second + " null");
        assertThat(fixture.kept(second)).isEqualTo(sat + " unconfirmed");
        await(sim.mine(1));
        agree();
        assertThat(fixture.kept(first)).isEqualTo(SAT + " conflicted " + second + " 4");
    }

    @Test
    void replacementThatPaysElsewhereIsEvidenceAndItsDisappearanceEndsIt() {
        String txid = pay();
        fixture.look();
        String rival = await(sim.replace(txid, ELSEWHERE, SAT));
        agree();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " conflicted " + rival + " null");
        await(sim.evict(rival));
        agree();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
    }

    @Test
    void paymentThatLeavesTheMempoolIsMissingNotFailed() {
        String txid = pay();
        fixture.look();
        await(sim.evict(txid));
        await(sim.mine(3));
        agree();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
    }

    @Test
    void paymentFallsWithItsUnconfirmedAncestor() {
        String grandparent = await(sim.payTo(ELSEWHERE, 200_000, false));
        String parent = await(sim.payFrom(grandparent, ELSEWHERE, 100_000));
        String child = await(sim.payFrom(parent, fixture.reserve().address(), SAT));
        fixture.look();
        assertThat(fixture.kept(child)).isEqualTo(SAT + " unconfirmed");
        assertThat(fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isFalse();
        String rival = await(sim.replace(grandparent, ELSEWHERE, 190_000));
        agree();
        assertThat(fixture.kept(child)).isEqualTo(SAT + " conflicted " + rival + " null");
    }

    @Test
    void replaceableAncestorMakesAPaymentReplaceable() {
        String parent = await(sim.payTo(ELSEWHERE, 200_000, true));
        await(sim.payFrom(parent, fixture.reserve().address(), SAT));
        fixture.look();
        assertThat(fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isTrue();
    }

    @Test
    void everyPaymentToAnOldAddressIsReportedOnItsOwn() {
        ReservedAddress address = fixture.reserve();
        String first = await(sim.payTo(address.address(), 1));
        await(sim.mine(10));
        String late = await(sim.payTo(address.address(), 2));
        agree();
        assertThat(fixture.kept(first)).startsWith("1 confirmed 4 ");
        assertThat(fixture.kept(late)).isEqualTo("2 unconfirmed");
    }

    @Test
    void newCoinsAreMarkedAsSuchAndGoWithTheirBlock() {
        ReservedAddress address = fixture.reserve();
        await(sim.mineTo(address.address()));
        fixture.look();
        OutputChange change = fixture.sink.updates.getLast().changes().getFirst();
        assertThat(change.coinbase()).isTrue();
        assertThat(change.script()).isEqualTo(address.script());
        await(sim.reorg(1, Fate.DROPPED));
        fixture.look();
        assertThat(fixture.kept(change.outpoint().txid())).endsWith("unconfirmed");
    }

    @Test
    void addressOfThePoolThatSomebodyElseUsedIsNeverHandedOut() {
        ReservedAddress next = fixture.reserve();
        int index = Integer.parseInt(next.keyPath().substring(2)) + 1;
        String text = await(DATABASE.db().read("select descriptor from wallet where id = $1", fixture.wallet.value()))
                .iterator()
                .next()
                .getString("descriptor");
        String foreign = Descriptor.parse(Network.REGTEST, text).address(Network.REGTEST, 0, index);
        String txid = await(sim.payTo(foreign, SAT));
        fixture.look();
        assertThat(fixture.kept(txid)).isNull();
        assertThat(fixture.reserve().keyPath()).isEqualTo("0/" + (index + 1));
    }

    @Test
    void hintIsEnoughAndSoIsNone() {
        fixture.stop();
        fixture = new ChainFixture(DATABASE, sim, 50);
        String txid = pay();
        Future<Void> seen = seen(txid);
        await(seen);
        fixture.stop();
        fixture = new ChainFixture(DATABASE, sim);
        fixture.look();
        await(sim.hints(0, 3));
        String hinted = pay();
        await(seen(hinted));
    }

    private Future<Void> seen(String txid) {
        return DATABASE.vertx()
                .timer(20)
                .compose(tick -> DATABASE.db()
                        .read("select 1 from kept where outpoint like $1", txid + "%")
                        .compose(rows -> rows.size() > 0 ? Future.succeededFuture() : seen(txid)));
    }

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
        ReservedAddress address = fixture.reserve();
        await(sim.mineEmpty(6));
        String txid = await(sim.payTo(address.address(), SAT));
        fixture.look();
        if (confirmations > 0) {
            await(sim.mine(confirmations));
            fixture.look();
        }
        String before = fixture.kept(txid);
        boolean affected = confirmations > 0 && depth >= confirmations;
        boolean replaced = fate.startsWith("REPLACED");
        await(sim.reorg(depth, replaced ? Fate.RETURNED : Fate.valueOf(fate)));
        String successor = null;
        if (replaced && (affected || confirmations == 0)) {
            successor = await(sim.replace(txid, address.address(), fate.endsWith("LESS") ? SAT - 1 : SAT + 1));
            await(sim.mine(1));
        }
        agree();
        String after = fixture.kept(txid);
        if (successor != null) {
            assertThat(after).startsWith(SAT + " conflicted " + successor);
            assertThat(fixture.kept(successor)).contains(" confirmed ");
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
        String txid = pay();
        await(sim.mine(1));
        fixture.look();
        await(sim.reorg(1, Fate.DOUBLE_SPENT));
        agree();
        assertThat(fixture.kept(txid)).contains("conflicted");
        await(sim.reorg(2, Fate.DROPPED));
        agree();
        assertThat(fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
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
                fixture.look();
                var truth = fixture.withoutThoseAside(fixture.truth());
                var kept = fixture.withoutThoseAside(fixture.kept());
                assertThat(truth).as("SLUICE_SEED=%d step %d", seed, step).containsAllEntriesOf(kept);
                assertThat(kept).as("SLUICE_SEED=%d step %d", seed, step).containsAllEntriesOf(truth);
            }
        }
        fixture.sink.poison.clear();
        await(sim.mine(1));
        fixture.look();
        assertThat(await(SetAside.count(DATABASE.db()))).isZero();
        assertThat(fixture.kept()).as("SLUICE_SEED=%d", seed).isEqualTo(fixture.truth());
    }

    private void act(Random random, List<ReservedAddress> addresses) {
        List<String> pool = await(sim.mempool());
        int height = await(sim.status()).height();
        switch (random.nextInt(11)) {
            case 0, 1, 2 -> {
                addresses.add(fixture.reserve());
                await(sim.payTo(any(random, addresses).address(), 1 + random.nextInt(1_000_000), random.nextBoolean()));
            }
            case 3, 4 -> await(sim.mine(1 + random.nextInt(2)));
            case 5 -> await(sim.mineEmpty(1));
            case 6 -> await(sim.reorg(1 + random.nextInt(Math.min(6, height)), any(random, List.of(Fate.values()))));
            case 7 -> {
                if (!pool.isEmpty()) {
                    boolean us = !addresses.isEmpty() && random.nextBoolean();
                    String to = us ? any(random, addresses).address() : ELSEWHERE;
                    await(sim.replace(any(random, pool), to, 1 + random.nextInt(1_000_000)));
                }
            }
            case 8 -> {
                if (!pool.isEmpty()) {
                    await(sim.evict(any(random, pool)));
                }
            }
            case 9 -> {
                if (random.nextBoolean()) {
                    fixture.sink.poison.clear();
                } else {
                    fixture.sink.poison.add("invoice:" + random.nextInt(addresses.size() + 1));
                }
            }
            default -> {
                fixture.stop();
                fixture.start(Network.REGTEST, Fence.NONE, fixture.sink);
                fixture.look(); // by itself it looks a moment after its start: with the next act or before, by chance
            }
        }
    }

    private static <T> T any(Random random, List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
