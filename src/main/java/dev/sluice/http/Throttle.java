package dev.sluice.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Optional;

/** Applies the limits and tells callers where they stand (draft-ietf-httpapi-ratelimit-headers). */
final class Throttle {
    private static final CharSequence POLICY = HttpHeaders.createOptimized("RateLimit-Policy");
    private static final CharSequence STANDING = HttpHeaders.createOptimized("RateLimit");

    private final RateLimiter limiter;
    private final Gate address;
    private final Gate credential;
    private final Gate anonymousWrite;

    Throttle(RateLimiter limiter, Limits limits) {
        this.limiter = limiter;
        this.address = Gate.of(limits.address());
        this.credential = Gate.of(limits.credential());
        this.anonymousWrite = Gate.of(limits.anonymousWrite());
    }

    /** A limit with what its headers always say: every request carries them. */
    private record Gate(Limits.Zone zone, CharSequence policy, String remaining) {
        static Gate of(Limits.Zone zone) {
            long windowSeconds = Math.ceilDiv(60L * zone.burst(), zone.perMinute());
            String name = "\"" + zone.name() + "\"";
            String policy = name + ";q=" + zone.burst() + ";w=" + windowSeconds;
            return new Gate(zone, HttpHeaders.createOptimized(policy), name + ";r=");
        }
    }

    /** The limit of an address, before anything is known about the caller. */
    Optional<Refusal> address(RoutingContext context, String caller) {
        return take(context, address, ClientAddress.subscriber(caller));
    }

    /** The limit of the credential; of the address for changes without one. */
    Optional<Refusal> caller(RoutingContext context, Optional<Principal> caller, String from, boolean read) {
        if (caller.isPresent()) {
            return take(context, credential, caller.get().credentialId());
        }
        return read ? Optional.empty() : take(context, anonymousWrite, ClientAddress.subscriber(from));
    }

    private Optional<Refusal> take(RoutingContext context, Gate gate, String caller) {
        RateLimiter.Decision decision = limiter.take(gate.zone(), caller);
        context.response()
                .putHeader(POLICY, gate.policy())
                .putHeader(STANDING, gate.remaining() + decision.remaining() + ";t=" + decision.resetSeconds());
        return decision.admitted()
                ? Optional.empty()
                : Optional.of(Refusal.of(429, "rate-limited", "Too many requests; wait before the next one")
                        .with("Retry-After", Integer.toString(Math.max(1, decision.retryAfterSeconds()))));
    }
}
