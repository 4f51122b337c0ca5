package dev.sluice.lightning.sim;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Msat;
import dev.sluice.kernel.Preimage;
import dev.sluice.lightning.LightningNode.AddedInvoice;
import dev.sluice.lightning.LightningNode.NodeInvoice;
import dev.sluice.lightning.LightningNode.Page;
import dev.sluice.lightning.LightningNode.PaymentState;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedNetworkTest {
    private final Vertx vertx = Vertx.vertx();

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        await(vertx.close());
    }

    @Test
    void nodeFindsItsInvoicesAfterARestartEvenBehindATornLine() throws IOException {
        Preimage settled = Preimage.random(Entropy.secure());
        Preimage open = Preimage.random(Entropy.secure());
        Page before;
        String pubkey;
        try (SimulatedNetwork network = new SimulatedNetwork(vertx, Clock.system(), 5, folder)) {
            SimulatedLightning merchant = network.node("merchant");
            pubkey = merchant.pubkey();
            AddedInvoice paid =
                    await(merchant.addInvoice(settled, Msat.ofSat(1), "a b", null, Duration.ofHours(1), false));
            await(network.node("customer").pay(paid.bolt11(), null));
            await(merchant.addInvoice(open, null, "", null, Duration.ofHours(1), false));
            before = await(merchant.listInvoices(0, 10));
        }
        Files.writeString(folder.resolve("lightning-merchant.journal"), "0badc0de torn", StandardOpenOption.APPEND);
        try (SimulatedNetwork network = new SimulatedNetwork(vertx, Clock.system(), 5, folder)) {
            SimulatedLightning merchant = network.node("merchant");
            assertThat(merchant.pubkey()).isEqualTo(pubkey);
            Page after = await(merchant.listInvoices(0, 10));
            assertThat(after.invoices())
                    .extracting(NodeInvoice::hash, NodeInvoice::state, NodeInvoice::settleIndex)
                    .isEqualTo(before.invoices().stream()
                            .map(each ->
                                    org.assertj.core.groups.Tuple.tuple(each.hash(), each.state(), each.settleIndex()))
                            .toList());
            String bolt11 = await(merchant.lookup(open.hash())).bolt11();
            assertThat(await(network.node("customer").pay(bolt11, Msat.ofSat(3))))
                    .isInstanceOf(PaymentState.Succeeded.class);
            assertThat(await(merchant.lookup(open.hash())).settleIndex()).isEqualTo(2);
        }
    }
}
