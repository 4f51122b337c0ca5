package dev.sluice.it;

import dev.sluice.chain.ScriptType;
import dev.sluice.chain.WalletGenerator;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * A real bitcoind (regtest) and two real LND nodes with a funded channel, shared by all test classes of a JVM and gone
 * with it, even when it is killed. Tests tagged {@code node} register it as a static field:
 * {@code @RegisterExtension static final Regtest REGTEST = new Regtest();}
 *
 * <p>Where the nodes cannot be had the tests are aborted with the reason; with {@code CI=true} they fail.
 */
public final class Regtest implements BeforeAllCallback {
    /** The nodes by the names that {@code scripts/regtest} gives them. */
    public enum Node {
        BITCOIND,
        GATEWAY,
        CUSTOMER;

        private String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        start();
    }

    /** Starts the network unless this JVM has it already, and returns it. */
    public static Regtest start() {
        Network.required();
        return new Regtest();
    }

    /** A setting of the network, say {@code BITCOIND_RPC_URL}; the names are in {@code scripts/regtest}. */
    public String env(String name) {
        String value = Network.required().settings.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no setting " + name);
        }
        return value;
    }

    /** Settings of a gateway on these nodes, as environment; its wallet is new, so that its addresses are used once. */
    public Map<String, String> gatewaySettings() {
        WalletGenerator wallets = new WalletGenerator(Entropy.secure());
        Secret phrase = wallets.mnemonic("English", 12);
        String descriptor = wallets.account(
                        dev.sluice.chain.Network.REGTEST, phrase, new Secret(""), 0, ScriptType.SEGWIT)
                .descriptor()
                .toString();
        Map<String, String> settings = new HashMap<>(Map.of(
                "SLUICE_CHAIN_MODE", "bitcoind",
                "SLUICE_CHAIN_RPC_URL", env("BITCOIND_RPC_URL"),
                "SLUICE_CHAIN_RPC_USER", env("BITCOIND_RPC_USER"),
                "SLUICE_CHAIN_RPC_PASSWORD", env("BITCOIND_RPC_PASSWORD"),
                "SLUICE_CHAIN_ZMQ_RAWTX", env("BITCOIND_ZMQ_RAWTX"),
                "SLUICE_CHAIN_ZMQ_HASHBLOCK", env("BITCOIND_ZMQ_HASHBLOCK"),
                "SLUICE_CHAIN_ZMQ_SEQUENCE", env("BITCOIND_ZMQ_SEQUENCE"),
                "SLUICE_CHAIN_POLL_INTERVAL_MS", "1000",
                "SLUICE_CHAIN_OPERATOR_DESCRIPTOR", descriptor));
        settings.putAll(Map.of(
                "SLUICE_LIGHTNING_MODE", "lnd",
                "SLUICE_LIGHTNING_LND_GRPC_URL", env("GATEWAY_GRPC"),
                "SLUICE_LIGHTNING_TLS_CERT_FILE", env("GATEWAY_TLS"),
                "SLUICE_LIGHTNING_INVOICE_MACAROON_FILE", env("GATEWAY_INVOICE_MACAROON"),
                "SLUICE_LIGHTNING_SPEND_MACAROON_FILE", env("GATEWAY_SPEND_MACAROON")));
        return settings;
    }

    /** Mines blocks that contain what waits; the height then. */
    public int mine(int blocks) {
        return Integer.parseInt(run("mine", Integer.toString(blocks)));
    }

    /** Mines blocks without what waits; the height then. */
    public int mineEmpty(int blocks) {
        return Integer.parseInt(run("mine", Integer.toString(blocks), "--empty"));
    }

    /** Pays a BOLT 11 invoice as the customer and waits for the end; the payment hash in hex. */
    public String payInvoice(String bolt11) {
        return lastWord(run("pay", bolt11));
    }

    /** The same for an invoice without an amount. */
    public String payInvoice(String bolt11, long amountSat) {
        return lastWord(run("pay", bolt11, Long.toString(amountSat)));
    }

    /** Starts to pay, for invoices that are held. */
    public CompletableFuture<String> payInvoiceLater(String bolt11) {
        return CompletableFuture.supplyAsync(
                () -> payInvoice(bolt11), task -> Thread.ofVirtual().start(task));
    }

    /** Pays an address from the customer's wallet, unconfirmed; the transaction id. */
    public String payAddress(String address, long amountSat) {
        return lastWord(run("pay", address, Long.toString(amountSat)));
    }

    /** Pays a BIP21 link, over Lightning where it offers that; {@code lightning <hash>} or {@code onchain <txid>}. */
    public String payLink(String link) {
        return run("pay", link);
    }

    /** Replaces the last blocks by one more; the same transactions are mined again. */
    public void reorg(int blocks) {
        run("reorg", Integer.toString(blocks));
    }

    /** Replaces the last blocks by one more, all empty: what they held is unconfirmed again. */
    public void reorgDropping(int blocks) {
        run("reorg", Integer.toString(blocks), "--drop");
    }

    /**
     * Replaces the last blocks so that the inputs of a payment by the customer go back to the customer; the replacing
     * transaction's id. Zero blocks replace an unconfirmed payment by mining its rival.
     */
    public String doubleSpend(int blocks, String txid) {
        return run("reorg", Integer.toString(blocks), "--double-spend", txid);
    }

    /** Stops a node in good order. */
    public void stopNode(Node node) {
        run("stop-node", node.id());
    }

    /** Kills a node as a power cut would. */
    public void killNode(Node node) {
        run("kill-node", node.id());
    }

    /** Starts a node that was stopped or killed; returns when it answers and, for LND, when the channel pays again. */
    public void startNode(Node node) {
        run("start-node", node.id());
    }

    /** {@code bitcoin-cli} or {@code lncli} of a node; what it prints. */
    public String cli(Node node, String... arguments) {
        List<String> command = new ArrayList<>(List.of("cli", node.id()));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }

    private static String lastWord(String line) {
        return line.substring(line.lastIndexOf(' ') + 1);
    }

    private static String run(String... arguments) {
        return Network.required().run(arguments);
    }

    /** The network of this JVM; a start that failed is not repeated. */
    private static final class Network {
        private static final Network ONLY = new Network();

        private final Path folder;
        private final Map<String, String> settings;
        private final String missing;

        private Network() {
            String own = Long.toString(ProcessHandle.current().pid());
            folder = Path.of(System.getProperty("java.io.tmpdir"), "sluice-regtest-" + own);
            Tools.Result nodes = Tools.attempt(Map.of(), List.of("scripts/get-bitcoind"));
            if (nodes.status() == 0) {
                nodes = Tools.attempt(Map.of(), List.of("scripts/get-lnd"));
            }
            missing = nodes.status() == 0 ? "" : nodes.errors().strip();
            if (missing.isEmpty()) {
                run("up", "--for", own, "--ephemeral");
            }
            Path file = folder.resolve("env");
            settings = Files.exists(file) ? Tools.settings(file) : Map.of();
        }

        static Network required() {
            if (ONLY.missing.isEmpty()) {
                return ONLY;
            }
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(ONLY.missing);
            }
            throw new TestAbortedException(ONLY.missing);
        }

        String run(String... arguments) {
            List<String> command = new ArrayList<>(List.of("scripts/regtest"));
            command.addAll(List.of(arguments));
            return Tools.run(Map.of("SLUICE_REGTEST_DIR", folder.toString()), command);
        }
    }
}
