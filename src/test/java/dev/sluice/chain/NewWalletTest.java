package dev.sluice.chain;

import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.db.TestDatabase.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A wallet is connected whose addresses another program handed out before. */
class NewWalletTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    private static final String SUBJECT = "select subject from chain_address where address = $1";

    private final String descriptor = ChainFixture.newDescriptor();
    private final String first = Descriptor.parse(Network.REGTEST, descriptor).address(Network.REGTEST, 0, 0);

    private Future<ReservedAddress> reserve(WalletId wallet) {
        return DATABASE.db().tx(tx -> world.fixture.chain.reserve(tx, wallet, "invoice:new"));
    }

    @Test
    void paymentThatWaitedInTheMempoolIsNobodysAndItsAddressIsNotHandedOut() {
        String txid = await(world.sim.payTo(first, SAT));
        world.fixture.look();
        WalletId wallet = await(world.fixture.chain.openWallet("new", descriptor));
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/1");
        await(world.sim.mine(1));
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).isNull();
    }

    @Test
    void addressesAreHandedOutOnlyAfterTheMempoolWasReadWithThem() {
        await(world.sim.payTo(first, SAT));
        world.fixture.look();
        await(world.sim.down(true));
        WalletId wallet = await(world.fixture.chain.openWallet("new", descriptor));
        assertThat(failure(reserve(wallet))).hasMessageContaining("chain-not-read");
        assertThat(world.fixture.reserve().address()).as("the wallet of before").isNotEmpty();
        await(world.sim.down(false));
        world.fixture.look();
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/1");
    }

    /** The pool has 500 addresses, and derives more when 250 are left. */
    @Test
    void paymentToAnAddressThatWasNotDerivedYetRetiresItToo() {
        String later = Descriptor.parse(Network.REGTEST, descriptor).address(Network.REGTEST, 0, 600);
        WalletId wallet = await(world.fixture.chain.openWallet("new", descriptor));
        await(world.sim.payTo(later, SAT));
        world.fixture.look();
        for (int i = 0; i < 260; i++) {
            await(reserve(wallet));
        }
        until(() -> DATABASE.db().read(SUBJECT, later), rows -> rows.size() == 1);
        world.fixture.look();
        assertThat(await(DATABASE.db().read(SUBJECT, later)).iterator().next().getString("subject"))
                .isEqualTo("foreign");
    }

    @Test
    void walletThatWasReadOnceNeedsNoNodeAgain() {
        WalletId wallet = await(world.fixture.chain.openWallet("new", descriptor));
        world.fixture.stop();
        await(world.sim.down(true));
        world.fixture.start(Network.REGTEST, Fence.NONE, world.fixture.sink);
        assertThat(await(world.fixture.chain.openWallet("new", descriptor))).isEqualTo(wallet);
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/0");
    }
}
