package dev.sluice.identity;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.http.FakeApi.object;
import static dev.sluice.identity.OpenIdentity.NOTHING;
import static dev.sluice.identity.OpenIdentity.failed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.kernel.Failure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Keys: shown once, kept as hashes, good for what they were made for. */
class ApiKeyTest {
    @RegisterExtension
    static final OpenIdentity IDENTITY = new OpenIdentity();

    @Test
    void keyIsShownOnceAndKeptAsAHash() {
        IDENTITY.user("root@example.org", true);
        JsonObject wanted =
                new JsonObject().put("label", "shop").put("permissions", JsonArray.of("btcpay.user.canviewprofile"));
        String root = IDENTITY.key("root@example.org", "unrestricted");
        Map<String, String> once = Map.of("Idempotency-Key", "k1");
        JsonObject made = object(await(IDENTITY.send("POST", "/api/v1/api-keys", root, wanted, once, "127.0.0.1")));
        String secret = made.getString("apiKey");
        assertThat(secret).matches("[0-9a-f]{40}");
        assertThat(made.getString("id")).startsWith("akid_");
        assertThat(IDENTITY.kept().get("k1").body()).doesNotContain(secret);
        JsonObject again = object(await(IDENTITY.send("POST", "/api/v1/api-keys", root, wanted, once, "127.0.0.1")));
        assertThat(again.getString("id")).isEqualTo(made.getString("id"));
        assertThat(again.containsKey("apiKey")).isFalse();
        JsonObject current = object(await(IDENTITY.get("/api/v1/api-keys/current", "bearer " + secret)));
        assertThat(current.getString("label")).isEqualTo("shop");
        assertThat(current.encode()).doesNotContain(secret);
        assertThat(IDENTITY.count("select count(*) from api_key where encode(hash, 'escape') like '%" + secret + "%'"))
                .isZero();
        assertThat(IDENTITY.count("select count(*) from event where body::text like '%" + secret + "%'"))
                .isZero();
        assertThat(failed(IDENTITY.get("/api/v1/users", "token " + secret))).isInstanceOf(Failure.Forbidden.class);
    }

    @Test
    void revokedKeyStopsAtOnceByIdAndBySecret() {
        IDENTITY.user("root@example.org", true);
        String root = IDENTITY.key("root@example.org", "unrestricted");
        for (boolean byId : new boolean[] {true, false}) {
            IdentityAdmin.NewKey made = await(
                    IDENTITY.admin().createApiKey("root@example.org", "", List.of("unrestricted"), List.of(), null));
            String header = "token " + made.secret().value();
            await(IDENTITY.get("/api/v1/users/me", header));
            String name = byId ? made.key().id() : made.secret().value();
            await(IDENTITY.send("DELETE", "/api/v1/api-keys/" + name, root, NOTHING));
            assertThat(failed(IDENTITY.get("/api/v1/users/me", header))).isInstanceOf(Failure.Unauthenticated.class);
            assertThat(failed(IDENTITY.send("DELETE", "/api/v1/api-keys/" + name, root, NOTHING))
                            .code())
                    .isEqualTo("apikey-not-found");
        }
        await(IDENTITY.send("DELETE", "/api/v1/api-keys/current", root, NOTHING));
        assertThat(failed(IDENTITY.get("/api/v1/users/me", root))).isInstanceOf(Failure.Unauthenticated.class);
        assertThat(IDENTITY.count("select count(*) from event where kind = 'apikey.revoked'"))
                .isEqualTo(3);
    }

    @Test
    void keysOfOthersCannotBeRevokedWithoutManagingUsers() {
        IDENTITY.user("root@example.org", true);
        IDENTITY.user("clerk@example.org", false);
        IdentityAdmin.NewKey roots =
                await(IDENTITY.admin().createApiKey("root@example.org", "", List.of("unrestricted"), List.of(), null));
        String clerk = IDENTITY.key("clerk@example.org", "unrestricted");
        assertThat(failed(IDENTITY.send(
                        "DELETE", "/api/v1/api-keys/" + roots.key().id(), clerk, NOTHING)))
                .isInstanceOf(Failure.NotFound.class);
        assertThat(failed(IDENTITY.send(
                        "DELETE",
                        "/api/v1/users/root@example.org/api-keys/" + roots.key().id(),
                        clerk,
                        NOTHING)))
                .isInstanceOf(Failure.Forbidden.class);
        await(IDENTITY.get("/api/v1/users/me", "token " + roots.secret().value()));
    }

    @Test
    void managerOfUsersMakesKeysForMerchantsButNotForAdministrators() {
        IDENTITY.user("root@example.org", true);
        IDENTITY.user("shop@example.org", false);
        String manager = IDENTITY.key("root@example.org", "btcpay.server.canmanageusers");
        JsonObject wide = new JsonObject().put("permissions", JsonArray.of("unrestricted"));
        assertThat(failed(IDENTITY.send("POST", "/api/v1/users/root@example.org/api-keys", manager, wide)))
                .isInstanceOf(Failure.Forbidden.class);
        JsonObject made =
                object(await(IDENTITY.send("POST", "/api/v1/users/shop@example.org/api-keys", manager, wide)));
        assertThat(object(await(IDENTITY.get("/api/v1/users/me", "token " + made.getString("apiKey"))))
                        .getString("email"))
                .isEqualTo("shop@example.org");
    }

    @Test
    void keyEndsWithItsExpiryAndWorksFromItsAddressesOnly() {
        IDENTITY.user("root@example.org", true);
        Instant expiry = IDENTITY.now().plusSeconds(60);
        IdentityAdmin.NewKey made = await(IDENTITY.admin()
                .createApiKey("root@example.org", "", List.of("unrestricted"), List.of("10.0.0.0/8"), expiry));
        String header = "token " + made.secret().value();
        await(IDENTITY.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3"));
        assertThat(failed(IDENTITY.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "192.0.2.1")))
                .isInstanceOf(Failure.Unauthenticated.class);
        IDENTITY.pass(Duration.ofSeconds(59));
        await(IDENTITY.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3"));
        IDENTITY.pass(Duration.ofSeconds(1));
        assertThat(failed(IDENTITY.send("GET", "/api/v1/users/me", header, NOTHING, Map.of(), "10.1.2.3")))
                .isInstanceOf(Failure.Unauthenticated.class);
    }

    @Test
    void badKeyRequestsAreRefusedByPath() {
        IDENTITY.user("root@example.org", true);
        JsonObject bad = new JsonObject()
                .put("permissions", JsonArray.of("btcpay.user.canviewprofile", "btcpay.store.canfly"))
                .put("ipList", JsonArray.of("10.0.0.0/99"))
                .put("expiry", IDENTITY.now().getEpochSecond());
        Failure failure = failed(
                IDENTITY.send("POST", "/api/v1/api-keys", IDENTITY.key("root@example.org", "unrestricted"), bad));
        assertThat(((Failure.Invalid) failure).errors())
                .extracting(Failure.FieldError::path)
                .containsExactly("Permissions[1]", "IpList[0]", "Expiry");
    }

    @Test
    void lastUseIsWrittenTogetherAndLater() {
        IDENTITY.user("root@example.org", true);
        String header = IDENTITY.key("root@example.org", "unrestricted");
        IdentityService other = IDENTITY.another();
        await(other.authenticator().authenticate(Optional.of(header), "127.0.0.1"));
        assertThat(IDENTITY.count("select count(*) from api_key where last_used_at is not null"))
                .isZero();
        await(other.stop());
        assertThat(IDENTITY.count("select count(*) from api_key where last_used_at is not null"))
                .isEqualTo(1);
    }
}
