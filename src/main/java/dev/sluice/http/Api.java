package dev.sluice.http;

import io.vertx.core.Future;
import java.util.function.Function;

/**
 * Where a feature describes its JSON routes. Paths are written in the contract's spelling ({@code
 * /api/v1/stores/{storeId}/invoices}); they match in any case and with or without a trailing slash. A handler parses,
 * asks a service and renders; it holds no rule.
 */
public interface Api {
    void get(String path, Access access, Function<Call, Future<Reply>> handler);

    void post(String path, Access access, Function<Call, Future<Reply>> handler);

    /**
     * As {@link #post}, for what knows a repeated request by itself and is asked so often that nothing is looked up
     * before it: a charge, whose row keeps the name of its request.
     */
    default void postNamed(String path, Access access, Function<Call, Future<Reply>> handler) {
        post(path, access, handler);
    }

    void put(String path, Access access, Function<Call, Future<Reply>> handler);

    void patch(String path, Access access, Function<Call, Future<Reply>> handler);

    void delete(String path, Access access, Function<Call, Future<Reply>> handler);
}
