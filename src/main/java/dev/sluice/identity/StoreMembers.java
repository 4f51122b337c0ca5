package dev.sluice.identity;

import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;
import java.util.List;

/** Membership of stores, for the feature that owns stores. */
public final class StoreMembers {
    private final MemberRepository repository;
    private final Credentials credentials;

    StoreMembers(MemberRepository repository, Credentials credentials) {
        this.repository = repository;
        this.credentials = credentials;
    }

    /** Makes a user a member, or changes the role. After the commit the caller says {@link #changed()}. */
    public Future<Void> put(SqlConnection tx, StoreId store, UserId user, StoreRole role) {
        return repository.put(tx, store, user, role);
    }

    /** Ends a membership; whether the store still has an owner. After the commit the caller says {@link #changed()}. */
    public Future<Boolean> remove(SqlConnection tx, StoreId store, UserId user) {
        return repository.remove(tx, store, user).compose(removed -> repository.hasOwner(tx, store));
    }

    /** The stores that a user owns, oldest first. */
    public Future<List<StoreId>> ownedBy(SqlConnection tx, UserId user) {
        return repository.ownedBy(tx, user);
    }

    /** Memberships changed: what this process remembers of anyone's rights is forgotten. */
    public void changed() {
        credentials.forget();
    }
}
