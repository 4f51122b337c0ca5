package dev.sluice.store;

import dev.sluice.kernel.Failure;
import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import java.util.Optional;

/** What other features may ask about stores. */
public interface StoreService {
    /** A store with its payment methods; archived ones too. */
    Future<Optional<Store>> find(StoreId id);

    /** The same; fails with {@code NotFound}. */
    default Future<Store> get(StoreId id) {
        return find(id).map(found -> found.orElseThrow(
                () -> new Failure.NotFound("store-not-found", "The store was not found").exception()));
    }
}
