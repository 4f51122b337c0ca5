package dev.sluice;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Principal;
import dev.sluice.identity.IdentityService;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Secret;
import dev.sluice.kernel.StoreId;
import dev.sluice.store.StoreServiceLive;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A start that was killed anywhere in the making of the demonstration, and what the next one makes of the remains. */
class DemoStoreTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final String EMAIL = "demo@sluice.example";

    @TempDir
    Path folder;

    private IdentityService identity;
    private StoreServiceLive stores;

    @BeforeEach
    void begin() {
        await(DATABASE.db().write("truncate app_user, store cascade", Tuple.tuple()));
        EventLog events = new EventLog(DATABASE.db(), DATABASE.bus());
        identity = new IdentityService(DATABASE.vertx(), DATABASE.db(), events, Clock.system(), Entropy.secure());
        stores = new StoreServiceLive(DATABASE.db(), events, identity.members(), Clock.system(), Entropy.secure());
    }

    @Test
    void isMadeOnceAndRemembered() throws IOException {
        JsonObject made = open();
        assertWorks(made);
        assertThat(open()).isEqualTo(made);
        assertThat(count("api_key")).isEqualTo(1);
        assertThat(Files.getPosixFilePermissions(folder.resolve(DemoStore.FILE)))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(folder.toFile().list()).containsExactly(DemoStore.FILE);
    }

    @Test
    void killedAfterTheUser() {
        await(identity.admin().createUser(EMAIL, new Secret("nobody knows it"), "Demo", true));
        assertWorks(open());
        assertThat(count("app_user")).isEqualTo(1);
        assertThat(count("store")).isEqualTo(1);
    }

    @Test
    void killedInTheTransactionOfTheStore() {
        assertThat(failure(store().open((tx, id) -> Future.failedFuture("killed"))))
                .hasMessage("killed");
        assertThat(count("store")).isZero();
        assertWorks(open());
        assertThat(count("store")).isEqualTo(1);
    }

    @Test
    void killedBeforeTheFile() throws IOException {
        JsonObject lost = open();
        Files.delete(folder.resolve(DemoStore.FILE));
        Files.writeString(folder.resolve(DemoStore.FILE + ".new"), "{\"email\" :"); // in the middle of its writing
        JsonObject made = open();
        assertWorks(made);
        assertThat(made.getString("store")).isEqualTo(lost.getString("store"));
        assertThat(count("store")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "null", "[]", "{}", "\0\0\0", "\u00ff", "{\"store\":\"../..\"}"})
    void damagedFileIsReplaced(String content) throws IOException {
        JsonObject lost = open();
        Path file = folder.resolve(DemoStore.FILE);
        Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
        JsonObject made = open();
        assertWorks(made);
        assertThat(made.getString("store")).isEqualTo(lost.getString("store"));
        assertThat(new JsonObject(Files.readString(file))).isEqualTo(made);
    }

    @Test
    void fileOfAnotherDatabaseIsReplaced() {
        JsonObject elsewhere = open();
        begin();
        JsonObject made = open();
        assertWorks(made);
        assertThat(made.getString("store")).isNotEqualTo(elsewhere.getString("store"));
    }

    private DemoStore store() {
        return new DemoStore(DATABASE.vertx(), DATABASE.db(), identity.admin(), stores, Entropy.secure(), folder);
    }

    private JsonObject open() {
        return await(store().open((tx, id) -> Future.succeededFuture()));
    }

    /** Key and password are right, and both belong to the store's owner. */
    private void assertWorks(JsonObject made) {
        String basic = made.getString("email") + ":" + made.getString("password");
        Optional<Principal> byKey = authenticate("token " + made.getString("key"));
        Optional<Principal> byPassword =
                authenticate("Basic " + Base64.getEncoder().encodeToString(basic.getBytes(StandardCharsets.UTF_8)));
        assertThat(byKey.orElseThrow().user())
                .isEqualTo(byPassword.orElseThrow().user());
        assertThat(byKey.orElseThrow().storesAllowing("btcpay.store.canmodifystoresettings"))
                .containsExactly(new StoreId(made.getString("store")));
    }

    private Optional<Principal> authenticate(String header) {
        return await(identity.authenticator().authenticate(Optional.of(header), "127.0.0.1"));
    }

    private static long count(String table) {
        return await(DATABASE.db().read("select count(*) from " + table))
                .iterator()
                .next()
                .getLong(0);
    }
}
