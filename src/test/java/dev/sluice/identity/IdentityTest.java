package dev.sluice.identity;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.http.FakeApi.array;
import static dev.sluice.http.FakeApi.object;
import static dev.sluice.identity.OpenIdentity.NOTHING;
import static dev.sluice.identity.OpenIdentity.PASSWORD;
import static dev.sluice.identity.OpenIdentity.account;
import static dev.sluice.identity.OpenIdentity.basic;
import static dev.sluice.identity.OpenIdentity.failed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.http.Reply;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Users: the first of them, their passwords, and who may do what to them. */
class IdentityTest {
    @RegisterExtension
    static final OpenIdentity IDENTITY = new OpenIdentity();

    @Test
    void oneOfManyFirstUsersBecomesAdministratorAndTheOthersAreRefused() {
        List<Future<Reply>> tries = IntStream.range(0, 32)
                .mapToObj(i -> IDENTITY.send("POST", "/api/v1/users", "", account("first" + i + "@example.org")))
                .toList();
        await(Future.join(tries).otherwiseEmpty());
        assertThat(tries.stream().filter(Future::succeeded)).hasSize(1);
        assertThat(tries.stream().filter(Future::failed).map(t -> ((FailureException) t.cause()).failure()))
                .allMatch(f -> f instanceof Failure.Unauthenticated);
        assertThat(IDENTITY.count("select count(*) from app_user")).isEqualTo(1);
        assertThat(IDENTITY.count("select count(*) from app_user where admin")).isEqualTo(1);
        assertThat(IDENTITY.count("select count(*) from event where kind = 'user.created'"))
                .isEqualTo(1);
    }

