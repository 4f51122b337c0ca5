package dev.sluice.identity;

import dev.sluice.db.Db;
import dev.sluice.eventlog.EventLog;
import dev.sluice.http.Authenticator;
import dev.sluice.kernel.Clock;
import dev.sluice.kernel.Entropy;
import dev.sluice.kernel.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;

/** Users, keys and permissions, put together. */
public final class IdentityService {
    /** How old the last use that a key shows may be. */
    private static final long LAST_USED_EVERY_MS = 30_000;

    private final Vertx vertx;
    private final Passwords passwords;
    private final LastUsed lastUsed;
    private final Credentials credentials;
    private final ServerPolicies policies;
    private final StoreMembers members;
    private final IdentityAdmin admin;
    private final IdentityRoutes routes;

    private long timer = -1;

    public IdentityService(Vertx vertx, Db db, EventLog eventLog, Clock clock, Entropy entropy) {
        this.vertx = vertx;
        Ids ids = new Ids(clock, entropy);
        UserRepository users = new UserRepository(db);
        ApiKeyRepository keyRepository = new ApiKeyRepository(db);
        this.passwords = new Passwords(vertx, entropy);
        this.lastUsed = new LastUsed(keyRepository, clock);
        this.credentials = new Credentials(keyRepository, users, passwords, lastUsed, clock);
        this.policies = new ServerPolicies(users);
        this.members = new StoreMembers(new MemberRepository(), credentials);
        Accounts accounts = new Accounts(users, policies, passwords, credentials, eventLog, clock, ids);
        ApiKeys keys = new ApiKeys(keyRepository, eventLog, clock, entropy, ids);
        this.admin = new IdentityAdmin(db, eventLog, accounts, keys, users);
        this.routes = new IdentityRoutes(
                new UserRoutes(accounts, credentials, eventLog),
                new ApiKeyRoutes(keys, accounts, credentials, eventLog));
    }

    /** Starts writing when keys were used. */
    public void start() {
        timer = vertx.setPeriodic(LAST_USED_EVERY_MS, tick -> lastUsed.flush());
    }

    /** Writes what was noted and ends the password threads. */
    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        return lastUsed.flush()
                .timeout(LAST_USED_EVERY_MS, TimeUnit.MILLISECONDS)
                .eventually(passwords::close);
    }

    public Authenticator authenticator() {
        return credentials;
    }

    public IdentityRoutes routes() {
        return routes;
    }

    public IdentityAdmin admin() {
        return admin;
    }

    public StoreMembers members() {
        return members;
    }

    public ServerPolicies policies() {
        return policies;
    }
}
