package dev.sluice.ops;

import static dev.sluice.db.TestDatabase.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.card.ntag424.AesKey;
import dev.sluice.card.ntag424.CardReader;
import dev.sluice.card.ntag424.IssuerKey;
import dev.sluice.card.ntag424.PiccData;
import dev.sluice.card.ntag424.Tap;
import dev.sluice.db.DbConfig;
import dev.sluice.db.DbPools;
import dev.sluice.db.TestDatabase;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.Secret;
import dev.sluice.ledger.Account;
import dev.sluice.ledger.Ledger;
import dev.sluice.ledger.Transfer;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    @TempDir
    Path folder;

    private final List<String> calls = new ArrayList<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** Notes what it is asked and knows one user. */
    private final class FakeProgram implements Program, UserAdmin, KeyAdmin {
        @Override
        public Future<Void> start(Foundation foundation) {
            return Future.failedFuture(new Failure.Unavailable("x", "the fake does not start", 1).exception());
        }

        @Override
        public UserAdmin users(Foundation foundation) {
            return this;
        }

        @Override
        public KeyAdmin keys(Foundation foundation) {
            return this;
        }

        @Override
        public Future<User> create(String email, Secret password, boolean admin) {
            calls.add(email + " " + password.value() + " " + admin);
            return Future.succeededFuture(new User("u1", email, admin));
        }

        @Override
        public Future<Void> resetPassword(String idOrEmail, Secret password) {
            return Future.failedFuture(new Failure.NotFound("user-not-found", "There is no such user").exception());
        }

        @Override
        public Future<List<User>> list() {
            return Future.succeededFuture(List.of(new User("u1", "a@b.c", true)));
        }

        @Override
        public Future<NewKey> create(String user, String label, List<String> permissions) {
            return Future.succeededFuture(new NewKey(new Key("k1", label, permissions), new Secret("the-key")));
        }

        @Override
        public Future<List<Key>> list(String user) {
            return Future.succeededFuture(List.of());
        }

        @Override
        public Future<Void> revoke(String user, String keyId) {
            calls.add("revoke " + user + " " + keyId);
            return Future.succeededFuture();
        }
    }

    private static Map<String, String> database() {
        DbConfig database = DATABASE.config();
        Map<String, String> environment = new HashMap<>();
        environment.put("SLUICE_NETWORK", "regtest");
        environment.put("SLUICE_DATABASE_MODE", "external");
        environment.put("SLUICE_DATABASE_PORT", String.valueOf(database.port()));
        environment.put("SLUICE_DATABASE_NAME", database.database());
        environment.put("SLUICE_DATABASE_USER", database.user());
        environment.put("SLUICE_DATABASE_PASSWORD", database.password().value());
        return environment;
    }

    private int run(String... args) {
        return Cli.run(new FakeProgram(), database(), new PrintWriter(out, true), new PrintWriter(err, true), args);
    }

    @Test
    void virtualCardTapsWithAKeyFromAFile() throws IOException {
        Path key = Files.writeString(folder.resolve("issuer.key"), "00000000000000000000000000000001\n");
        int code =
                run("card", "virtual", "--issuer-key-file", key.toString(), "--uid", "04A39493CC8680", "--taps", "2");
        assertThat(code).isEqualTo(Cli.OK);
        List<Tap> taps = out.toString().lines().map(Tap::ofLink).toList();
        IssuerKey issuer = new IssuerKey(AesKey.ofHex("00000000000000000000000000000001"));
        for (int i = 0; i < 2; i++) {
            PiccData said = new CardReader(List.of(issuer))
                    .claims(taps.get(i))
                    .getFirst()
                    .said();
            assertThat(said.counter()).isEqualTo(1 + i);
            assertThat(said.isProvedBy(taps.get(i), issuer.tapKey(said.uid(), 1, Optional.empty())))
                    .isTrue();
        }
        assertThat(run("card", "virtual", "--issuer-key-file", key.toString(), "--uid", "04"))
                .isEqualTo(Cli.USAGE);
    }

    @Test
    void configPrintShowsOriginsAndMasksSecrets() {
        assertThat(run("config", "print", "--set", "http.port=9000")).isZero();
        assertThat(out.toString())
                .contains("http.port: 9000  # flag --set")
                .contains("database.password: ***  # environment SLUICE_DATABASE_PASSWORD")
                .contains("logging.level: info  # default:");
    }

    @Test
    void configFileIsTakenFromFlagOrEnvironment() throws IOException {
        Path file = Files.writeString(folder.resolve("a.yaml"), "http:\n  port: 9001\n");
        assertThat(run("--config", file.toString(), "config", "print")).isZero();
        assertThat(out.toString()).contains("http.port: 9001  # " + file + ":2");
    }

    @Test
    void badConfigurationIsOneLineEachAndExitCodeTwo() {
        assertThat(run("config", "check", "--set", "http.prot=1", "--set", "network=x"))
                .isEqualTo(Cli.USAGE);
        assertThat(err.toString().lines())
                .hasSize(2)
                .allMatch(line -> line.startsWith("error: "))
                .anyMatch(line -> line.contains("did you mean http.port?"));
        assertThat(run("config", "check")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--nonsense", "nonsense", "user create", "apikey create u1", "apikey revoke u1"})
    void wrongUsageIsExitCodeTwoAndDoesNothing(String line) {
        assertThat(run(line.split(" "))).isEqualTo(Cli.USAGE);
        assertThat(calls).isEmpty();
        assertThat(err.toString()).doesNotContain("\tat ");
    }

    @Test
    void migratePlanListsAndAppliesNothing() {
        assertThat(run("migrate", "--plan")).isZero();
        assertThat(out.toString()).contains("0 to apply");
    }

    @Test
    void databaseThatCannotBeReachedIsOneLineAndExitCodeOne() {
        assertThat(run("ledger", "verify", "--set", "database.port=1")).isEqualTo(Cli.FAILED);
        assertThat(err.toString().strip().lines())
                .singleElement()
                .asString()
                .isEqualTo("error: The database cannot be reached at 127.0.0.1:1");
    }

    @Test
    void commandMakesNoDatabaseInAFolderThatIsAnother() {
        Path other = folder.resolve("mistyped");
        assertThat(run("ledger", "verify", "--set", "database.mode=embedded", "--set", "data_folder=" + other))
                .isEqualTo(Cli.FAILED);
        assertThat(err.toString()).startsWith("error: There is no database in data_folder " + other);
        assertThat(other).doesNotExist();
    }

    @Test
    void fileThatIsMissingIsNamedAsSuch() {
        Path none = folder.resolve("none");
        assertThat(run("user", "create", "a@b.c", "--password-file", none.toString()))
                .isEqualTo(Cli.FAILED);
        assertThat(err.toString().strip()).isEqualTo("error: there is no file " + none);
    }

    @Test
    void ledgerVerifyTellsSoundBooksFromDrift() {
        Account from = new Account("a", "BTC", Account.Kind.ASSET, false);
        Account to = new Account("b", "BTC", Account.Kind.LIABILITY, false);
        List<Transfer> batch = List.of(Transfer.single("t", from, to, 5, "test", "test"));
        await(DATABASE.db().tx(tx -> new Ledger().apply(tx, batch)));
        assertThat(run("ledger", "verify")).isZero();
        assertThat(out.toString()).contains("2 accounts, 1 transfers, 0 drifts");
        DbConfig own = DATABASE.config();
        DbPools superuser = DbPools.open(
                DATABASE.vertx(), new DbConfig(own.host(), own.port(), own.database(), "postgres", own.password(), 2));
        await(superuser.db().write("update account set credits_posted = 6 where code = 'b'", Tuple.tuple()));
        await(superuser.close());
        assertThat(run("ledger", "verify")).isEqualTo(Cli.DRIFT);
        assertThat(out.toString()).contains("drift balance b:").contains("drift unbalanced BTC:");
    }

    @Test
    void userIsMadeWithAPasswordFromAFile() throws IOException {
        Path password = Files.writeString(folder.resolve("p"), "\uFEFFcorrect horse\r\n");
        assertThat(run("user", "create", "a@b.c", "--admin", "--password-file", password.toString()))
                .isZero();
        assertThat(calls).containsExactly("a@b.c correct horse true");
        assertThat(out.toString()).contains("u1 a@b.c admin").doesNotContain("correct horse");
    }

    @Test
    void expectedFailureIsItsMessageAlone() throws IOException {
        Path password = Files.writeString(folder.resolve("p"), "x");
        assertThat(run("user", "reset-password", "nobody", "--password-file", password.toString()))
                .isEqualTo(Cli.FAILED);
        assertThat(err.toString().strip()).isEqualTo("error: There is no such user");
    }

    @Test
    void newKeyIsPrintedOnceAloneOnTheLastLine() {
        assertThat(run("apikey", "create", "u1", "--label", "shop", "--permission", "btcpay.user.canviewprofile"))
                .isZero();
        assertThat(out.toString().strip().lines()).containsExactly("k1 btcpay.user.canviewprofile shop", "the-key");
        assertThat(run("apikey", "revoke", "u1", "k1")).isZero();
        assertThat(calls).containsExactly("revoke u1 k1");
    }

    @Test
    void programThatFailsToStartIsStoppedAndExplained() {
        assertThat(run("serve", "--set", "logging.level=error")).isEqualTo(Cli.FAILED);
        assertThat(err.toString().strip()).isEqualTo("error: the fake does not start");
    }

    @Test
    void dataFolderHasOneOwnerAtATime() throws IOException {
        Optional<DataFolder> first = DataFolder.lock(folder);
        assertThat(first).isPresent();
        assertThat(DataFolder.lock(folder)).isEmpty();
        first.get().close();
        Optional<DataFolder> again = DataFolder.lock(folder);
        assertThat(again).isPresent();
        again.get().close();
    }
}
