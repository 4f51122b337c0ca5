package dev.sluice.config;

import dev.sluice.config.SluiceConfig.Chain;
import dev.sluice.config.SluiceConfig.Database;
import dev.sluice.config.SluiceConfig.Lightning;
import dev.sluice.config.SluiceConfig.Network;
import dev.sluice.kernel.IpRange;
import dev.sluice.kernel.Secret;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Builds the typed sections from settings and checks what belongs together. */
final class Sections {
    private static final int PORT_MAX = 65_535;
    private static final Pattern HOST_PORT = Pattern.compile("[A-Za-z0-9.:\\[\\]_-]+:([0-9]{1,5})");
    private static final Pattern ZMQ = Pattern.compile("(?:tcp://[^\\s/]+:([0-9]{1,5})|ipc://.+)?");
    private static final Pattern FIXED = Pattern.compile("([A-Za-z]{3,5})\\s*=\\s*([0-9]{1,15}(\\.[0-9]{1,8})?)");
    private static final Pattern PRIVATE_KEY = Pattern.compile("[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{50,}");
    private static final Pattern SHELL = Pattern.compile("[`\"$\\\\]");
    private static final String ADMIN = "admin.macaroon";

    private final Values values;
    private final Network network;

    Sections(Values values) {
        this.values = values;
        this.network = values.choice("network", Network.class);
    }

    SluiceConfig read() {
        SluiceConfig.Http http = new SluiceConfig.Http(values.host("http.host"), port("http.port"), trustedProxies());
        SluiceConfig.Demo demo = new SluiceConfig.Demo(values.flag("demo.enabled"));
        SluiceConfig config = new SluiceConfig(
                network,
                PublicUrl.of(values, http, demo.enabled()),
                values.requiredPath("data_folder"),
                http,
                management(http),
                database(),
                chain(),
                lightning(),
                rates(),
                webhooks(),
                cards(),
                limits(),
                new SluiceConfig.Logging(
                        values.choice("logging.format", SluiceConfig.Logging.Format.class),
                        values.choice("logging.level", SluiceConfig.Logging.Level.class)),
                new SluiceConfig.Shutdown(values.number("shutdown.deadline_ms", 1_000, 120_000)),
                demo);
        if (network == Network.MAINNET) {
            mainnet(config);
        }
        if (config.database().mode() == Database.Mode.EMBEDDED) {
            embedded(config);
        }
        return config;
    }

    private void embedded(SluiceConfig config) {
        int port = config.database().embeddedPort();
        if (port == config.http().port() || port == config.management().port()) {
            values.problem("database.embedded_port", "is http.port or management.port too");
        }
        if (SHELL.matcher(config.dataFolder().toAbsolutePath().toString()).find()) { // pg_ctl starts a shell with it
            values.problem("data_folder", "the embedded database cannot be where a name has one of ` \" $ \\");
        }
    }

    private void mainnet(SluiceConfig config) {
        if (config.chain().mode() == Chain.Mode.SIMULATED) {
            values.problem("chain.mode", "simulated money on mainnet");
        }
        if (config.lightning().mode() == Lightning.Mode.SIMULATED) {
            values.problem("lightning.mode", "simulated money on mainnet");
        }
        if (config.demo().enabled()) {
            values.problem("demo.enabled", "a demonstration on mainnet");
        }
        if (config.database().mode() == Database.Mode.EMBEDDED) {
            values.warn("database.mode", "embedded has no backups of its own; prefer an external server on mainnet");
        }
    }

    private int port(String key) {
        return values.number(key, 1, PORT_MAX);
    }

    private List<String> trustedProxies() {
        List<String> proxies = values.list("http.trusted_proxies");
        proxies.stream()
                .filter(item -> IpRange.parse(item).isEmpty())
                .forEach(item -> values.problem(
                        "http.trusted_proxies", "'" + item + "' is neither an address nor a block like 10.0.0.0/8"));
        return proxies;
    }

    private SluiceConfig.Management management(SluiceConfig.Http http) {
        SluiceConfig.Management management =
                new SluiceConfig.Management(values.host("management.host"), port("management.port"));
        if (management.port() == http.port()) {
            values.problem("management.port", "is http.port too");
        }
        return management;
    }

