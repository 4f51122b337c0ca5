package dev.sluice.chain;

import static dev.sluice.chain.World.ELSEWHERE;
import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.Fate;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChainWatcherTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    @Test
    void paymentIsSeenInTheMempoolThenInItsBlock() {
        String txid = world.pay();
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
        assertThat(world.fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isTrue();
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " confirmed 4 " + await(world.sim.hashAt(4)));
        assertThat(world.fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isFalse();
        assertThat(world.fixture.sink.commits).isEqualTo(world.fixture.sink.updates.size());
    }

    @Test
    void paymentMinedBetweenTwoLooksIsFound() {
        String txid = world.pay();
        await(world.sim.mine(2));
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).startsWith(SAT + " confirmed 4 ");
    }

    @Test
    void stepThatWasCommittedWithoutOurHearingIsNotRepeatedForEver() {
        String txid = world.pay();
        await(world.sim.mine(1));
        ChainWatcher other = world.fixture.watcher;
        world.fixture.start(
                dev.sluice.chain.Network.REGTEST,
                Fence.NONE,
                world.fixture.sink); // its commits are not heard by the first
        world.fixture.look();
        assertThat(failure(other.look())).hasMessageContaining("chain_block");
        await(other.look());
        assertThat(other.tip().orElseThrow().height()).isEqualTo(4);
        assertThat(world.fixture.kept(txid)).startsWith(SAT + " confirmed 4 ");
    }

    @Test
    void silenceOfTheNodeDecidesNothingAndNothingIsLost() {
        Instant before = world.fixture.caughtUpAt();
        await(world.sim.down(true));
        assertThat(failure(world.fixture.watcher.look())).isNotNull();
        String first = world.pay();
        await(world.sim.mine(1));
        String second = world.pay();
        assertThat(failure(world.fixture.watcher.look())).isNotNull();
        assertThat(world.fixture.chain.unavailableReason()).isPresent();
        assertThat(world.fixture.caughtUpAt()).isEqualTo(before);
        await(world.sim.down(false));
        world.fixture.look();
        assertThat(world.fixture.chain.unavailableReason()).isEmpty();
        assertThat(world.fixture.caughtUpAt()).isAfter(before);
        assertThat(world.fixture.kept(first)).contains("confirmed 4");
        assertThat(world.fixture.kept(second)).contains("unconfirmed");
    }

    @Test
    void syncingNodeFreezesConfirmations() {
        String txid = world.pay();
        world.fixture.look();
        await(world.sim.syncing(true));
        await(world.sim.mine(1));
        assertThat(failure(world.fixture.watcher.look())).hasMessageContaining("node-syncing");
        assertThat(world.fixture.kept(txid)).contains("unconfirmed");
        assertThat(world.fixture.chain.unavailableReason()).isPresent();
    }

    @Test
    void nodeOfAnotherNetworkIsRefused() {
        world.fixture.stop();
        world.fixture.start(Network.MAIN, Fence.NONE, world.fixture.sink);
        await(world.sim.mine(1));
        assertThat(failure(world.fixture.watcher.look())).hasMessageContaining("wrong-network");
        assertThat(world.fixture.chain.tip().orElseThrow().height()).isEqualTo(3);
        assertThat(world.fixture.caughtUpAt()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void nodeThatLostBlocksUnconfirmsNothing() {
        String txid = world.pay();
        await(world.sim.mine(2));
        world.fixture.look();
        await(world.sim.lose(2));
        assertThat(failure(world.fixture.watcher.look())).hasMessageContaining("node-behind");
        assertThat(world.fixture.kept(txid)).contains("confirmed 4");
    }

    @Test
    void stepThatFailsInTheSinkIsTakenBackWholeAndTriedAgain() {
        String txid = world.pay();
        await(world.sim.mine(1));
        world.fixture.sink.failures = 1;
        assertThat(failure(world.fixture.watcher.look())).hasMessageContaining("the sink fails");
        assertThat(world.fixture.kept(txid)).isNull();
        assertThat(world.fixture.chain.tip().orElseThrow().height()).isEqualTo(3);
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).contains("confirmed 4");
    }

    @Test
    void watcherWithoutItsLeaseChangesNothing() {
        world.fixture.stop();
        world.fixture.start(
                Network.REGTEST,
                tx -> Future.failedFuture(new IllegalStateException("lease lost")),
                world.fixture.sink);
        String txid = world.pay();
        await(world.sim.mine(1));
        assertThat(failure(world.fixture.watcher.look())).hasMessageContaining("lease lost");
        assertThat(world.fixture.kept(txid)).isNull();
    }

    @Test
    void blocksOfADowntimeAreReadAtTheNextStart() {
        String seen = world.pay();
        world.fixture.look();
        world.fixture.stop();
        String rival = await(world.sim.replace(seen, ELSEWHERE, SAT));
        await(world.sim.mine(1));
        String missed = world.pay();
        await(world.sim.mine(5));
        world.fixture.start(Network.REGTEST, Fence.NONE, world.fixture.sink);
        world.agree();
        assertThat(world.fixture.kept(missed)).contains("confirmed 5");
        assertThat(world.fixture.kept(seen)).isEqualTo(SAT + " conflicted " + rival + " 4");
    }

    @ParameterizedTest
    @ValueSource(longs = {10_000, 90_000})
    void replacementThatStillPaysUsTakesThePlaceOfTheFirst(long sat) {
        ReservedAddress address = world.fixture.reserve();
        String first = await(world.sim.payTo(address.address(), SAT));
        world.fixture.look();
        String second = await(world.sim.replace(first, address.address(), sat));
        world.agree();
        assertThat(world.fixture.kept(first)).isEqualTo(SAT + " conflicted " + second + " null");
        assertThat(world.fixture.kept(second)).isEqualTo(sat + " unconfirmed");
        await(world.sim.mine(1));
        world.agree();
        assertThat(world.fixture.kept(first)).isEqualTo(SAT + " conflicted " + second + " 4");
    }

    @Test
    void replacementThatPaysElsewhereIsEvidenceAndItsDisappearanceEndsIt() {
        String txid = world.pay();
        world.fixture.look();
        String rival = await(world.sim.replace(txid, ELSEWHERE, SAT));
        world.agree();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " conflicted " + rival + " null");
        await(world.sim.evict(rival));
        world.agree();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
    }

    @Test
    void paymentThatLeavesTheMempoolIsMissingNotFailed() {
        String txid = world.pay();
        world.fixture.look();
        await(world.sim.evict(txid));
        await(world.sim.mine(3));
        world.agree();
        assertThat(world.fixture.kept(txid)).isEqualTo(SAT + " unconfirmed");
    }

    @Test
    void paymentFallsWithItsUnconfirmedAncestor() {
        String grandparent = await(world.sim.payTo(ELSEWHERE, 200_000, false));
        String parent = await(world.sim.payFrom(grandparent, ELSEWHERE, 100_000));
        String child = await(world.sim.payFrom(parent, world.fixture.reserve().address(), SAT));
        world.fixture.look();
        assertThat(world.fixture.kept(child)).isEqualTo(SAT + " unconfirmed");
        assertThat(world.fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isFalse();
        String rival = await(world.sim.replace(grandparent, ELSEWHERE, 190_000));
        world.agree();
        assertThat(world.fixture.kept(child)).isEqualTo(SAT + " conflicted " + rival + " null");
    }

    @Test
    void replaceableAncestorMakesAPaymentReplaceable() {
        String parent = await(world.sim.payTo(ELSEWHERE, 200_000, true));
        await(world.sim.payFrom(parent, world.fixture.reserve().address(), SAT));
        world.fixture.look();
        assertThat(world.fixture.sink.updates.getLast().changes().getFirst().replaceable())
                .isTrue();
    }

    @Test
    void everyPaymentToAnOldAddressIsReportedOnItsOwn() {
        ReservedAddress address = world.fixture.reserve();
        String first = await(world.sim.payTo(address.address(), 1));
        await(world.sim.mine(10));
        String late = await(world.sim.payTo(address.address(), 2));
        world.agree();
        assertThat(world.fixture.kept(first)).startsWith("1 confirmed 4 ");
        assertThat(world.fixture.kept(late)).isEqualTo("2 unconfirmed");
    }

    @Test
    void newCoinsAreMarkedAsSuchAndGoWithTheirBlock() {
        ReservedAddress address = world.fixture.reserve();
        await(world.sim.mineTo(address.address()));
        world.fixture.look();
        OutputChange change = world.fixture.sink.updates.getLast().changes().getFirst();
        assertThat(change.coinbase()).isTrue();
        assertThat(change.script()).isEqualTo(address.script());
        await(world.sim.reorg(1, Fate.DROPPED));
        world.fixture.look();
        assertThat(world.fixture.kept(change.outpoint().txid())).endsWith("unconfirmed");
    }

    @Test
    void addressOfThePoolThatSomebodyElseUsedIsNeverHandedOut() {
        ReservedAddress next = world.fixture.reserve();
        int index = Integer.parseInt(next.keyPath().substring(2)) + 1;
        String text = await(
                        DATABASE.db().read("select descriptor from wallet where id = $1", world.fixture.wallet.value()))
                .iterator()
                .next()
                .getString("descriptor");
        String foreign = Descriptor.parse(Network.REGTEST, text).address(Network.REGTEST, 0, index);
        String txid = await(world.sim.payTo(foreign, SAT));
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).isNull();
        assertThat(world.fixture.reserve().keyPath()).isEqualTo("0/" + (index + 1));
    }

    @Test
    void hintIsEnoughAndSoIsNone() {
        world.fixture.stop();
        world.fixture = new ChainFixture(DATABASE, world.sim, 50);
        String txid = world.pay();
        Future<Void> seen = seen(txid);
        await(seen);
        world.fixture.stop();
        world.fixture = new ChainFixture(DATABASE, world.sim);
        world.fixture.look();
        await(world.sim.hints(0, 3));
        String hinted = world.pay();
        await(seen(hinted));
    }

    private Future<Void> seen(String txid) {
        return DATABASE.vertx()
                .timer(20)
                .compose(tick -> DATABASE.db()
                        .read("select 1 from kept where outpoint like $1", txid + "%")
                        .compose(rows -> rows.size() > 0 ? Future.succeededFuture() : seen(txid)));
    }
}
