package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.Fence;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.FailureException;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AddressPoolTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private ChainServiceLive chain;
    private String deployment;

    @BeforeEach
    void open() {
        SimulatedChain sim = await(SimulatedChain.open(DATABASE.vertx(), Clock.system(), 1, null));
        ChainWatcher watcher = new ChainWatcher(
                ChainConfig.of(Network.REGTEST),
                sim,
                DATABASE.db(),
                new ChainFixture.KeepingSink(Map.of()),
                Fence.NONE,
                Clock.system(),
                Entropy.secure());
        chain = new ChainServiceLive(DATABASE.vertx(), DATABASE.db(), Network.REGTEST, watcher);
        deployment = await(DATABASE.vertx().deployVerticle(watcher));
    }

    @AfterEach
    void close() {
        await(DATABASE.vertx().undeploy(deployment));
    }

    private Future<ReservedAddress> reserve(WalletId wallet) {
        return DATABASE.db().tx(tx -> chain.reserve(tx, wallet, "invoice:x"));
    }

    /** As a caller does whom the pool told to come back: faster than it derives, a pool may be empty for a moment. */
    private Future<ReservedAddress> reserveOnceDerived(WalletId wallet) {
        return reserve(wallet).recover(failure -> {
            boolean empty = failure instanceof FailureException known
                    && known.failure().code().equals("no-address");
            return empty
                    ? DATABASE.vertx().timer(10, TimeUnit.MILLISECONDS).compose(tick -> reserveOnceDerived(wallet))
                    : Future.failedFuture(failure);
        });
    }

    @Test
    void addressesAreHandedOutOnceHoweverManyAskAtOnceAndThePoolFollows() {
        WalletId wallet = await(chain.openWallet("store", ChainFixture.newDescriptor()));
        Set<String> seen = new HashSet<>();
        for (int burst = 0; burst < 8; burst++) {
            List<Future<ReservedAddress>> asked = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                asked.add(reserveOnceDerived(wallet));
            }
            await(Future.all(asked));
            asked.forEach(one -> assertThat(seen.add(one.result().script())).isTrue());
        }
        assertThat(seen).hasSize(800);
    }

    @Test
    void storesThatShareAKeyNeverShareAnAddress() {
        String descriptor = ChainFixture.newDescriptor();
        WalletId one = await(chain.openWallet("one", descriptor));
        WalletId other = await(chain.openWallet("other", descriptor));
        assertThat(one).isNotEqualTo(other);
        assertThat(await(chain.openWallet("one", descriptor))).isEqualTo(one);
        assertThat(await(reserve(one)).address())
                .isNotEqualTo(await(reserve(other)).address());
    }

    @Test
    void addressOfATransactionThatFailedWasNeverHandedOut() {
        WalletId wallet = await(chain.openWallet("store", ChainFixture.newDescriptor()));
        assertThat(failure(DATABASE.db()
                        .tx(tx -> chain.reserve(tx, wallet, "invoice:x")
                                .compose(address -> Future.failedFuture(new IllegalStateException("no invoice"))))))
                .hasMessage("no invoice");
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/0");
    }

    /** Of an account that another program handed addresses out of: whoever holds one of them would pay an invoice. */
    @Test
    void addressesBelowTheStartIndexAreNeverHandedOut() {
        String descriptor = ChainFixture.newDescriptor();
        WalletId wallet = await(chain.openWallet("store", descriptor, 1_234));
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/1234");
        assertThat(await(chain.openWallet("store", descriptor, 7))).isEqualTo(wallet);
        assertThat(await(reserve(wallet)).keyPath()).as("it never goes back").isEqualTo("0/1235");
        await(chain.openWallet("store", descriptor, 1_300));
        assertThat(await(reserve(wallet)).keyPath()).as("within the pool").isEqualTo("0/1300");
        await(chain.openWallet("store", descriptor, ChainService.START_INDEX_MAX));
        assertThat(await(reserve(wallet)).keyPath()).isEqualTo("0/" + ChainService.START_INDEX_MAX);
    }

    /** Whoever knows a shop's public key could make its wallet lose sight of what its invoices are paid. */
    @Test
    void onlyWhoOpenedAnAccountFirstPassesItsAddresses() {
        String descriptor = ChainFixture.newDescriptor();
        WalletId first = await(chain.openWallet("one", descriptor));
        assertThat(failure(chain.openWallet("other", descriptor, 900))).hasMessageContaining("account-shared");
        assertThat(await(reserve(first)).keyPath()).isEqualTo("0/0");
        await(chain.openWallet("other", descriptor));
        await(chain.openWallet("one", descriptor, 5));
        assertThat(await(reserve(first)).keyPath()).isEqualTo("0/5");
    }

    @Test
    void walletThatNobodyOpenedHasNoAddress() {
        assertThat(failure(reserve(new WalletId("nobody")))).hasMessageContaining("chain-not-read");
        assertThat(failure(chain.openWallet("store", "xprv"))).hasMessageContaining("invalid-derivation-scheme");
    }
}
