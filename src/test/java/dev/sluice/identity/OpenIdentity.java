package dev.sluice.identity;

import static dev.sluice.db.TestDatabase.await;
import static dev.sluice.db.TestDatabase.failure;

import dev.sluice.db.Db;
import dev.sluice.db.TestDatabase;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.FakeApi;
import dev.sluice.http.Reply;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Failure;
import dev.sluice.kernel.FailureException;
import dev.sluice.kernel.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Users and keys with a database of their own, for one test class; each test begins without anybody. Register it as a
 * static field.
 */
final class OpenIdentity implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {
    static final String PASSWORD = "correct horse";
    static final JsonObject NOTHING = new JsonObject();

    private final TestDatabase database = new TestDatabase();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-06-01T12:00:00Z"));
    private IdentityService identity;
    private FakeApi api;

    @Override
    public void beforeAll(ExtensionContext context) {
        database.beforeAll(context);
        identity = another();
        api = new FakeApi(database.db(), identity.authenticator());
        identity.routes().mount(api);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        await(identity.stop());
        database.afterAll(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        pass(Duration.ofMinutes(2)); // throttles and caches forget
        sql("delete from app_user");
        sql("delete from server_setting");
        sql("delete from event");
    }

    /** What another process would have, on the same database. */
    IdentityService another() {
        EventLog eventLog = new EventLog(database.db(), database.bus());
        return new IdentityService(database.vertx(), database.db(), eventLog, now::get, Entropy.secure());
    }

    Db db() {
        return database.db();
    }

    IdentityService service() {
        return identity;
    }

    IdentityAdmin admin() {
        return identity.admin();
    }

    Instant now() {
        return now.get();
    }

    void pass(Duration time) {
        now.updateAndGet(before -> before.plus(time));
    }

    void sql(String statement) {
        await(database.db().write(statement, Tuple.tuple()));
    }

    long count(String query) {
        return await(database.db().read(query)).iterator().next().getLong(0);
    }

    User user(String email, boolean admin) {
        return await(admin().createUser(email, new Secret(PASSWORD), null, admin));
    }

    /** The header of a new key. */
    String key(String email, String... permissions) {
        return "token "
                + await(admin().createApiKey(email, "k", List.of(permissions), List.of(), null))
                        .secret()
                        .value();
    }

    Future<Reply> get(String path, String authorization) {
        return api.send("GET", path, authorization, NOTHING);
    }

    Future<Reply> send(String method, String path, String authorization, JsonObject body) {
        return api.send(method, path, authorization, body);
    }

    Future<Reply> send(
            String method,
            String path,
            String authorization,
            JsonObject body,
            Map<String, String> headers,
            String address) {
        return api.send(method, path, authorization, body, headers, address);
    }

    /** Replies by their Idempotency-Key. */
    Map<String, Reply> kept() {
        return api.kept();
    }

    static JsonObject account(String email) {
        return new JsonObject().put("email", email).put("password", PASSWORD);
    }

    static String basic(String email, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((email + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    static Failure failed(Future<?> future) {
        return ((FailureException) failure(future)).failure();
    }
}
