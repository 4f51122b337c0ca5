package dev.sluice.chain;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chain.bitcoind.BitcoindConfig;
import dev.sluice.chain.bitcoind.BitcoindSource;
import dev.sluice.chain.bitcoind.RegtestNode;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import io.vertx.core.json.JsonArray;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The contract on a real node, and what only a real node can say. */
@Tag("node")
class BitcoindSourceTest extends ChainSourceContract {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static RegtestNode node;
    private static BitcoindSource source;

    @BeforeAll
    static void start() {
        node = RegtestNode.start(DATABASE.vertx());
        source = new BitcoindSource(DATABASE.vertx(), node.config());
    }

    @AfterAll
    static void stop() {
        source.close();
        node.close();
    }

    @Override
    ChainSource source() {
        return source;
    }

    @Override
    String pay(String address, long sat) {
        return node.payTo(address, sat);
    }

    @Override
    void mine(int blocks) {
        node.mine(blocks);
    }

    @Override
    void reorg(int depth) {
        node.invalidate(depth);
        node.mineOnly(depth + 1, List.of());
    }

    @ParameterizedTest
    @EnumSource(ScriptType.class)
    void nodeDerivesTheSameAddresses(ScriptType type) {
        WalletGenerator generator = new WalletGenerator(Entropy.secure());
        Descriptor descriptor = generator
                .account(Network.REGTEST, generator.mnemonic("English", 24), new Secret("phrase"), 2, type)
                .descriptor();
        for (int chain = 0; chain < 2; chain++) {
            JsonArray derived = (JsonArray)
                    await(node.call("deriveaddresses", descriptor.chain(chain), new JsonArray(List.of(0, 20))));
            assertThat(derived).hasSize(21);
            for (int index = 0; index < derived.size(); index++) {
                assertThat(descriptor.address(Network.REGTEST, chain, index)).isEqualTo(derived.getString(index));
            }
        }
    }

    @Test
    void nodeThatIsAwayOrRefusesUsIsUnavailableNotAnOutcome() {
        BitcoindSource wrong = new BitcoindSource(
                DATABASE.vertx(),
                new BitcoindConfig(
                        "127.0.0.1",
                        node.rpcPort(),
                        false,
                        new BitcoindConfig.Credentials.Password("test", new Secret("wrong")),
                        List.of()));
        assertThat(failure(wrong.status()))
                .hasMessageContaining("refuses our credentials")
                .hasMessageNotContaining("wrong");
        wrong.close();
        BitcoindSource away = new BitcoindSource(
                DATABASE.vertx(),
                new BitcoindConfig(
                        "127.0.0.1",
                        1,
                        false,
                        new BitcoindConfig.Credentials.Password("a", new Secret("b")),
                        List.of()));
        assertThat(failure(away.mempoolTransaction("11".repeat(32)))).hasMessageContaining("bitcoind-unavailable");
        away.close();
    }
}
