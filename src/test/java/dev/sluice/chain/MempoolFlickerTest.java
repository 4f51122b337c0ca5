package dev.sluice.chain;

import static dev.sluice.chain.World.SAT;
import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import io.vertx.core.Future;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A mempool changes between its list and the fetching of what is on it. */
class MempoolFlickerTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @RegisterExtension
    final World world = new World(DATABASE);

    private final AtomicBoolean flickers = new AtomicBoolean();

    @Test
    void paymentThatWasAwayWhenItWasFetchedIsReadWhenItIsBack() {
        world.followInstead((ChainSource) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ChainSource.class},
                (proxy, method, args) -> flickers.get() && method.getName().equals("mempoolTransaction")
                        ? awayForAMoment((String) args[0])
                        : method.invoke(world.sim, args)));
        String txid = await(world.sim.payTo(world.fixture.reserve().address(), SAT));
        flickers.set(true);
        await(world.fixture.watcher.look());
        flickers.set(false);
        assertThat(world.fixture.kept(txid)).isNull();
        assertThat(await(world.sim.mempool())).contains(txid);
        world.fixture.look();
        assertThat(world.fixture.kept(txid)).contains("unconfirmed");
    }

    /** Evicted after it was listed, and sent again before the next list. */
    private Future<?> awayForAMoment(String txid) {
        return world.sim
                .mempoolTransaction(txid)
                .compose(bytes -> world.sim
                        .evict(txid)
                        .compose(gone -> world.sim.mempoolTransaction(txid))
                        .compose(none -> world.sim.broadcast(bytes).map(none)));
    }
}
