package dev.sluice.chain.bitcoind;

import static dev.sluice.db.TestDatabase.await;

import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real bitcoind on regtest with a funded wallet, in a folder of its own, stopped by its process. */
public final class RegtestNode implements AutoCloseable {
    /** Coins of these blocks can be spent once a hundred more are on top. */
    private static final int BLOCKS = 130;

    private final Vertx vertx;
    private final Path folder;
    private final int rpcPort = freePort();
    private final int zmqPort = freePort();
    private final BitcoindConfig config;
    private Process process;
    private RpcClient rpc;

    private RegtestNode(Vertx vertx) throws IOException {
        this.vertx = vertx;
        this.folder = Files.createTempDirectory("sluice-bitcoind");
        this.config = new BitcoindConfig(
                "127.0.0.1",
                rpcPort,
                false,
                new BitcoindConfig.Credentials.Password("test", new Secret("test")),
                List.of("tcp://127.0.0.1:" + zmqPort));
    }

    /** Where bitcoind is: {@code BITCOIND}, the search path, or the cache that the scripts fill. */
    public static Optional<Path> binary() {
        Stream<Path> candidates = Stream.concat(
                Stream.ofNullable(System.getenv("BITCOIND")).map(Path::of),
                Stream.concat(
                        Stream.of(System.getenv("PATH").split(":")).map(entry -> Path.of(entry, "bitcoind")),
                        Stream.of(Path.of(System.getProperty("user.home"), ".cache/sluice/bitcoind/bin/bitcoind"))));
        return candidates.filter(Files::isExecutable).findFirst();
    }

    public static RegtestNode start(Vertx vertx) {
        try {
            RegtestNode node = new RegtestNode(vertx);
            node.launch();
            await(node.call("createwallet", "w", false, false, "", false, true, true)); // loaded at each start
            await(node.call("generatetoaddress", BLOCKS, node.address()));
            return node;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** Starts the process on its folder, at first or again. */
    public void launch(String... more) throws IOException {
        Path binary =
                binary().orElseThrow(() -> new AssertionError("no bitcoind: set BITCOIND or run scripts/get-bitcoind"));
        List<String> command = new ArrayList<>(List.of(binary.toString(), "-regtest", "-server", "-datadir=" + folder));
        command.addAll(List.of(
                "-rpcuser=test",
                "-rpcpassword=test",
                "-rpcbind=127.0.0.1",
                "-rpcallowip=127.0.0.1",
                "-rpcport=" + rpcPort,
                "-listen=0",
                "-fallbackfee=0.0001",
                "-printtoconsole=0",
                "-mempoolfullrbf=1",
                "-zmqpubrawtx=tcp://127.0.0.1:" + zmqPort,
                "-zmqpubhashblock=tcp://127.0.0.1:" + zmqPort));
        command.addAll(List.of(more));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("out.log").toFile())
                .start();
        rpc = new RpcClient(vertx, config);
        await(answering(600));
    }

    private Future<Object> answering(int attempts) {
        return call("getblockchaininfo")
                .recover(failure -> attempts == 0 || !process.isAlive()
                        ? Future.failedFuture(failure)
                        : vertx.timer(100).compose(tick -> answering(attempts - 1)));
    }

    /** Stops the process as an operator does and waits for its end. */
    public void halt() {
        rpc.close();
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        halt();
        try (Stream<Path> all = Files.walk(folder)) {
            all.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    public BitcoindConfig config() {
        return config;
    }

    public int rpcPort() {
        return rpcPort;
    }

    public Future<Object> call(String method, Object... params) {
        return rpc.call(method, params);
    }

    public String address() {
        return (String) await(call("getnewaddress"));
    }

    /** A payment that signals replacement; the txid. */
    public String payTo(String address, long sat) {
        JsonObject options = new JsonObject().put("replaceable", true);
        JsonObject sent = (JsonObject) await(call(
                "send", new JsonArray().add(new JsonObject(Map.of(address, btc(sat)))), null, "unset", 5, options));
        return sent.getString("txid");
    }

    /** Spends a transaction's inputs to another address for a higher fee; the new txid. */
    public String doubleSpend(String txid, String address, long sat) {
        JsonObject transaction = transaction(txid);
        JsonArray inputs = new JsonArray();
        transaction
                .getJsonArray("vin")
                .forEach(in -> inputs.add(new JsonObject()
                        .put("txid", ((JsonObject) in).getString("txid"))
                        .put("vout", ((JsonObject) in).getInteger("vout"))
                        .put("sequence", 1)));
        double in = 0;
        for (Object one : inputs) {
            JsonObject input = (JsonObject) one;
            JsonObject parent = transaction(input.getString("txid"));
            in += parent.getJsonArray("vout")
                    .getJsonObject(input.getInteger("vout"))
                    .getDouble("value");
        }
        long change = Math.round(in * 1e8) - sat - 100_000;
        JsonArray outputs = new JsonArray()
                .add(new JsonObject(Map.of(address, btc(sat))))
                .add(new JsonObject(Map.of(address(), btc(change))));
        String raw = (String) await(call("createrawtransaction", inputs, outputs));
        String signed = ((JsonObject) await(call("signrawtransactionwithwallet", raw))).getString("hex");
        return (String) await(call("sendrawtransaction", signed));
    }

    private JsonObject transaction(String txid) {
        String hex = ((JsonObject) await(call("gettransaction", txid))).getString("hex");
        return (JsonObject) await(call("decoderawtransaction", hex));
    }

    /** Mines the mempool. */
    public void mine(int blocks) {
        await(call("generatetoaddress", blocks, address()));
    }

    /** Mines blocks that hold just these transactions, in the first. */
    public void mineOnly(int blocks, List<String> transactions) {
        for (int i = 0; i < blocks; i++) {
            await(call("generateblock", address(), new JsonArray(i == 0 ? transactions : List.of())));
        }
    }

    /** Takes the last blocks off; the node then stands below until it mines others. */
    public void invalidate(int depth) {
        int height = (Integer) await(call("getblockcount"));
        await(call("invalidateblock", await(call("getblockhash", height - depth + 1))));
    }

    /** Forgets the mempool: the process starts again without it, and its wallet keeps still. */
    public void forgetMempool() throws IOException {
        halt();
        Files.deleteIfExists(folder.resolve("regtest/mempool.dat"));
        launch("-walletbroadcast=0");
    }

    /** Bitcoin with eight places, as text so that nothing is rounded. */
    static String btc(long sat) {
        return java.math.BigDecimal.valueOf(sat, 8).toPlainString();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
