package dev.sluice.http;

import dev.sluice.kernel.Check;
import java.net.URI;
import java.util.List;

/**
 * The public server.
 *
 * @param port 0 takes a free one
 * @param publicUrl where the gateway is reached from outside, without a trailing slash; never taken from a request
 * @param trustedProxies addresses or networks ({@code 10.0.0.0/8}) whose {@code X-Forwarded-For} is believed
 */
public record HttpConfig(
        String host, int port, String publicUrl, List<String> trustedProxies, Limits limits, Bounds bounds) {
    public HttpConfig {
        Check.require(port >= 0 && port < 65_536, "http port");
        URI url = URI.create(publicUrl);
        boolean web = "https".equals(url.getScheme()) || "http".equals(url.getScheme());
        Check.require(web && url.getHost() != null, "public URL is http or https with a host");
        Check.require(!publicUrl.endsWith("/") && url.getQuery() == null, "public URL has no trailing slash or query");
        trustedProxies = List.copyOf(trustedProxies);
    }

    /** Local only, standard limits and bounds. */
    public static HttpConfig local(int port, String publicUrl) {
        return new HttpConfig("127.0.0.1", port, publicUrl, List.of(), Limits.standard(), Bounds.standard());
    }

    /**
     * What the server holds at most.
     *
     * @param bodyMaxBytes of one request
     * @param connectionsMax open at once; more are answered 503 and closed
     * @param inFlightMax requests being answered at once, streams and waits apart; more are answered 503
     * @param streamsMax server-sent event streams and web sockets open at once
     * @param bodyTimeoutMs for a body to arrive whole
     * @param answerTimeoutMs for an answer, a wait that the caller asked for apart
     * @param idleTimeoutMs for the next request's head to arrive whole, or without a byte in either direction
     */
    public record Bounds(
            int bodyMaxBytes,
            int connectionsMax,
            int inFlightMax,
            int streamsMax,
            long bodyTimeoutMs,
            long answerTimeoutMs,
            long idleTimeoutMs) {
        /** The part of all places that one address may hold: it takes ten to shut others out. */
        private static final int ADDRESS_PART = 10;
        /** Where few are allowed in all: some browsers of one shop, each with six connections. */
        private static final int ADDRESS_MIN = 32;

        public Bounds {
            Check.require(bodyMaxBytes > 0 && connectionsMax > 0, "http bounds are positive");
            Check.require(inFlightMax > 0 && streamsMax > 0, "http bounds are positive");
            Check.require(bodyTimeoutMs > 0 && answerTimeoutMs > 0 && idleTimeoutMs > 0, "http timeouts are positive");
        }

        /**
         * Requests in flight of one address as long as nobody knows who asks: until the body is there and the
         * credential was looked at, which takes the tills of a shop behind one address some milliseconds each.
         */
        int inFlightOfAnAddress() {
            return ofAnAddress(inFlightMax);
        }

        /** Connections that one address may have open, unless it is a trusted proxy. */
        int connectionsOfAnAddress() {
            return ofAnAddress(connectionsMax);
        }

        /** Streams and web sockets that one caller may have open: an address, or a credential where there is one. */
        public int streamsOfACaller() {
            return ofAnAddress(streamsMax);
        }

        private static int ofAnAddress(int max) {
            return Math.min(max, Math.max(ADDRESS_MIN, max / ADDRESS_PART));
        }

        /** 256 KiB bodies hold any order; the rest fits a process of 512 MiB on two cores. */
        public static Bounds standard() {
            return new Bounds(256 * 1024, 10_000, 2_000, 5_000, 30_000, 30_000, 60_000);
        }
    }
}
