package dev.sluice.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Applies the limits and tells callers where they stand (draft-ietf-httpapi-ratelimit-headers). */
final class Throttle {
    private final RateLimiter limiter;
    private final Limits limits;

    Throttle(RateLimiter limiter, Limits limits) {
        this.limiter = limiter;
        this.limits = limits;
    }

    /** The limit of an address, before anything is known about the caller. */
    Optional<Refusal> address(RoutingContext context, String address) {
        return take(context, limits.address(), ClientAddress.subscriber(address));
    }

    /** The limit of the credential; of the address for changes without one. */
    Optional<Refusal> caller(RoutingContext context, Optional<Principal> caller, String address, boolean read) {
        if (caller.isPresent()) {
            return take(context, limits.credential(), caller.get().credentialId());
        }
        return read ? Optional.empty() : take(context, limits.anonymousWrite(), ClientAddress.subscriber(address));
    }

    private Optional<Refusal> take(RoutingContext context, Limits.Zone zone, String caller) {
        RateLimiter.Decision decision = limiter.take(zone, caller);
        long windowSeconds = Math.ceilDiv(60L * zone.burst(), zone.perMinute());
        HttpServerResponse response = context.response();
        response.putHeader("RateLimit-Policy", "\"" + zone.name() + "\";q=" + zone.burst() + ";w=" + windowSeconds);
        response.putHeader(
                "RateLimit", "\"" + zone.name() + "\";r=" + decision.remaining() + ";t=" + decision.resetSeconds());
        return decision.admitted()
                ? Optional.empty()
                : Optional.of(Refusal.of(429, "rate-limited", "Too many requests; wait before the next one")
                        .with("Retry-After", Integer.toString(Math.max(1, decision.retryAfterSeconds()))));
    }
}