    private Database database() {
        Database.Mode mode = values.choice("database.mode", Database.Mode.class);
        return new Database(
                mode,
                port("database.embedded_port"),
                values.path("database.embedded_programs"),
                values.required("database.host"),
                port("database.port"),
                values.required("database.name"),
                values.required("database.user"),
                values.secret("database.password"),
                values.number("database.pool_size", 2, 64));
    }

    private Chain chain() {
        Chain.Mode mode = values.choice("chain.mode", Chain.Mode.class);
        boolean real = mode == Chain.Mode.BITCOIND;
        Optional<Path> cookie = values.path("chain.cookie_file");
        String user = values.text("chain.rpc_user");
        Secret password = values.secret("chain.rpc_password");
        if (real && cookie.isPresent()) {
            values.secretFile("chain.cookie_file");
        } else if (real && (user.isEmpty() || password.value().isEmpty())) {
            values.problem("chain.cookie_file", "bitcoind needs this, or chain.rpc_user and chain.rpc_password");
        }
        return new Chain(
                mode,
                rpcUrl(),
                cookie,
                user,
                password,
                zmq("chain.zmq_rawtx"),
                zmq("chain.zmq_hashblock"),
                zmq("chain.zmq_sequence"),
                values.number("chain.poll_interval_ms", 100, 60_000),
                descriptor(),
                values.number("chain.operator_start_index", 0, 1_000_000));
    }

    private String rpcUrl() {
        String url = values.required("chain.rpc_url");
        if (!url.matches("https?://[^\\s@]+") || !hasPort(url)) {
            values.problem(
                    "chain.rpc_url",
                    "'" + url.replaceFirst("//.*@", "//***@") + "' is not http(s)://host:port without a password");
        }
        return url;
    }

    private static boolean hasPort(String url) {
        try {
            URI uri = URI.create(url);
            return uri.getHost() != null && uri.getPort() > 0 && uri.getPort() <= PORT_MAX;
        } catch (IllegalArgumentException malformed) {
            return false;
        }
    }

    private static boolean isPort(String digits) {
        int port = Integer.parseInt(digits); // five at most
        return port > 0 && port <= PORT_MAX;
    }

    private String zmq(String key) {
        String endpoint = values.text(key);
        Matcher given = ZMQ.matcher(endpoint);
        if (!given.matches() || given.group(1) != null && !isPort(given.group(1))) {
            values.problem(key, "'" + endpoint + "' is not tcp://host:port or ipc://path");
        }
        return endpoint;
    }

    private String descriptor() {
        String descriptor = values.text("chain.operator_descriptor");
        if (PRIVATE_KEY.matcher(descriptor).find()) {
            values.problem(
                    "chain.operator_descriptor",
                    "holds a private key; give the public one, and move the money: it was written to a file");
        }
        return descriptor;
    }

    private Lightning lightning() {
        Lightning.Mode mode = values.choice("lightning.mode", Lightning.Mode.class);
        String url = values.text("lightning.lnd_grpc_url");
        Optional<Path> invoice = values.path("lightning.invoice_macaroon_file");
        Optional<Path> spend = values.path("lightning.spend_macaroon_file");
        Optional<Path> cert = values.path("lightning.tls_cert_file");
        if (mode == Lightning.Mode.LND) {
            Matcher given = HOST_PORT.matcher(url);
            if (!given.matches() || !isPort(given.group(1))) {
                values.problem("lightning.lnd_grpc_url", "'" + url + "' is not host:port");
            }
            values.file("lightning.tls_cert_file");
            values.secretFile("lightning.invoice_macaroon_file");
            spend.ifPresent(file -> values.secretFile("lightning.spend_macaroon_file"));
            macaroons(invoice, spend);
        }
        boolean anywhere = values.flag("lightning.allow_private_addresses");
        warnOfPrivateAddresses(anywhere, "lightning.allow_private_addresses", "ANY STORE OWNER");
        return new Lightning(mode, url, cert, invoice, spend, anywhere);
    }

