package dev.sluice.invoice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.invoice.InvoiceFixture.DUE_SAT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.ChainService;
import dev.sluice.chain.ChainSink;
import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.chain.sim.SimulatedChain;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.ledger.Account;
import dev.sluice.store.Rail;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Invoices of a gateway whose bitcoin node was away since it was installed. */
class NodeNeverReachedTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final Duration RETRY = Duration.ofSeconds(5);

    private SimulatedChain sim;
    private InvoiceFixture fixture;
    private FollowedChain chain;

    @BeforeEach
    void open() {
        sim = await(SimulatedChain.open(DATABASE.vertx(), this::now, 1, null));
        await(sim.hints(100, 0).compose(deaf -> sim.mine(3)).compose(mined -> sim.down(true)));
        fixture = new InvoiceFixture(DATABASE, this::follow);
        WalletGenerator generator = new WalletGenerator(Entropy.secure());
        String descriptor = generator
                .account(Network.REGTEST, generator.mnemonic("English", 12), new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
        fixture.wallet =
                await(chain.service().openWallet("operator", descriptor)).value();
    }

    @AfterEach
    void close() {
        chain.close();
    }

    private Instant now() {
        return fixture == null ? Instant.parse("2026-03-01T11:59:00Z") : fixture.now;
    }

    private ChainService follow(ChainSink sink) {
        chain = FollowedChain.open(DATABASE, sim, sink, this::now);
        return chain.service();
    }

    private Prompt onChain(Invoice invoice) {
        return fixture.prompt(invoice, Rail.CHAIN);
    }

    private void round() {
        fixture.now = fixture.now.plus(RETRY);
        await(fixture.invoices.keeper().round());
    }

    @Test
    void invoiceIsPaidByLightningAndGetsItsAddressWhenTheNodeIsReached() {
        failure(chain.watcher().look());
        Invoice lightning = fixture.create("USD", "10");
        Invoice later = fixture.create("USD", "10");
        assertThat(onChain(lightning).isActive()).isFalse();
        assertThat(onChain(lightning).reason()).isEqualTo("The bitcoin node was not read with this wallet yet");
        assertThat(fixture.prompt(lightning, Rail.LIGHTNING).isActive()).isTrue();
        fixture.settle(lightning, DUE_SAT * 1_000);
        assertThat(fixture.state(lightning)).isEqualTo("Settled");
        round();
        assertThat(onChain(later).isActive()).as("still away").isFalse();
        await(sim.down(false));
        await(chain.watcher().look());
        round();
        await(sim.payTo(onChain(later).destination(), DUE_SAT, false));
        await(sim.mine(1));
        await(chain.watcher().look());
        assertThat(fixture.state(later)).isEqualTo("Settled");
        assertThat(onChain(lightning).isActive()).as("paid already").isFalse();
        assertThat(fixture.balance(Account.store(fixture.store))).isPositive();
    }
}
