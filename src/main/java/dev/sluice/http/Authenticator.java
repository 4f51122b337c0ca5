package dev.sluice.http;

import io.vertx.core.Future;
import java.util.Optional;

/** Checks credentials. */
public interface Authenticator {
    /**
     * The caller behind an {@code Authorization} header, or empty where there is none. Wrong, expired or out of place
     * credentials fail with {@code Unauthenticated}.
     */
    Future<Optional<Principal>> authenticate(Optional<String> authorization, String remoteAddress);
}
