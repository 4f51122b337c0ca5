package dev.sluice.lightning;

import dev.sluice.kernel.Clock;
import dev.sluice.lightning.sim.SimulatedNetwork;
import io.vertx.core.Vertx;
import org.junit.jupiter.api.AfterAll;

class SimulatedNodeContractTest extends LightningNodeContract {
    private static final Vertx VERTX = Vertx.vertx();
    private static final SimulatedNetwork NETWORK = new SimulatedNetwork(VERTX, Clock.system(), 1, null);

    @AfterAll
    static void stop() {
        NETWORK.close();
        VERTX.close().await();
    }

    @Override
    LightningNode payee() {
        return NETWORK.node("merchant");
    }

    @Override
    LightningNode payer() {
        return NETWORK.node("customer");
    }
}
