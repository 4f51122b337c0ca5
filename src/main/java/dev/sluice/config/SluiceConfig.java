package dev.sluice.config;

import dev.sluice.kernel.Secret;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be set, typed and checked; the meaning of each value stands in {@code config/reference.yaml}.
 *
 * @param publicUrl without a trailing slash
 */
public record SluiceConfig(
        Network network,
        String publicUrl,
        Path dataFolder,
        Http http,
        Management management,
        Database database,
        Chain chain,
        Lightning lightning,
        Rates rates,
        Webhooks webhooks,
        Cards cards,
        Limits limits,
        Logging logging,
        Shutdown shutdown,
        Demo demo) {

    /** Which bitcoin. */
    public enum Network {
        MAINNET,
        TESTNET,
        SIGNET,
        REGTEST
    }

    /** The public listener. */
    public record Http(String host, int port, List<String> trustedProxies) {}

    /** The listener of health and metrics. */
    public record Management(String host, int port) {}

    /** Where the database is; host to password count in mode EXTERNAL. */
    public record Database(
            Mode mode,
            int embeddedPort,
            Optional<Path> embeddedPrograms,
            String host,
            int port,
            String name,
            String user,
            Secret password,
            int poolSize) {
        /** Whose server. */
        public enum Mode {
            EMBEDDED,
            EXTERNAL
        }
    }

    /** The bitcoin node; empty texts are not set. Mode BITCOIND has a {@code cookieFile}, or user and password. */
    public record Chain(
            Mode mode,
            String rpcUrl,
            Optional<Path> cookieFile,
            String rpcUser,
            Secret rpcPassword,
            String zmqRawtx,
            String zmqHashblock,
            String zmqSequence,
            int pollIntervalMs,
            String operatorDescriptor,
            int operatorStartIndex) {
        /** What stands behind on-chain payments. */
        public enum Mode {
            BITCOIND,
            SIMULATED,
            NONE
        }
    }

    /**
     * The Lightning node; files are checked to be readable in mode LND.
     *
     * @param allowPrivateAddresses whether nodes that stores bring may be at private addresses
     */
    public record Lightning(
            Mode mode,
            String lndGrpcUrl,
            Optional<Path> tlsCertFile,
            Optional<Path> invoiceMacaroonFile,
            Optional<Path> spendMacaroonFile,
            boolean allowPrivateAddresses) {
        /** What stands behind Lightning payments. */
        public enum Mode {
            LND,
            SIMULATED,
            NONE
        }
    }

    /** {@code fixed}: upper-case currency code to the price of one bitcoin. */
    public record Rates(List<String> sources, Map<String, BigDecimal> fixed, int refreshSeconds, int ageMaxSeconds) {
        /** What {@code sources} may name; the rate feature's own list, which settings must not know. */
        public static final List<String> SOURCES = List.of("kraken", "coinbase", "bitfinex", "yadio", "exchangerate");
    }

    /** Deliveries. */
    public record Webhooks(boolean allowPrivateAddresses, int timeoutMs, int concurrency) {}

    /**
     * Cards; without {@code keyFile} and passphrase a key in the data folder seals the keys of issuers.
     *
     * @param passphrase what the sealing key is made of; empty for a key from a file
     * @param allowPrivateAddresses whether links of foreign cards may lead to private addresses
     * @param spreadMinPpm least spread of programmes that do not count bitcoin, in millionths
     */
    public record Cards(Optional<Path> keyFile, Secret passphrase, boolean allowPrivateAddresses, int spreadMinPpm) {
        static final int SPREAD_MAX_PPM = 500_000;

        /** Characters of a passphrase; fewer can be guessed by who has the database. */
        public static final int PASSPHRASE_MIN = 16;
    }

    /** What one caller, or all together, may ask. */
    public record Limits(
            int keyRequestsPerMinute,
            int anonymousRequestsPerMinute,
            int bodyMaxBytes,
            int requestsInFlight,
            int requestTimeoutMs) {}

    /** Log lines. */
    public record Logging(Format format, Level level) {
        /** How a line looks. */
        public enum Format {
            TEXT,
            JSON
        }

        /** From which severity on. */
        public enum Level {
            TRACE,
            DEBUG,
            INFO,
            WARN,
            ERROR
        }
    }

    /** The graceful stop. */
    public record Shutdown(int deadlineMs) {}

    /** The demonstration. */
    public record Demo(boolean enabled) {}

    /** Whether any payment here is pretended. */
    public boolean simulated() {
        return chain.mode() == Chain.Mode.SIMULATED || lightning.mode() == Lightning.Mode.SIMULATED;
    }
}
