package dev.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sluice.config.ConfigLoader.Loaded;
import dev.sluice.config.SluiceConfig.Lightning;
import dev.sluice.config.SluiceConfig.Network;
import dev.sluice.rate.RateSources;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    @TempDir
    Path folder;

    private static Loaded load(Map<String, String> environment, String... flags) {
        return ConfigLoader.load(null, environment, List.of(flags));
    }

    private Loaded yaml(String text, String... flags) {
        return ConfigLoader.load(write("sluice.yaml", text), Map.of(), List.of(flags));
    }

    private Path write(String name, String text) {
        try {
            Path file = Files.writeString(folder.resolve(name), text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            return file;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static List<String> problems(Runnable loading) {
        return catchThrowableOfType(ConfigException.class, loading::run).problems();
    }

    @Test
    void everyKeyOfTheReferenceIsReadAndEveryReadKeyIsInIt() {
        List<Set<String>> keys = ConfigLoader.keys();
        assertThat(keys.get(0)).isEqualTo(keys.get(1)).hasSizeGreaterThan(40);
    }

    @Test
    void noTwoKeysShareAnEnvironmentName() {
        assertThat(ConfigLoader.keys().get(1).stream().map(Layers::variable)).doesNotHaveDuplicates();
    }

    @Test
    void defaultsAreValidAndEachOriginIsTheReference() {
        Loaded loaded = load(Map.of());
        assertThat(loaded.config().network()).isEqualTo(Network.MAINNET);
        assertThat(loaded.config().publicUrl()).isEqualTo("http://127.0.0.1:8080");
        assertThat(loaded.config().simulated()).isFalse();
        assertThat(loaded.effective()).allSatisfy(e -> assertThat(e.origin()).startsWith("default:"));
    }

    @Test
    void laterLayersWin() {
        Path file = write("sluice.yaml", "http:\n  port: 1001\n  host: 10.0.0.1\nmanagement:\n  port: 1002\n");
        Map<String, String> environment = Map.of("SLUICE_HTTP_PORT", "2001", "SLUICE_MANAGEMENT_PORT", "2002");
        Loaded loaded = ConfigLoader.load(file, environment, List.of("management.port=3002"));
        assertThat(loaded.config().http().host()).isEqualTo("10.0.0.1");
        assertThat(loaded.config().http().port()).isEqualTo(2001);
        assertThat(loaded.config().management().port()).isEqualTo(3002);
        assertThat(loaded.effective())
                .contains(new ConfigLoader.Effective("http.host", "10.0.0.1", file + ":3"))
                .contains(new ConfigLoader.Effective("http.port", "2001", "environment SLUICE_HTTP_PORT"))
                .contains(new ConfigLoader.Effective("management.port", "3002", "flag --set"));
    }

    @Test
    void listsAreReadFromEveryLayer() {
        assertThat(yaml("rates:\n  sources: [kraken, coinbase]\n")
                        .config()
                        .rates()
                        .sources())
                .containsExactly("kraken", "coinbase");
        assertThat(yaml("rates:\n  fixed: [USD=60000.5, eur=1]\n")
                        .config()
                        .rates()
                        .fixed())
                .containsEntry("USD", new BigDecimal("60000.5"))
                .containsEntry("EUR", BigDecimal.ONE);
        assertThat(load(Map.of("SLUICE_RATES_SOURCES", "")).config().rates().sources())
                .isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            htpp.port=1              | htpp.port: unknown key; did you mean http.port?
            http.prot=1              | http.prot: unknown key; did you mean http.port?
            zzzzzzzzzzzzzz=1         | zzzzzzzzzzzzzz: unknown key (flag
            http.port=abc            | http.port: 'abc' is not a whole number from 1 to 65535
            http.port=0              | http.port: '0' is not
            http.port=65536          | http.port: '65536' is not
            http.port=99999999999999999999 | http.port: '99999999999999999999' is not
            http.port=80.5           | http.port: '80.5' is not
            http.port=               | http.port: '' is not
            http.host=               | http.host: must be set
            http.host=http://a       | http.host: 'http://a' is not the name or address of a host
            http.host=a b            | http.host: 'a b' is not
            management.host=1.2.3.4:80 | management.host: '1.2.3.4:80' is not
            management.port=8080     | management.port: is http.port too
            database.embedded_port=8080 | database.embedded_port: is http.port or management.port too
            data_folder=a`id`        | data_folder: the embedded database cannot be where a name has one of
            data_folder=a$HOME       | data_folder: the embedded database cannot be
            data_folder=a\0b         | data_folder: is not a path: Nul character not allowed
            database.pool_size=1     | database.pool_size: '1' is not a whole number from 2 to 64
            database.mode=oracle     | database.mode: 'oracle' is none of embedded, external
            network=Mainnet          | network: 'Mainnet' is none of mainnet, testnet, signet, regtest
            chain.mode=simulated     | chain.mode: simulated money on mainnet
            lightning.mode=simulated | lightning.mode: simulated money on mainnet
            demo.enabled=true        | demo.enabled: a demonstration on mainnet
            demo.enabled=yes         | demo.enabled: 'yes' is neither true nor false
            chain.mode=bitcoind      | chain.cookie_file: bitcoind needs this
            chain.rpc_url=http://u:hunter2@h:1 | chain.rpc_url: 'http://***@h:1' is not
            chain.rpc_url=http://h:65536 | chain.rpc_url: 'http://h:65536' is not http(s)://host:port
            chain.rpc_url=http://h   | chain.rpc_url: 'http://h' is not http(s)://host:port
            chain.zmq_rawtx=tcp://h:99999 | chain.zmq_rawtx: 'tcp://h:99999' is not tcp://host:port
            chain.zmq_rawtx=28332    | chain.zmq_rawtx: '28332' is not tcp://host:port
            chain.poll_interval_ms=-1 | chain.poll_interval_ms: '-1' is not
            lightning.mode=lnd       | lightning.tls_cert_file: must be set
            rates.fixed=USD          | rates.fixed: 'USD' is not CODE=price
            rates.fixed=USD=0        | rates.fixed: 'USD=0' is not CODE=price
            rates.fixed=USD=1,usd=2  | rates.fixed: 'usd' is given twice
            rates.age_max_seconds=10 | rates.age_max_seconds: is below rates.refresh_seconds
            webhooks.timeout_ms=0    | webhooks.timeout_ms: '0' is not
            limits.body_max_bytes=0  | limits.body_max_bytes: '0' is not
            shutdown.deadline_ms=-5  | shutdown.deadline_ms: '-5' is not
            logging.level=loud       | logging.level: 'loud' is none of
            public_url=example.com   | public_url: 'example.com' is not http(s)://host[:port]
            public_url=ftp://a.com   | public_url: 'ftp://a.com' is not
            public_url=https://a.com/pay | public_url: must have no path
            public_url=https://u@a.com | public_url: must be scheme, host and port alone
            public_url=https://a.com?x=1 | public_url: must be scheme, host and port alone
            public_url=https://      | public_url: 'https://' is not
            http.host=0.0.0.0        | public_url: must be set where http.host is 0.0.0.0
            http.host=::             | public_url: must be set where http.host is ::
            http.trusted_proxies=10.0.0.0/33 | http.trusted_proxies: '10.0.0.0/33' is neither
            http.trusted_proxies=127.0.0.1,proxy.example | http.trusted_proxies: 'proxy.example' is neither
            rates.sources=kraken,Coinbase | rates.sources: 'Coinbase' is none of kraken, coinbase
            database.password=secret | database.password: a secret must not stand there; use SLUICE_DATABASE_PASSWORD
            noequals                 | --set noequals: expected key=value
            """)
    void badFlagsNameTheKey(String flag, String problem) {
        assertThat(problems(() -> load(Map.of(), flag.replace("\\0", "\0"))))
                .anySatisfy(p -> assertThat(p).startsWith(problem));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            http:\\n  prot: 1          | http.prot: unknown key; did you mean http.port? (FILE:2)
            http:\\n  port: 1\\n  port: 2 | http.port: given twice (FILE:3)
            network: regtest\\nhttp:\\n  port: 1\\nhttp:\\n  host: a | http: given twice (FILE:4)
            http:\\n  port: [1           | FILE:2: not YAML:
            http: 8080                 | http: unknown key
            - a                        | FILE:1: expected 'key: value' lines
            database:\\n  password: x  | database.password: a secret must not stand there
            rates:\\n  sources:\\n    - a: 1 | rates.sources: a list of plain values is expected (FILE:3)
            a:\\n  b:\\n    c:\\n      d:\\n        e: 1 | a.b.c.d: nested too deeply
            network: &n regtest\\nhttp:\\n  host: *n | FILE:3: aliases (*n) are not read; write the value
            network: regtest\\n---\\nnetwork: signet | FILE:3: a second document
            """)
    void badFilesNameKeyFileAndLine(String text, String problem) {
        String file = folder.resolve("sluice.yaml").toString();
        assertThat(problems(() -> yaml(text.replace("\\n", "\n"))))
                .anySatisfy(p -> assertThat(p.replace(file, "FILE")).startsWith(problem));
    }

    @Test
    void emptyAndCommentedFilesChangeNothing() {
        assertThat(yaml("").config()).isEqualTo(load(Map.of()).config());
        assertThat(yaml("# nothing\n").config()).isEqualTo(load(Map.of()).config());
    }

    @Test
    void missingFileAndFolderInItsPlaceAreErrors() {
        assertThat(problems(() -> ConfigLoader.load(folder.resolve("none.yaml"), Map.of(), List.of())))
                .singleElement()
                .asString()
                .endsWith("none.yaml: no such file");
        assertThat(problems(() -> ConfigLoader.load(folder, Map.of(), List.of())))
                .singleElement()
                .asString()
                .endsWith(": not a file");
    }

    @Test
    void everyProblemIsReportedAtOnce() {
        assertThat(problems(() -> load(Map.of(), "http.port=x", "network=x", "demo.enabled=x")))
                .hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void unknownEnvironmentNameIsAnErrorAndForeignOnesAreNot() {
        assertThat(problems(() -> load(Map.of("SLUICE_HTPP_PORT", "1"))))
                .containsExactly("SLUICE_HTPP_PORT: unknown key; did you mean SLUICE_HTTP_PORT? (environment)");
        load(Map.of(
                "SLUICE_PORT",
                "tcp://10.0.0.1:80",
                "SLUICE_SERVICE_HOST",
                "10.0.0.1",
                "SLUICE_CONFIG",
                "x",
                "PATH",
                "/bin"));
    }

    @Test
    void environmentOfTheWrongTypeIsNamed() {
        assertThat(problems(() -> load(Map.of("SLUICE_HTTP_PORT", "http"))))
                .containsExactly(
                        "http.port: 'http' is not a whole number from 1 to 65535 (environment SLUICE_HTTP_PORT)");
    }

    @Test
    void secretsComeFromEnvironmentOrFileAndAreNeverShown() {
        Path file = write("password", "from-a-file\n");
        Loaded direct = load(Map.of("SLUICE_DATABASE_PASSWORD", "from-env"));
        Loaded byFile = load(Map.of("SLUICE_DATABASE_PASSWORD_FILE", file.toString()));
        assertThat(direct.config().database().password().value()).isEqualTo("from-env");
        assertThat(byFile.config().database().password().value()).isEqualTo("from-a-file");
        assertThat(direct.toString() + byFile).doesNotContain("from-env", "from-a-file");
        assertThat(direct.effective())
                .contains(
                        new ConfigLoader.Effective("database.password", "***", "environment SLUICE_DATABASE_PASSWORD"));
        assertThat(problems(() -> load(
                        Map.of("SLUICE_DATABASE_PASSWORD", "a", "SLUICE_DATABASE_PASSWORD_FILE", file.toString()))))
                .singleElement()
                .asString()
                .contains("use one");
    }

    @Test
    void secretFileThatIsMissingOrEmptyIsAnError() {
        Path empty = write("empty", "\n");
        assertThat(problems(() -> load(Map.of("SLUICE_DATABASE_PASSWORD_FILE", empty.toString()))))
                .singleElement()
                .asString()
                .startsWith("database.password_file: the file is empty");
        assertThat(problems(() -> load(Map.of(
                        "SLUICE_DATABASE_PASSWORD_FILE", folder.resolve("none").toString()))))
                .anySatisfy(p -> assertThat(p).startsWith("database.password_file: no readable file"));
    }

    @Test
    void worldReadableSecretFileIsWarnedAbout() throws IOException {
        Path file = write("password", "x");
        String key = "SLUICE_DATABASE_PASSWORD_FILE";
        assertThat(load(Map.of(key, file.toString())).warnings()).noneMatch(w -> w.contains("chmod"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(load(Map.of(key, file.toString())).warnings())
                .anyMatch(w -> w.startsWith("database.password_file: every user"));
    }

    @Test
    void adminMacaroonIsWarnedAboutLoudly() {
        String cert = write("tls.cert", "c").toString();
        String admin = write("admin.macaroon", "m").toString();
        String invoice = write("invoice.macaroon", "m").toString();
        String[] flags = {"lightning.mode=lnd", "lightning.tls_cert_file=" + cert};
        assertThat(load(Map.of("SLUICE_LIGHTNING_INVOICE_MACAROON_FILE", admin), flags)
                        .warnings())
                .anyMatch(w -> w.contains("ADMIN MACAROON"));
        assertThat(load(Map.of("SLUICE_LIGHTNING_INVOICE_MACAROON_FILE", invoice), flags)
                        .warnings())
                .noneMatch(w -> w.contains("MACAROON"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://pay.example.com", "https://pay.example.com/", "https://pay.example.com:8443"})
    void publicUrlsWithTlsAreTakenAsTheyAre(String url) {
        Loaded loaded = load(Map.of(), "public_url=" + url);
        assertThat(loaded.config().publicUrl()).isEqualTo(url.replaceFirst("/$", ""));
        assertThat(loaded.warnings()).noneMatch(w -> w.startsWith("public_url"));
    }

    @Test
    void publicUrlWithoutTlsIsWarnedAboutUnlessLocal() {
        assertThat(load(Map.of(), "public_url=http://pay.example.com").warnings())
                .anyMatch(w -> w.startsWith("public_url"));
        assertThat(load(Map.of(), "public_url=http://localhost:8080").warnings())
                .noneMatch(w -> w.startsWith("public_url"));
    }

    @Test
    void listenerThatIsOneAddressIsAPublicUrl() {
        assertThat(load(Map.of(), "http.host=::1").config().publicUrl()).isEqualTo("http://[::1]:8080");
        assertThat(load(Map.of(), "http.host=0.0.0.0", "demo.enabled=true", "network=regtest")
                        .config()
                        .publicUrl())
                .isEqualTo("http://127.0.0.1:8080");
    }

    @Test
    void everyRateSourceAndNoOtherCanBeNamed() {
        assertThat(SluiceConfig.Rates.SOURCES).containsExactlyInAnyOrderElementsOf(RateSources.BASE_URLS.keySet());
    }

    @Test
    void privateWebhookTargetsAreWarnedAboutOnMainnet() {
        assertThat(load(Map.of(), "webhooks.allow_private_addresses=true").warnings())
                .anyMatch(w -> w.startsWith("webhooks."));
        assertThat(load(Map.of(), "webhooks.allow_private_addresses=true", "network=regtest")
                        .warnings())
                .noneMatch(w -> w.startsWith("webhooks."));
    }

    @Test
    void privateKeyInADescriptorIsRefused() {
        String key = "xprv" + "9".repeat(107);
        assertThat(problems(() -> load(Map.of(), "chain.operator_descriptor=wpkh(" + key + "/0/*)")))
                .singleElement()
                .asString()
                .contains("holds a private key")
                .doesNotContain(key);
    }

    @Test
    void btcpayNamesAreTakenAndOursWin() {
        Map<String, String> environment = Map.of(
                "BTCPAY_NETWORK", "Regtest",
                "BTCPAY_BIND", "0.0.0.0",
                "BTCPAY_PORT", "49392",
                "SLUICE_HTTP_PORT", "9000",
                "SLUICE_PUBLIC_URL", "https://pay.example.com",
                "BTCPAY_POSTGRES", "User ID=pay;Password=s3cret;Host=db;Port=5433;Database=btcpay;Application Name=x");
        SluiceConfig config = load(environment).config();
        assertThat(config.network()).isEqualTo(Network.REGTEST);
        assertThat(config.http().host()).isEqualTo("0.0.0.0");
        assertThat(config.http().port()).isEqualTo(9000);
        assertThat(config.database().mode()).isEqualTo(SluiceConfig.Database.Mode.EXTERNAL);
        assertThat(config.database().user()).isEqualTo("pay");
        assertThat(config.database().host()).isEqualTo("db");
        assertThat(config.database().port()).isEqualTo(5433);
        assertThat(config.database().name()).isEqualTo("btcpay");
        assertThat(config.database().password().value()).isEqualTo("s3cret");
    }

    @Test
    void btcpayLightningIsMappedWhereItCan() {
        String cert = write("tls.cert", "c").toString();
        String macaroon = write("invoice.macaroon", "m").toString();
        String files = ";macaroonfilepath=" + macaroon + ";certfilepath=" + cert;
        Lightning rest = load(Map.of("BTCPAY_BTCLIGHTNING", "type=lnd-rest;server=https://lnd:8080/" + files))
                .config()
                .lightning();
        assertThat(rest.mode()).isEqualTo(Lightning.Mode.LND);
        assertThat(rest.lndGrpcUrl()).isEqualTo("lnd:10009");
        assertThat(rest.invoiceMacaroonFile()).contains(Path.of(macaroon));
        assertThat(problems(
                        () -> load(Map.of("BTCPAY_BTCLIGHTNING", "type=lnd-rest;server=https://lnd:9999/" + files))))
                .anyMatch(p -> p.contains("set lightning.lnd_grpc_url"));
        assertThat(problems(() -> load(Map.of("BTCPAY_BTCLIGHTNING", "type=clightning;server=unix://x"))))
                .anyMatch(p -> p.contains("only type=lnd-grpc"));
    }

    @Test
    void configErrorsCarryNoStackTrace() {
        assertThatThrownBy(() -> load(Map.of(), "http.port=x"))
                .satisfies(e -> assertThat(e.getStackTrace()).isEmpty());
    }
}
