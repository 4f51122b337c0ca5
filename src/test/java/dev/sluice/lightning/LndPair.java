package dev.sluice.lightning;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/** A bitcoind and two LND nodes on regtest with a funded channel that has carried a payment. */
final class LndPair implements AutoCloseable {
    private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(90);

    private final Path folder;
    private final Path bitcoinBin;
    private final Path lndBin;
    private final int rpcPort = freePort();
    private final int blockPort = freePort();
    private final int txPort = freePort();
    private final List<Process> processes = new ArrayList<>();
    private final Node merchant;
    private final Node customer;

    /** One LND. */
    final class Node {
        private final Path dir;
        private final int peerPort = freePort();
        private final int grpcPort = freePort();
        private final int restPort = freePort();
        private Process process;

        private Node(String name) {
            this.dir = folder.resolve(name);
        }

        /** Its connection string; {@code macaroon} names a file beside the admin one. */
        String connection(String macaroon) {
            return "type=lnd-grpc;server=https://127.0.0.1:" + grpcPort + ";certfilepath=" + dir.resolve("tls.cert")
                    + ";macaroonfilepath=" + macaroonFile(macaroon);
        }

        Path macaroonFile(String macaroon) {
            return dir.resolve("data/chain/bitcoin/regtest/" + macaroon + ".macaroon");
        }

        void start() {
            process = launch(
                    lndBin.resolve("lnd"),
                    "--lnddir=" + dir,
                    "--bitcoin.regtest",
                    "--bitcoin.node=bitcoind",
                    "--bitcoind.rpchost=127.0.0.1:" + rpcPort,
                    "--bitcoind.rpcuser=u",
                    "--bitcoind.rpcpass=p",
                    "--bitcoind.zmqpubrawblock=tcp://127.0.0.1:" + blockPort,
                    "--bitcoind.zmqpubrawtx=tcp://127.0.0.1:" + txPort,
                    "--listen=127.0.0.1:" + peerPort,
                    "--rpclisten=127.0.0.1:" + grpcPort,
                    "--restlisten=127.0.0.1:" + restPort,
                    "--noseedbackup",
                    "--trickledelay=50",
                    "--bitcoin.defaultchanconfs=1",
                    "--protocol.wumbo-channels",
                    "--debuglevel=warn");
        }

        /** SIGKILL, as a crash. */
        void kill() {
            process.destroyForcibly().onExit().join();
        }

        String cli(String... args) {
            List<String> command = new ArrayList<>(List.of(
                    lndBin.resolve("lncli").toString(),
                    "--lnddir=" + dir,
                    "--network=regtest",
                    "--rpcserver=127.0.0.1:" + grpcPort));
            command.addAll(List.of(args));
            return run(command);
        }

        private String find(String regex, String... args) {
            return firstGroup(regex, cli(args));
        }
    }

    LndPair() {
        bitcoinBin = tool("SLUICE_BITCOIN_BIN", "bitcoind/bin", "bitcoind");
        lndBin = tool("SLUICE_LND_BIN", "lnd-try/bin", "lnd");
        try {
            folder = Files.createTempDirectory("sluice-lnd");
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        merchant = new Node("merchant");
        customer = new Node("customer");
        try {
            start();
        } catch (RuntimeException | Error failure) {
            close();
            throw failure;
        }
    }

    Node merchant() {
        return merchant;
    }

    Node customer() {
        return customer;
    }

    void mine(int blocks) {
        bitcoin("-rpcwallet=w", "-generate", Integer.toString(blocks));
    }

    private void start() {
        launch(
                bitcoinBin.resolve("bitcoind"),
                "-regtest",
                "-datadir=" + folder,
                "-server",
                "-txindex",
                "-fallbackfee=0.0001",
                "-rpcuser=u",
                "-rpcpassword=p",
                "-rpcport=" + rpcPort,
                "-bind=127.0.0.1:" + freePort(),
                "-listenonion=0",
                "-zmqpubrawblock=tcp://127.0.0.1:" + blockPort,
                "-zmqpubrawtx=tcp://127.0.0.1:" + txPort);
        until(() -> bitcoin("createwallet", "w"));
        mine(110);
        merchant.start();
        customer.start();
        until(() -> merchant.cli("getinfo"));
        until(() -> customer.cli("getinfo"));
        mine(1);
        String address = customer.find("\"address\":\\s*\"([^\"]+)\"", "newaddress", "p2wkh");
        bitcoin("-rpcwallet=w", "sendtoaddress", address, "20");
        mine(1);
        String merchantKey = merchant.find("\"identity_pubkey\":\\s*\"([^\"]+)\"", "getinfo");
        until(() -> customer.find("\"confirmed_balance\":\\s*\"(\\d{5,})\"", "walletbalance"));
        until(() -> customer.find("\"synced_to_chain\":\\s*(true)", "getinfo"));
        until(() -> merchant.find("\"synced_to_chain\":\\s*(true)", "getinfo"));
        customer.cli("connect", merchantKey + "@127.0.0.1:" + merchant.peerPort);
        customer.cli("openchannel", "--node_key=" + merchantKey, "--local_amt=500000000", "--push_amt=100000000");
        mine(3);
        until(() -> customer.find("\"active\":\\s*(true)", "listchannels"));
        // The active flag comes too early: only a paid probe shows that the channel carries payments.
        until(() -> customer.cli(
                "payinvoice",
                "--force",
                merchant.find("\"payment_request\":\\s*\"([^\"]+)\"", "addinvoice", "--amt=1")));
    }

    private String bitcoin(String... args) {
        List<String> command = new ArrayList<>(List.of(
                bitcoinBin.resolve("bitcoin-cli").toString(),
                "-regtest",
                "-rpcuser=u",
                "-rpcpassword=p",
                "-rpcport=" + rpcPort));
        command.addAll(List.of(args));
        return run(command);
    }

    private Process launch(Path program, String... args) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(args));
        try {
            Path log = Files.createTempFile(folder, program.getFileName().toString(), ".log");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            processes.add(process);
            return process;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String run(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(command.getFirst() + ": " + output);
            }
            return output;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new IllegalStateException(interrupted);
        }
    }

    private static String firstGroup(String regex, String text) {
        Matcher matcher = Pattern.compile(regex).matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + regex + " in " + text);
        }
        return matcher.group(1);
    }

    /** Each attempt starts a program, which paces the loop. */
    static void until(Runnable attempt) {
        long deadline = System.nanoTime() + WAIT_NANOS;
        while (true) {
            try {
                attempt.run();
                return;
            } catch (IllegalStateException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
            }
        }
    }

    private static Path tool(String variable, String cached, String program) {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "sluice");
        Optional<Path> found = Optional.ofNullable(System.getenv(variable))
                .map(Path::of)
                .or(() -> Optional.of(cache.resolve(cached)))
                .filter(bin -> Files.isExecutable(bin.resolve(program)));
        boolean mandatory = "true".equals(System.getenv("CI"));
        if (found.isEmpty() && mandatory) {
            throw new IllegalStateException("no " + program + "; set " + variable);
        }
        Assumptions.assumeTrue(found.isPresent(), "no " + program + "; set " + variable);
        return found.get();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void close() {
        for (Process process : processes.reversed()) {
            process.destroy();
        }
        for (Process process : processes) {
            if (process.onExit()
                    .completeOnTimeout(process, 20, TimeUnit.SECONDS)
                    .join()
                    .isAlive()) {
                process.destroyForcibly().onExit().join();
            }
        }
    }
}