    private void macaroons(Optional<Path> invoice, Optional<Path> spend) {
        if (invoice.filter(file -> file.endsWith(ADMIN)).isPresent()) {
            values.warn(
                    "lightning.invoice_macaroon_file",
                    "ADMIN MACAROON: whoever breaks in here can spend everything the node "
                            + "has; bake one with info:read invoices:read invoices:write offchain:read");
        }
        if (invoice.isPresent() && invoice.equals(spend)) {
            values.warn(
                    "lightning.spend_macaroon_file",
                    "is the invoice macaroon too; the gateway should not hold one that spends");
        }
    }

    private SluiceConfig.Rates rates() {
        Map<String, BigDecimal> fixed = new LinkedHashMap<>();
        for (String item : values.list("rates.fixed")) {
            var match = FIXED.matcher(item);
            if (!match.matches() || new BigDecimal(match.group(2)).signum() == 0) {
                values.problem("rates.fixed", "'" + item + "' is not CODE=price");
            } else if (fixed.put(match.group(1).toUpperCase(Locale.ROOT), new BigDecimal(match.group(2))) != null) {
                values.problem("rates.fixed", "'" + match.group(1) + "' is given twice");
            }
        }
        int refresh = values.number("rates.refresh_seconds", 5, 3_600);
        int age = values.number("rates.age_max_seconds", 10, 86_400);
        if (age < refresh) {
            values.problem("rates.age_max_seconds", "is below rates.refresh_seconds: every price would be too old");
        }
        return new SluiceConfig.Rates(rateSources(), Map.copyOf(fixed), refresh, age);
    }

    private List<String> rateSources() {
        List<String> sources = values.list("rates.sources");
        sources.stream()
                .filter(name -> !SluiceConfig.Rates.SOURCES.contains(name))
                .forEach(name -> values.problem(
                        "rates.sources", "'" + name + "' is none of " + String.join(", ", SluiceConfig.Rates.SOURCES)));
        return sources;
    }

    private SluiceConfig.Webhooks webhooks() {
        boolean anywhere = values.flag("webhooks.allow_private_addresses");
        warnOfPrivateAddresses(anywhere, "webhooks.allow_private_addresses", "ANY STORE OWNER");
        return new SluiceConfig.Webhooks(
                anywhere,
                values.number("webhooks.timeout_ms", 100, 15_000),
                values.number("webhooks.concurrency", 2, 4_096));
    }

    private SluiceConfig.Cards cards() {
        Optional<Path> file = values.path("cards.master_key_file");
        file.ifPresent(named -> values.secretFile("cards.master_key_file"));
        Secret passphrase = values.secret("cards.master_passphrase");
        if (!passphrase.value().isEmpty() && passphrase.value().length() < SluiceConfig.Cards.PASSPHRASE_MIN) {
            values.problem(
                    "cards.master_passphrase", "is shorter than " + SluiceConfig.Cards.PASSPHRASE_MIN + " characters");
        }
        if (!passphrase.value().isEmpty() && file.isPresent()) {
            values.problem("cards.master_passphrase", "set together with cards.master_key_file; use one");
        }
        boolean anywhere = values.flag("cards.allow_private_addresses");
        warnOfPrivateAddresses(anywhere, "cards.allow_private_addresses", "ANYONE with an invoice");
        return new SluiceConfig.Cards(
                file,
                passphrase,
                anywhere,
                values.number("cards.spread_min_ppm", 0, SluiceConfig.Cards.SPREAD_MAX_PPM));
    }

    private void warnOfPrivateAddresses(boolean allowed, String key, String who) {
        if (allowed && network == Network.MAINNET) {
            values.warn(key, who + " can make this server call your private network");
        }
    }

    private SluiceConfig.Limits limits() {
        return new SluiceConfig.Limits(
                values.number("limits.key_requests_per_minute", 1, 1_000_000),
                values.number("limits.anonymous_requests_per_minute", 1, 1_000_000),
                values.number("limits.body_max_bytes", 1_024, 16 << 20),
                values.number("limits.requests_in_flight", 10, 100_000),
                values.number("limits.request_timeout_ms", 1_000, 120_000));
    }
}
