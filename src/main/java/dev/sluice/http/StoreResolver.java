package dev.sluice.http;

import dev.sluice.kernel.StoreId;
import io.vertx.core.Future;
import java.util.Optional;

/** Finds the store that owns the thing a path parameter names. */
public interface StoreResolver {
    /** The path parameter it knows: {@code invoiceId}. */
    String parameter();

    /** The owner, or empty where there is no such thing. */
    Future<Optional<StoreId>> storeOf(String id);
}
