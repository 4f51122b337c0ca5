package dev.sluice.identity;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Server-wide switches, kept in the database; each is off until it is set. */
public final class ServerPolicies {
    /** The closed set of switches. */
    public enum Policy {
        /** Anyone may create an account for themselves. */
        REGISTRATION_OPEN("registrationOpen"),
        /** Stores of users who are not administrators may use the operator's node and wallet too. */
        INTERNAL_FOR_ALL("allowInternalForAll");

        private final String key;

        Policy(String key) {
            this.key = key;
        }
    }

    private final UserRepository repository;

    ServerPolicies(UserRepository repository) {
        this.repository = repository;
    }

    public Future<Boolean> isOn(Policy policy) {
        return repository.setting(policy.key);
    }

    public Future<Void> set(SqlConnection tx, Policy policy, boolean on) {
        return repository.set(tx, policy.key, on);
    }
}
