package dev.sluice.it;

import dev.sluice.chain.Network;
import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A gateway on the real nodes with a shop, for one test class. Register it as a static field after the nodes and the
 * database, with {@code @Order} on all three: it needs what they start.
 */
final class RegtestGateway implements BeforeAllCallback, AfterAllCallback {
    private final Regtest nodes;
    private final TestDatabase database;
    private GatewayProcess process;
    private Shop shop;
    private WebhookSink sink;

    RegtestGateway(Regtest nodes, TestDatabase database) {
        this.nodes = nodes;
        this.database = database;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        process = new GatewayProcess(database.config(), GatewayProcess.folder(), rails(nodes)).start();
        process.awaitReady();
        sink = new WebhookSink();
        shop = new Shop(process, database, sink);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (process != null) {
            process.close();
        }
        if (sink != null) {
            sink.close();
        }
    }

    GatewayProcess process() {
        return process;
    }

    Shop shop() {
        return shop;
    }

    /** Settings that name the nodes; the operator's wallet is a new one, so that its addresses are used once. */
    private static Map<String, String> rails(Regtest nodes) {
        WalletGenerator wallets = new WalletGenerator(Entropy.secure());
        Secret phrase = wallets.mnemonic("English", 12);
        String descriptor = wallets.account(Network.REGTEST, phrase, new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
        Map<String, String> rails = new HashMap<>(Map.of(
                "SLUICE_CHAIN_MODE", "bitcoind",
                "SLUICE_CHAIN_RPC_URL", nodes.env("BITCOIND_RPC_URL"),
                "SLUICE_CHAIN_RPC_USER", nodes.env("BITCOIND_RPC_USER"),
                "SLUICE_CHAIN_RPC_PASSWORD", nodes.env("BITCOIND_RPC_PASSWORD"),
                "SLUICE_CHAIN_ZMQ_RAWTX", nodes.env("BITCOIND_ZMQ_RAWTX"),
                "SLUICE_CHAIN_ZMQ_HASHBLOCK", nodes.env("BITCOIND_ZMQ_HASHBLOCK"),
                "SLUICE_CHAIN_ZMQ_SEQUENCE", nodes.env("BITCOIND_ZMQ_SEQUENCE"),
                "SLUICE_CHAIN_POLL_INTERVAL_MS", "1000",
                "SLUICE_CHAIN_OPERATOR_DESCRIPTOR", descriptor));
        rails.putAll(Map.of(
                "SLUICE_LIGHTNING_MODE", "lnd",
                "SLUICE_LIGHTNING_LND_GRPC_URL", nodes.env("GATEWAY_GRPC"),
                "SLUICE_LIGHTNING_TLS_CERT_FILE", nodes.env("GATEWAY_TLS"),
                "SLUICE_LIGHTNING_INVOICE_MACAROON_FILE", nodes.env("GATEWAY_INVOICE_MACAROON")));
        return rails;
    }
}