    @Test
    void firstUserIsAnsweredInGreenfieldsShape() {
        Reply reply = await(IDENTITY.send("POST", "/api/v1/users", "", account("Root@Example.org")));
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
        IDENTITY.user("root@example.org", true);
        IDENTITY.user("clerk@example.org", false);
        JsonObject wanted = account("new@example.org");
        assertThat(failed(IDENTITY.send("POST", "/api/v1/users", "", wanted)))
                .isInstanceOf(Failure.Unauthenticated.class);
        assertThat(failed(IDENTITY.send(
                        "POST", "/api/v1/users", IDENTITY.key("clerk@example.org", "unrestricted"), wanted)))
                .isInstanceOf(Failure.Forbidden.class);
        String creator = IDENTITY.key("root@example.org", "btcpay.server.cancreateuser");
        assertThat(failed(IDENTITY.send(
                        "POST", "/api/v1/users", creator, wanted.copy().put("isAdministrator", true))))
                .isEqualTo(new Failure.Forbidden(
                        "missing-permission",
                        "Insufficient permission: btcpay.server.canmodifyserversettings",
                        "btcpay.server.canmodifyserversettings"));
        assertThat(object(await(IDENTITY.send("POST", "/api/v1/users", creator, wanted)))
                        .getJsonArray("roles"))
                .isEmpty();
        await(IDENTITY.db()
                .tx(tx -> IDENTITY.service().policies().set(tx, ServerPolicies.Policy.REGISTRATION_OPEN, true)));
        assertThat(await(IDENTITY.send("POST", "/api/v1/users", "", account("guest@example.org")))
                        .status())
                .isEqualTo(201);
        assertThat(failed(IDENTITY.send(
                        "POST", "/api/v1/users", "", account("evil@example.org").put("isAdministrator", true))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void badAccountsAreRefusedByPath() {
        JsonObject bad = new JsonObject().put("email", "a@b\r\nBcc: c").put("password", "short");
        assertThat(((Failure.Invalid) failed(IDENTITY.send("POST", "/api/v1/users", "", bad))).errors())
                .extracting(Failure.FieldError::path)
                .contains("Email", "Password");
        IDENTITY.user("root@example.org", true);
        Failure taken = failed(IDENTITY.admin().createUser("ROOT@example.org", new Secret(PASSWORD), null, false));
        assertThat(((Failure.Invalid) taken).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Email");
        assertThat(IDENTITY.count("select count(*) from app_user")).isEqualTo(1);
    }

    @Test
    void passwordWorksForFiveMinutesOnly() {
        IDENTITY.user("root@example.org", true);
        String right = basic("ROOT@example.org", PASSWORD);
        assertThat(object(await(IDENTITY.get("/api/v1/users/me", right))).getString("email"))
                .isEqualTo("root@example.org");
        IDENTITY.pass(Duration.ofMinutes(5).minusSeconds(1));
        await(IDENTITY.get("/api/v1/users/me", right));
        IDENTITY.pass(Duration.ofSeconds(1));
        assertThat(failed(IDENTITY.get("/api/v1/users/me", right))).isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void passwordNeverWorksBesideASecondFactorOrForTheLockedOut() {
        IDENTITY.user("root@example.org", true);
        IDENTITY.sql("update app_user set second_factor = true");
        assertThat(failed(IDENTITY.get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
        IDENTITY.sql("update app_user set second_factor = false, disabled = true");
        assertThat(failed(IDENTITY.get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void guessesAtAPasswordAreLimitedByAccountAndByAddress() {
        IDENTITY.user("root@example.org", true);
        List<Future<Reply>> guesses = IntStream.range(0, 12)
                .mapToObj(i -> IDENTITY.get("/api/v1/users/me", basic("root@example.org", "guess number " + i)))
                .toList();
        await(Future.join(guesses).otherwiseEmpty());
        assertThat(guesses.stream()
                        .map(g -> ((FailureException) g.cause()).failure())
                        .filter(f -> f instanceof Failure.Unauthenticated))
                .hasSize(5);
        assertThat(failed(IDENTITY.get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .as("the right one waits too")
                .isInstanceOf(Failure.Limited.class);
        List<Future<Reply>> spread = IntStream.range(0, 30)
                .mapToObj(i -> IDENTITY.send(
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
            assertThat(failed(IDENTITY.get("/api/v1/users/me", header)))
                    .as(header)
                    .isInstanceOf(Failure.Unauthenticated.class);
        }
    }

    @Test
    void lockedUserLosesEveryKeyAtOnceAndTheLastAdministratorStays() {
        User root = IDENTITY.user("root@example.org", true);
        IDENTITY.user("clerk@example.org", false);
        String admin = IDENTITY.key("root@example.org", "unrestricted");
        String clerk = IDENTITY.key("clerk@example.org", "unrestricted");
        await(IDENTITY.get("/api/v1/users/me", clerk));
        await(IDENTITY.send(
                "POST", "/api/v1/users/clerk@example.org/lock", admin, new JsonObject().put("locked", true)));
        assertThat(failed(IDENTITY.get("/api/v1/users/me", clerk))).isInstanceOf(Failure.Unauthenticated.class);
        await(IDENTITY.send(
                "POST", "/api/v1/users/clerk@example.org/lock", admin, new JsonObject().put("locked", false)));
        await(IDENTITY.get("/api/v1/users/me", clerk));
        assertThat(failed(IDENTITY.send(
                        "POST", "/api/v1/users/" + root.id() + "/lock", admin, new JsonObject().put("locked", true))))
                .isInstanceOf(Failure.Rejected.class);
        assertThat(failed(IDENTITY.send("DELETE", "/api/v1/users/me", admin, NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        await(IDENTITY.send("DELETE", "/api/v1/users/clerk@example.org", admin, NOTHING));
        assertThat(failed(IDENTITY.get("/api/v1/users/me", clerk))).isInstanceOf(Failure.Unauthenticated.class);
        assertThat(failed(IDENTITY.get("/api/v1/users/clerk@example.org", admin))
                        .code())
                .isEqualTo("user-not-found");
    }

    @Test
    void newPasswordNeedsTheCurrentOne() {
        IDENTITY.user("root@example.org", true);
        String admin = IDENTITY.key("root@example.org", "unrestricted");
        JsonObject change =
                new JsonObject().put("newPassword", "battery staple").put("name", "Root");
        assertThat(failed(IDENTITY.send("PUT", "/api/v1/users/me", admin, change)))
                .isInstanceOf(Failure.Invalid.class);
        assertThat(object(await(IDENTITY.get("/api/v1/users/me", admin))).getString("name"))
                .isNull();
        await(IDENTITY.send("PUT", "/api/v1/users/me", admin, change.put("currentPassword", PASSWORD)));
        assertThat(object(await(IDENTITY.get("/api/v1/users/me", basic("root@example.org", "battery staple"))))
                        .getString("name"))
                .isEqualTo("Root");
        assertThat(failed(IDENTITY.get("/api/v1/users/me", basic("root@example.org", PASSWORD))))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void permissionsAndLanguagesAreListed() {
        IDENTITY.user("root@example.org", true);
        String header = IDENTITY.key("root@example.org");
        JsonArray permissions = array(await(IDENTITY.get("/misc/permissions", header)));
        assertThat(permissions).hasSize(46);
        assertThat(permissions.getJsonObject(0).fieldNames()).containsExactly("name", "included");
        assertThat(array(await(IDENTITY.get("/misc/lang", header))).encode())
                .isEqualTo("[{\"code\":\"en\",\"currentLanguage\":\"English\"},{\"code\":\"zh\","
                        + "\"currentLanguage\":\"中文\"}]");
    }
}
