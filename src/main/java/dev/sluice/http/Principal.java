package dev.sluice.http;

import dev.sluice.kernel.StoreId;
import dev.sluice.kernel.UserId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An authenticated caller: a user narrowed by the key that was used. */
public interface Principal {
    UserId user();

    /** Names the key or session in limits, audit and idempotency scopes; never the secret. */
    String credentialId();

    /**
     * Whether the caller holds a permission; store permissions with the store, or null for {@code any store of
     * theirs}.
     */
    boolean allows(String permission, @Nullable StoreId store);

    /** Stores on which the caller holds a permission. */
    List<StoreId> storesAllowing(String permission);
}
