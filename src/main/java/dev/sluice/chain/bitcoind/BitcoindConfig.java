package dev.sluice.chain.bitcoind;

import dev.sluice.kernel.Check;
import dev.sluice.kernel.Secret;
import java.nio.file.Path;
import java.util.List;

/**
 * Where a node is.
 *
 * @param credentials how it knows us
 * @param zmq endpoints of {@code zmqpubrawtx, zmqpubhashblock, zmqpubsequence}, {@code tcp://host:port}; may be empty
 */
public record BitcoindConfig(String host, int port, boolean tls, Credentials credentials, List<String> zmq) {
    public BitcoindConfig {
        Check.require(!host.isBlank(), "bitcoind host");
        Check.require(port > 0 && port < 65_536, "bitcoind port");
        Check.require(
                zmq.stream().allMatch(endpoint -> endpoint.startsWith("tcp://")), "ZMQ endpoints begin with tcp://");
        zmq = List.copyOf(zmq);
    }

    /** The two ways of bitcoind. */
    public sealed interface Credentials {
        /** {@code rpcuser} and {@code rpcpassword}, or a pair made by {@code rpcauth}. */
        record Password(String user, Secret password) implements Credentials {}

        /** The {@code .cookie} file, which the node writes anew at each start: it is read again when it is refused. */
        record Cookie(Path file) implements Credentials {}
    }
}
