package dev.sluice.identity;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;
import static dev.sluice.http.FakeApi.array;
import static dev.sluice.http.FakeApi.object;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.FakeApi;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class IdentityTest {
    @RegisterExtension
    static final TestDatabase DATABASE = new TestDatabase();

    private static final AtomicReference<Instant> NOW = new AtomicReference<>(Instant.parse("2026-06-01T12:00:00Z"));
    private static final String PASSWORD = "correct horse";
    private static final JsonObject NOTHING = new JsonObject();
    private static EventLog eventLog;
    private static IdentityService identity;
    private static FakeApi api;

    @BeforeAll
    static void build() {
        eventLog = new EventLog(DATABASE.db(), DATABASE.bus());
        identity = new IdentityService(DATABASE.vertx(), DATABASE.db(), eventLog, NOW::get, Entropy.secure());
        api = new FakeApi(DATABASE.db(), identity.authenticator());
        identity.routes().mount(api);
    }

    @AfterAll
    static void stop() {
        await(identity.stop());
    }

    @BeforeEach
    void clean() {
        NOW.updateAndGet(now -> now.plus(Duration.ofMinutes(2))); // throttles and caches forget
        sql("delete from app_user");
        sql("delete from server_setting");
        sql("delete from event");
    }

    private static void sql(String statement) {
        await(DATABASE.db().write(statement, Tuple.tuple()));
    }

    private static String basic(String email, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((email + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private static Failure failed(Future<?> future) {
        return ((FailureException) failure(future)).failure();
    }

    private static JsonObject account(String email) {
        return new JsonObject().put("email", email).put("password", PASSWORD);
    }

    private static User user(String email, boolean admin) {
        return await(identity.admin().createUser(email, new Secret(PASSWORD), null, admin));
    }

    private static String key(String email, String... permissions) {
        return "token "
                + await(identity.admin().createApiKey(email, "k", List.of(permissions), List.of(), null))
                        .secret()
                        .value();
    }

    private static Future<Reply> get(String path, String authorization) {
        return api.send("GET", path, authorization, NOTHING);
    }

    private static long count(String query) {
        return await(DATABASE.db().read(query)).iterator().next().getLong(0);
    }

    @Test
    void oneOfManyFirstUsersBecomesAdministratorAndTheOthersAreRefused() {
        List<Future<Reply>> tries = IntStream.range(0, 32)
                .mapToObj(i -> api.send("POST", "/api/v1/users", "", account("first" + i + "@example.org")))
                .toList();
        await(Future.join(tries).otherwiseEmpty());
        assertThat(tries.stream().filter(Future::succeeded)).hasSize(1);
        assertThat(tries.stream().filter(Future::failed).map(t -> ((FailureException) t.cause()).failure()))
                .allMatch(f -> f instanceof Failure.Unauthenticated);
        assertThat(count("select count(*) from app_user")).isEqualTo(1);
        assertThat(count("select count(*) from app_user where admin")).isEqualTo(1);
        assertThat(count("select count(*) from event where kind = 'user.created'"))
                .isEqualTo(1);
    }

    @Test
    void firstUserIsAnsweredInGreenfieldsShape() {
        Reply reply = await(api.send("POST", "/api/v1/users", "", account("Root@Example.org")));
        assertThat(reply.status()).isEqualTo(201);
        assertThat(object(reply).fieldNames())
                .containsExactlyInAnyOrder(
                        "id",
                        "email",
                        "name",
                        "imageUrl",
                        "invitationUrl",
                        "emailConfirmed",
                        "requiresEmailConfirmation",
                        "approved",
                        "requiresApproval",
                        "storeQuota",
                        "created",
                        "disabled",
                        "roles");
        assertThat(object(reply).getJsonArray("roles")).containsExactly("ServerAdmin");
        assertThat(reply.body()).doesNotContain(PASSWORD).doesNotContain("argon");
    }

    @Test
    void usersAreMadeByWhoeverMay() {
        user("root@example.org", true);
        user("clerk@example.org", false);
        JsonObject wanted = account("new@example.org");
        assertThat(failed(api.send("POST", "/api/v1/users", "", wanted))).isInstanceOf(Failure.Unauthenticated.class);
        assertThat(failed(api.send("POST", "/api/v1/users", key("clerk@example.org", "unrestricted"), wanted)))
                .isInstanceOf(Failure.Forbidden.class);
        String creator = key("root@example.org", "btcpay.server.cancreateuser");
        assertThat(failed(
                        api.send("POST", "/api/v1/users", creator, wanted.copy().put("isAdministrator", true))))
                .isEqualTo(new Failure.Forbidden(
                        "missing-permission",
                        "Insufficient permission: btcpay.server.canmodifyserversettings",
                        "btcpay.server.canmodifyserversettings"));
        assertThat(object(await(api.send("POST", "/api/v1/users", creator, wanted)))
                        .getJsonArray("roles"))
                .isEmpty();
        await(DATABASE.db().tx(tx -> identity.policies().set(tx, ServerPolicies.Policy.REGISTRATION_OPEN, true)));
        assertThat(await(api.send("POST", "/api/v1/users", "", account("guest@example.org")))
                        .status())
                .isEqualTo(201);
        assertThat(failed(api.send(
                        "POST", "/api/v1/users", "", account("evil@example.org").put("isAdministrator", true))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void badAccountsAreRefusedByPath() {
        JsonObject bad = new JsonObject().put("email", "a@b\r\nBcc: c").put("password", "short");
        assertThat(((Failure.Invalid) failed(api.send("POST", "/api/v1/users", "", bad))).errors())
                .extracting(Failure.FieldError::path)
                .contains("Email", "Password");
        user("root@example.org", true);
        Failure taken = failed(identity.admin().createUser("ROOT@example.org", new Secret(PASSWORD), null, false));
        assertThat(((Failure.Invalid) taken).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Email");
        assertThat(count("select count(*) from app_user")).isEqualTo(1);
    }

    @Test
    void passwordWorksForFiveMinutesOnly() {
        user("root@example.org", true);
        String right = basic("ROOT@example.org", PASSWORD);
        assertThat(object(await(get("/api/v1/users/me", right))).getString("email"))
                .isEqualTo("root@example.org");
        NOW.updateAndGet(now -> now.plus(Duration.ofMinutes(5)).minusSeconds(1));
        await(get("/api/v1/users/me", right));
        NOW.updateAndGet(now -> now.plusSeconds(1));
        assertThat(failed(get("/api/v1/users/me", right))).isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void passwordNeverWorksBesideASecondFactorOrForTheLockedOut() {
        user("root@example.org", true);
        sql("update app_user set second_factor = true");
        assertThat(failed(get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
        sql("update app_user set second_factor = false, disabled = true");
        assertThat(failed(get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void guessesAtAPasswordAreLimitedByAccountAndByAddress() {
        user("root@example.org", true);
        List<Future<Reply>> guesses = IntStream.range(0, 12)
                .mapToObj(i -> get("/api/v1/users/me", basic("root@example.org", "guess number " + i)))
                .toList();
        await(Future.join(guesses).otherwiseEmpty());
        assertThat(guesses.stream()
                        .map(g -> ((FailureException) g.cause()).failure())
                        .filter(f -> f instanceof Failure.Unauthenticated))
                .hasSize(5);
        assertThat(failed(get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .as("the right one waits too")
                .isInstanceOf(Failure.Limited.class);
        List<Future<Reply>> spread = IntStream.range(0, 30)
                .mapToObj(i -> api.send(
                        "GET",
                        "/api/v1/users/me",
                        basic("user" + i + "@example.org", PASSWORD),
                        NOTHING,
                        Map.of(),
                        "192.0.2.1"))
                .toList();
        await(Future.join(spread).otherwiseEmpty());
        assertThat(spread.stream()
                        .map(g -> ((FailureException) g.cause()).failure())
                        .filter(f -> f instanceof Failure.Limited))
                .hasSize(10);
    }

    @Test
    void malformedCredentialsAreRefused() {
        for (String header : List.of(
                "token",
                "token ",
                "Basic !!!",
                "Basic " + "A".repeat(2_000),
                "Digest x",
                "token " + "0".repeat(40),
                basic("no-at-sign", PASSWORD),
                "Bearer eyJhbGciOiJub25lIn0.e30.")) {
            assertThat(failed(get("/api/v1/users/me", header))).as(header).isInstanceOf(Failure.Unauthenticated.class);
        }
    }

    @Test
    void keyIsShownOnceAndKeptAsAHash() {
        user("root@example.org", true);
        JsonObject wanted =
                new JsonObject().put("label", "shop").put("permissions", JsonArray.of("btcpay.user.canviewprofile"));
        String root = key("root@example.org", "unrestricted");
        Map<String, String> once = Map.of("Idempotency-Key", "k1");
        JsonObject made = object(await(api.send("POST", "/api/v1/api-keys", root, wanted, once, "127.0.0.1")));
        String secret = made.getString("apiKey");
        assertThat(secret).matches("[0-9a-f]{40}");
        assertThat(made.getString("id")).startsWith("akid_");
        assertThat(api.kept().get("k1").body()).doesNotContain(secret);
        JsonObject again = object(await(api.send("POST", "/api/v1/api-keys", root, wanted, once, "127.0.0.1")));
        assertThat(again.getString("id")).isEqualTo(made.getString("id"));
        assertThat(again.containsKey("apiKey")).isFalse();
        JsonObject current = object(await(get("/api/v1/api-keys/current", "bearer " + secret)));
        assertThat(current.getString("label")).isEqualTo("shop");
        assertThat(current.encode()).doesNotContain(secret);
        assertThat(count("select count(*) from api_key where encode(hash, 'escape') like '%" + secret + "%'"))
                .isZero();
        assertThat(count("select count(*) from event where body::text like '%" + secret + "%'"))
                .isZero();
        assertThat(failed(get("/api/v1/users", "token " + secret))).isInstanceOf(Failure.Forbidden.class);
    }

    @Test
    void revokedKeyStopsAtOnceByIdAndBySecret() {
        user("root@example.org", true);
        String root = key("root@example.org", "unrestricted");
        for (boolean byId : new boolean[] {true, false}) {
            IdentityAdmin.NewKey made = await(
                    identity.admin().createApiKey("root@example.org", "", List.of("unrestricted"), List.of(), null));
            String header = "token " + made.secret().value();
            await(get("/api/v1/users/me", header));
            String name = byId ? made.key().id() : made.secret().value();
            await(api.send("DELETE", "/api/v1/api-keys/" + name, root, NOTHING));
            assertThat(failed(get("/api/v1/users/me", header))).isInstanceOf(Failure.Unauthenticated.class);
            assertThat(failed(api.send("DELETE", "/api/v1/api-keys/" + name, root, NOTHING))
                            .code())
                    .isEqualTo("apikey-not-found");
        }
        await(api.send("DELETE", "/api/v1/api-keys/current", root, NOTHING));
        assertThat(failed(get("/api/v1/users/me", root))).isInstanceOf(Failure.Unauthenticated.class);
        assertThat(count("select count(*) from event where kind = 'apikey.revoked'"))
                .isEqualTo(3);
    }

    @Test
    void keysOfOthersCannotBeRevokedWithoutManagingUsers() {
        user("root@example.org", true);
        user("clerk@example.org", false);
        IdentityAdmin.NewKey roots =
                await(identity.admin().createApiKey("root@example.org", "", List.of("unrestricted"), List.of(), null));
        String clerk = key("clerk@example.org", "unrestricted");
        assertThat(failed(api.send("DELETE", "/api/v1/api-keys/" + roots.key().id(), clerk, NOTHING)))
                .isInstanceOf(Failure.NotFound.class);
        assertThat(failed(api.send(
                        "DELETE",
                        "/api/v1/users/root@example.org/api-keys/" + roots.key().id(),
                        clerk,
                        NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        await(get("/api/v1/users/me", "token " + roots.secret().value()));
    }

    @Test
    void managerOfUsersMakesKeysForMerchantsButNotForAdministrators() {
        user("root@example.org", true);
        user("shop@example.org", false);
        String manager = key("root@example.org", "btcpay.server.canmanageusers");
        JsonObject wide = new JsonObject().put("permissions", JsonArray.of("unrestricted"));
        assertThat(failed(api.send("POST", "/api/v1/users/root@example.org/api-keys", manager, wide)))
                .isInstanceOf(Failure.Forbidden.class);
        JsonObject made = object(await(api.send("POST", "/api/v1/users/shop@example.org/api-keys", manager, wide)));
        assertThat(object(await(get("/api/v1/users/me", "token " + made.getString("apiKey"))))
                        .getString("email"))
                .isEqualTo("shop@example.org");
    }

    @Test
    void keyEndsWithItsExpiryAndWorksFromItsAddressesOnly() {
        user("root@example.org", true);
        Instant expiry = NOW.get().plusSeconds(60);
        IdentityAdmin.NewKey made = await(identity.admin()
                .createApiKey("root@example.org", "", List.of("unrestricted"), List.of("10.0.0.0/8"), expiry));
        String header = "token " + made.secret().value();
        await(api.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3"));
        assertThat(failed(api.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "192.0.2.1")))
                .isInstanceOf(Failure.Unauthenticated.class);
        NOW.updateAndGet(now -> now.plusSeconds(59));
        await(api.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3"));
        NOW.updateAndGet(now -> now.plusSeconds(1));
        assertThat(failed(api.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3")))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void badKeyRequestsAreRefusedByPath() {
        user("root@example.org", true);
        JsonObject bad = new JsonObject()
                .put("permissions", JsonArray.of("btcpay.user.canviewprofile", "btcpay.store.canfly"))
                .put("ipList", JsonArray.of("10.0.0.0/99"))
                .put("expiry", NOW.get().getEpochSecond());
        Failure failure = failed(api.send("POST", "/api/v1/api-keys", key("root@example.org", "unrestricted"), bad));
        assertThat(((Failure.Invalid) failure).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Permissions[1]", "IpList[0]", "Expiry");
    }

    @Test
    void lastUseIsWrittenTogetherAndLater() {
        user("root@example.org", true);
        String header = key("root@example.org", "unrestricted");
        IdentityService other =
                new IdentityService(DATABASE.vertx(), DATABASE.db(), eventLog, NOW::get, Entropy.secure());
        await(other.authenticator().authenticate(Optional.of(header), "127.0.0.1"));
        assertThat(count("select count(*) from api_key where last_used_at is not null"))
                .isZero();
        await(other.stop());
        assertThat(count("select count(*) from api_key where last_used_at is not null"))
                .isEqualTo(1);
    }

    @Test
    void lockedUserLosesEveryKeyAtOnceAndTheLastAdministratorStays() {
        User root = user("root@example.org", true);
        user("clerk@example.org", false);
        String admin = key("root@example.org", "unrestricted");
        String clerk = key("clerk@example.org", "unrestricted");
        await(get("/api/v1/users/me", clerk));
        await(api.send("POST", "/api/v1/users/clerk@example.org/lock", admin, new JsonObject().put("locked", true)));
        assertThat(failed(get("/api/v1/users/me", clerk))).isInstanceOf(Failure.Unauthenticated.class);
        await(api.send("POST", "/api/v1/users/clerk@example.org/lock", admin, new JsonObject().put("locked", false)));
        await(get("/api/v1/users/me", clerk));
        assertThat(failed(api.send(
                        "POST", "/api/v1/users/" + root.id() + "/lock", admin, new JsonObject().put("locked", true))))
                .isInstanceOf(Failure.Rejected.class);
        assertThat(failed(api.send("DELETE", "/api/v1/users/me", admin, NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        await(api.send("DELETE", "/api/v1/users/clerk@example.org", admin, NOTHING));
        assertThat(failed(get("/api/v1/users/me", clerk))).isInstanceOf(Failure.Unauthenticated.class);
        assertThat(failed(get("/api/v1/users/clerk@example.org", admin)).code()).isEqualTo("user-not-found");
    }

    @Test
    void newPasswordNeedsTheCurrentOne() {
        user("root@example.org", true);
        String admin = key("root@example.org", "unrestricted");
        JsonObject change =
                new JsonObject().put("newPassword", "battery staple").put("name", "Root");
        assertThat(failed(api.send("PUT", "/api/v1/users/me", admin, change))).isInstanceOf(Failure.Invalid.class);
        assertThat(object(await(get("/api/v1/users/me", admin))).getString("name"))
                .isNull();
        await(api.send("PUT", "/api/v1/users/me", admin, change.put("currentPassword", PASSWORD)));
        assertThat(object(await(get("/api/v1/users/me", basic("root@example.org", "battery staple"))))
                        .getString("name"))
                .isEqualTo("Root");
        assertThat(failed(get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void permissionsAndLanguagesAreListed() {
        user("root@example.org", true);
        String header = key("root@example.org");
        JsonArray permissions = array(await(get("/misc/permissions", header)));
        assertThat(permissions).hasSize(46);
        assertThat(permissions.getJsonObject(0).fieldNames()).containsExactly("name", "included");
        assertThat(array(await(get("/misc/lang", header))).encode())
                .isEqualTo("[{\"code\":\"en\",\"currentLanguage\":\"English\"},{\"code\":\"zh\","
                        + "\"currentLanguage\":\"中文\"}]");
    }
}
